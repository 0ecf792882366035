"""Transfers go to connected systems, object by object.

Reversing forgets what was transferred; disclosures stay.
"""

import django.db.models.deletion
from django.db import migrations, models

import safelight.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Transfer",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("vault_id", models.UUIDField()),
                ("study_id", models.UUIDField(db_index=True)),
                ("organization_id", models.UUIDField(db_index=True)),
                ("connection_id", models.UUIDField()),
                ("consent_id", models.UUIDField(db_index=True, null=True)),
                ("ordered_by", models.CharField(max_length=60)),
                ("ordered_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("sending", "Sending"),
                            ("held", "Held"),
                            ("put-off", "Put Off"),
                            ("sent", "Sent"),
                            ("failed", "Failed"),
                            ("stopped", "Stopped"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("cause", models.CharField(default="", max_length=60)),
                ("epoch", models.IntegerField(default=0)),
                ("attempts", models.IntegerField(default=0)),
                ("next_at", models.DateTimeField(null=True)),
                ("wanted", models.IntegerField()),
                ("sent", models.IntegerField(default=0)),
                ("size", models.BigIntegerField(default=0)),
                ("proof", models.BinaryField(max_length=32, null=True)),
                ("disclosure_id", models.UUIDField(null=True)),
                ("sealed_coercion", models.BinaryField(null=True)),
                ("changed_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["state", "next_at"], name="transfer_by_state")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("queued", "sending", "held", "put-off"))),
                        fields=("study_id", "connection_id"),
                        name="one_transfer_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sent__lte", models.F("wanted"))),
                        name="no_more_sent_than_wanted",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "sent"), _negated=True),
                            models.Q(("proof__isnull", False), ("sent", models.F("wanted"))),
                            _connector="OR",
                        ),
                        name="sent_with_a_proof",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TransferItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.IntegerField()),
                ("instance_id", models.UUIDField(db_index=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("leaving", "Leaving"),
                            ("sent", "Sent"),
                            ("refused", "Refused"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("cause", models.CharField(default="", max_length=60)),
                ("sha256", models.BinaryField(max_length=32, null=True)),
                ("size", models.BigIntegerField(default=0)),
                ("under", models.UUIDField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="transfer.transfer",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("transfer", "instance_id"), name="an_object_once"
                    ),
                    models.UniqueConstraint(
                        fields=("transfer", "number"), name="one_object_a_turn"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "sent"), _negated=True),
                            models.Q(("sent_at__isnull", False), ("sha256__isnull", False)),
                            _connector="OR",
                        ),
                        name="an_object_sent_with_its_hash",
                    ),
                ],
            },
        ),
    ]
