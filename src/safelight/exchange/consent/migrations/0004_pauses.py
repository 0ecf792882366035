"""A consent may be paused more than once, and for more than one reason at a time."""

import django.db.models.deletion
from django.db import migrations, models

import safelight.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0003_requests_for_a_consent"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConsentPause",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("by", models.CharField(max_length=16)),
                ("account_id", models.UUIDField(null=True)),
                ("since", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "consent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pauses",
                        to="consent.consent",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("consent", "by"),
                        name="one_pause_of_a_kind_at_a_time",
                    )
                ],
            },
        ),
    ]
