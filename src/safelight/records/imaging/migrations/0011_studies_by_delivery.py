"""An exam knows the delivery that brought it."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Where it came from."""

    dependencies: ClassVar = [
        ("imaging", "0010_reconciled_records"),
    ]

    operations: ClassVar = [
        migrations.AddField("study", "batch_id", models.UUIDField(null=True)),
    ]
