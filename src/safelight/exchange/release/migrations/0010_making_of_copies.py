"""The making of copies without a name, in the background, is kept with how far it is."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models

import safelight.kernel.ids


class Migration(migrations.Migration):
    """One row for the copies of one draft."""

    dependencies: ClassVar = [
        ("release", "0009_how_to_be_told_of_openings"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Copying",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("vault_id", models.UUIDField()),
                ("account_id", models.UUIDField(db_index=True)),
                ("wanted", models.JSONField()),
                ("looked_at", models.BooleanField()),
                ("profile", models.CharField(max_length=20)),
                (
                    "state",
                    models.CharField(
                        choices=[("making", "Making"), ("ready", "Ready"), ("nothing", "Nothing")],
                        default="making",
                        max_length=8,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("objects_wanted", models.IntegerField(default=0)),
                ("copied", models.IntegerField(default=0)),
                ("not_looked_at", models.IntegerField(default=0)),
                ("never_copied", models.IntegerField(default=0)),
                ("unreadable", models.IntegerField(default=0)),
                ("studies", models.JSONField(default=list)),
            ],
        ),
    ]
