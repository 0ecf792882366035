"""A study may be a copy of another one that does not say whose it is, and is known as such."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Which study is a copy of which."""

    dependencies: ClassVar = [
        ("imaging", "0007_studies_in_order"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="StudyCopy",
            fields=[
                ("study_id", models.UUIDField(primary_key=True, serialize=False)),
                ("vault_id", models.UUIDField()),
                ("original_id", models.UUIDField(db_index=True)),
                ("profile", models.CharField(max_length=20)),
                ("made_at", models.DateTimeField()),
            ],
        ),
    ]
