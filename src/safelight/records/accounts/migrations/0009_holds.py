"""Expand: what is held back for a while.

Reversing lifts every hold; that there was one stays in the record.
"""

from django.db import migrations, models

import safelight.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_staff"),
    ]

    operations = [
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("source", "Source"),
                            ("step-up", "Step Up"),
                            ("closed", "Closed"),
                            ("uploads", "Uploads"),
                            ("deletes", "Deletes"),
                        ],
                        max_length=8,
                    ),
                ),
                ("subject", models.CharField(max_length=80)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                ("lifted_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at", None)),
                        fields=("kind", "subject"),
                        name="one_hold_of_a_kind",
                    )
                ],
            },
        ),
    ]
