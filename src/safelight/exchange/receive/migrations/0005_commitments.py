"""Who brought which object, and who asked whether it is kept."""

from django.db import migrations, models

import safelight.kernel.ids
import safelight.platform.keys.fields


class Migration(migrations.Migration):
    dependencies = [
        ("receive", "0004_dimse_as_a_channel"),
    ]

    operations = [
        migrations.CreateModel(
            name="Brought",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("connection_id", models.UUIDField()),
                ("uid_token", models.BinaryField(max_length=16)),
                ("digest_token", models.BinaryField(max_length=16)),
                ("brought_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["brought_at"], name="brought_when")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("connection_id", "uid_token", "digest_token"),
                        name="brought_once_by_a_connection",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Commitment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("connection_id", models.UUIDField()),
                ("transaction_token", models.BinaryField(max_length=16)),
                ("asked", safelight.platform.keys.fields.SealedTextField(null=True)),
                ("asked_at", models.DateTimeField()),
                ("tries", models.IntegerField(default=0)),
                ("next_at", models.DateTimeField(null=True)),
                ("reported_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["asked_at"], name="commitment_asked"),
                    models.Index(fields=["ended_at", "next_at"], name="commitment_next"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("connection_id", "transaction_token"), name="a_transaction_once"
                    )
                ],
            },
        ),
    ]
