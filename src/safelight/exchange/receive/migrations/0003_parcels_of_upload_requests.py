"""Expand: links by which outsiders send, who sent by them, and parcels that wait.

Reversing drops the tables; spools of parcels that waited stay behind in the folder of uploads.
"""

import django.db.models.deletion
from django.db import migrations, models

import safelight.kernel.ids
import safelight.platform.keys.fields


class Migration(migrations.Migration):
    dependencies = [
        ("receive", "0002_upload_spools"),
    ]

    operations = [
        migrations.CreateModel(
            name="Parcel",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("vault_id", models.UUIDField(db_index=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("coming", "Coming"),
                            ("waiting", "Waiting"),
                            ("taken", "Taken"),
                            ("filed", "Filed"),
                            ("refused", "Refused"),
                            ("lapsed", "Lapsed"),
                        ],
                        default="coming",
                        max_length=8,
                    ),
                ),
                ("expected_files", models.IntegerField(default=0)),
                ("expected_bytes", models.BigIntegerField(default=0)),
                ("files", models.IntegerField(default=0)),
                ("left_out", models.IntegerField(default=0)),
                ("size", models.BigIntegerField(default=0)),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.UUIDField(null=True)),
                ("decided_in", models.CharField(default="", max_length=60)),
                ("sealed_receipt", models.BinaryField(default=bytes)),
                ("sealed_choices", models.BinaryField(default=bytes)),
            ],
        ),
        migrations.CreateModel(
            name="Sender",
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
                ("named_at", models.DateTimeField(null=True)),
                ("name", safelight.platform.keys.fields.SealedTextField(null=True)),
                ("address", safelight.platform.keys.fields.SealedTextField(null=True)),
                ("relation", safelight.platform.keys.fields.SealedTextField(null=True)),
                ("read_the_code", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="UploadRequest",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("vault_id", models.UUIDField(db_index=True)),
                ("account_id", models.UUIDField(db_index=True, null=True)),
                ("organization_id", models.UUIDField(db_index=True, null=True)),
                ("asked_by", models.UUIDField()),
                ("secret_hash", models.BinaryField(max_length=32)),
                ("expected", safelight.platform.keys.fields.SealedTextField(null=True)),
                ("address", safelight.platform.keys.fields.SealedTextField(null=True)),
                ("message", safelight.platform.keys.fields.SealedTextField(null=True)),
                ("check_by", models.CharField(max_length=10)),
                ("passphrase_hash", models.CharField(default="", max_length=64)),
                ("tries_left", models.SmallIntegerField(default=5)),
                ("most_parcels", models.IntegerField()),
                ("parcels_left", models.IntegerField()),
                ("most_files", models.IntegerField()),
                ("most_bytes", models.BigIntegerField()),
                ("made_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("locked_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AlterField(
            model_name="intakebatch",
            name="channel",
            field=models.CharField(
                choices=[
                    ("web", "Web"),
                    ("stow", "Stow"),
                    ("import", "Import"),
                    ("request", "Request"),
                ],
                max_length=8,
            ),
        ),
        migrations.CreateModel(
            name="ParcelPart",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
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
                ("spool", models.CharField(max_length=40)),
                ("wrapped_key", models.BinaryField()),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("sealed_contents", models.BinaryField(default=bytes)),
                ("filed_at", models.DateTimeField(null=True)),
                (
                    "parcel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="receive.parcel",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="parcel",
            name="sender",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="parcels",
                to="receive.sender",
            ),
        ),
        migrations.CreateModel(
            name="SenderCode",
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
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="codes",
                        to="receive.uploadrequest",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="sender",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="senders",
                to="receive.uploadrequest",
            ),
        ),
        migrations.AddField(
            model_name="parcel",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="parcels",
                to="receive.uploadrequest",
            ),
        ),
        migrations.AddConstraint(
            model_name="sender",
            constraint=models.UniqueConstraint(
                fields=("token_hash", "request"), name="one_sender_for_a_link"
            ),
        ),
    ]
