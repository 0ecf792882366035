"""Remember that exams filed before lack the words of their patients' names, until a job adds them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations, models


def ask_for_words(apps: Any, schema_editor: Any) -> None:  # noqa: ANN401 (Django names no types)
    """Ask for words where there are exams that have none."""
    using = schema_editor.connection.alias
    if apps.get_model("imaging", "Study").objects.using(using).exists():
        apps.get_model("imaging", "WordsToAdd").objects.using(using).create(after=None)


class Migration(migrations.Migration):
    """A row that says how far the job has come, and no row where it is done."""

    dependencies: ClassVar = [("imaging", "0005_parts_that_were_removed")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="WordsToAdd",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("after", models.UUIDField(null=True)),
            ],
        ),
        migrations.RunPython(ask_for_words, migrations.RunPython.noop),
    ]
