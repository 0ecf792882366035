"""Somebody who may look asks the owner for a consent."""

from django.db import migrations, models

import safelight.exchange.consent.requests
import safelight.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0002_more_kinds_of_consent"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConsentRequest",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("vault_id", models.UUIDField()),
                ("study_id", models.UUIDField()),
                ("asker_id", models.UUIDField(db_index=True)),
                ("asked_id", models.UUIDField(db_index=True)),
                ("asked_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        default=safelight.exchange.consent.requests.RequestState["REQUESTED"],
                        max_length=10,
                    ),
                ),
                ("viewed_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("consent_id", models.UUIDField(null=True)),
                ("sealed_wish", models.BinaryField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("asker_id", "study_id"),
                        name="one_open_request_for_an_exam",
                    )
                ],
            },
        ),
    ]
