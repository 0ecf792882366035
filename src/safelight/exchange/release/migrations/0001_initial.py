"""Make the tables of shares, looks and disclosures. Reversing drops them."""

import django.db.models.deletion
from django.db import migrations, models

import safelight.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Disclosure",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("vault_id", models.UUIDField()),
                ("study_id", models.UUIDField(db_index=True)),
                ("at", models.DateTimeField()),
                (
                    "basis",
                    models.CharField(
                        choices=[("self", "Self"), ("authorised", "Authorised")], max_length=12
                    ),
                ),
                ("consent_id", models.UUIDField(db_index=True, null=True)),
                ("recipient", models.CharField(max_length=60)),
                ("channel", models.CharField(max_length=12)),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("complete", "Complete"),
                            ("partial", "Partial"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("pictures", models.IntegerField(default=0)),
                ("size", models.BigIntegerField(default=0)),
                ("ended_at", models.DateTimeField(null=True)),
                ("sealed_detail", models.BinaryField(default=bytes)),
            ],
        ),
        migrations.CreateModel(
            name="Share",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("consent_id", models.UUIDField(unique=True)),
                ("vault_id", models.UUIDField(db_index=True)),
                ("grantor_id", models.UUIDField(db_index=True)),
                ("secret_hash", models.BinaryField(max_length=32)),
                ("printed_hash", models.BinaryField(max_length=32)),
                ("passphrase_hash", models.CharField(default="", max_length=200)),
                ("needs_release", models.BooleanField(default=False)),
                ("tries_left", models.SmallIntegerField(default=5)),
                ("created_at", models.DateTimeField()),
                ("verified_at", models.DateTimeField(null=True)),
                ("released_at", models.DateTimeField(null=True)),
                ("locked_at", models.DateTimeField(null=True)),
                ("declined_at", models.DateTimeField(null=True)),
                ("last_opened_at", models.DateTimeField(null=True)),
                ("openings", models.IntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Look",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("vault_id", models.UUIDField()),
                ("study_id", models.UUIDField(db_index=True)),
                ("actor", models.CharField(max_length=60)),
                ("session", models.CharField(max_length=60)),
                ("basis", models.CharField(max_length=20)),
                ("consent_id", models.UUIDField(null=True)),
                ("disclosure_id", models.UUIDField(null=True)),
                ("opened_at", models.DateTimeField()),
                ("pictures", models.IntegerField(default=0)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["study_id", "-opened_at"], name="look_by_study"),
                    models.Index(fields=["actor", "session", "study_id"], name="look_by_actor"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ShareCode",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("code_hash", models.BinaryField(max_length=32)),
                ("sent_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "share",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="codes",
                        to="release.share",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="GuestEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("token_hash", models.BinaryField(max_length=32)),
                ("began_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("proved_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "share",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entries",
                        to="release.share",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("token_hash", "share"), name="one_entry_for_a_share"
                    )
                ],
            },
        ),
    ]
