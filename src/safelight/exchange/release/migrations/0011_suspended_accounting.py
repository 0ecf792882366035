"""A disclosure can be left out of what its owner is told, and accountings are counted."""

from django.db import migrations, models

import safelight.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("release", "0010_making_of_copies"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountingGiven",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("account_id", models.UUIDField(db_index=True)),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="AccountingSuspension",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("disclosure_id", models.UUIDField(db_index=True)),
                ("vault_id", models.UUIDField(db_index=True)),
                ("placed_at", models.DateTimeField()),
                ("placed_by_id", models.UUIDField()),
                ("until", models.DateTimeField(db_index=True)),
                ("is_written", models.BooleanField()),
                ("sealed_statement", models.BinaryField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("placed_at"))),
                        name="suspension_ends_after_it_began",
                    )
                ],
            },
        ),
    ]
