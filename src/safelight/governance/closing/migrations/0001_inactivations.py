"""Times away: since when an account is inactive, until when its owner may come back."""

from django.db import migrations, models

import safelight.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Inactivation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("account_id", models.UUIDField()),
                ("authorization_id", models.UUIDField(unique=True)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(db_index=True)),
                ("returned_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None), ("returned_at", None)),
                        fields=("account_id",),
                        name="one_inactivation_at_a_time",
                    )
                ],
            },
        ),
    ]
