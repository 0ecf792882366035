"""Make the tables of deliveries and resumable uploads. Reversing drops them."""

import django.db.models.deletion
from django.db import migrations, models

import safelight.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="IntakeBatch",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("vault_id", models.UUIDField(db_index=True)),
                ("account_id", models.UUIDField(db_index=True)),
                (
                    "channel",
                    models.CharField(
                        choices=[("web", "Web"), ("stow", "Stow"), ("import", "Import")],
                        max_length=8,
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("stored", models.IntegerField(default=0)),
                ("duplicate", models.IntegerField(default=0)),
                ("review", models.IntegerField(default=0)),
                ("refused", models.IntegerField(default=0)),
                ("sealed_attestation", models.BinaryField(default=bytes)),
                ("sealed_verdicts", models.BinaryField(default=bytes)),
            ],
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("account_id", models.UUIDField(db_index=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("receiving", "Receiving"),
                            ("processing", "Processing"),
                            ("done", "Done"),
                        ],
                        default="receiving",
                        max_length=10,
                    ),
                ),
                ("length", models.BigIntegerField()),
                ("received", models.BigIntegerField(default=0)),
                ("wrapped_key", models.BinaryField()),
                ("sealed_verdicts", models.BinaryField(default=bytes)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="uploads",
                        to="receive.intakebatch",
                    ),
                ),
            ],
        ),
    ]
