"""Make the tables of vaults, patients and exams. Reversing drops them."""

from django.db import migrations, models

import safelight.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="InstanceModel",
            fields=[
                ("instance_id", models.UUIDField(primary_key=True, serialize=False)),
                ("series_id", models.UUIDField(db_index=True)),
                ("sealed_model", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="ReviewItem",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("vault_id", models.UUIDField(db_index=True)),
                ("batch_id", models.UUIDField(null=True)),
                ("reason", models.CharField(max_length=40)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("kept", "Kept"),
                            ("discarded", "Discarded"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("uid_token", models.BinaryField(max_length=16)),
                ("digest_token", models.BinaryField(max_length=16)),
                ("pack", models.CharField(max_length=80)),
                ("offset", models.BigIntegerField()),
                ("length", models.BigIntegerField()),
                ("wrapped_key", models.BinaryField()),
                ("sealed_card", models.BinaryField()),
                ("received_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="SeriesMetadata",
            fields=[
                ("series_id", models.UUIDField(primary_key=True, serialize=False)),
                ("arrival", models.BigIntegerField()),
                ("instances", models.IntegerField()),
                ("sealed_answer", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="Thumbnail",
            fields=[
                ("series_id", models.UUIDField(primary_key=True, serialize=False)),
                ("study_id", models.UUIDField(db_index=True)),
                ("sealed_picture", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="Instance",
            fields=[
                ("arrival", models.BigAutoField(primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=safelight.kernel.ids.new_id, unique=True)),
                ("vault_id", models.UUIDField()),
                ("study_id", models.UUIDField()),
                ("series_id", models.UUIDField()),
                ("uid_token", models.BinaryField(max_length=16)),
                ("digest_token", models.BinaryField(max_length=16)),
                ("pack", models.CharField(max_length=80)),
                ("offset", models.BigIntegerField()),
                ("length", models.BigIntegerField()),
                ("wrapped_key", models.BinaryField()),
                ("sealed_card", models.BinaryField()),
                ("received_at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["series_id", "arrival"], name="instance_series"),
                    models.Index(fields=["study_id"], name="instance_study"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("vault_id", "uid_token"), name="one_instance_in_a_vault"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PatientRecord",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("vault_id", models.UUIDField()),
                ("identity_token", models.BinaryField(max_length=16)),
                ("sealed_identity", models.BinaryField()),
                ("account_id", models.UUIDField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["account_id"], name="patient_account")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("vault_id", "identity_token"), name="one_record_for_each_patient"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchToken",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("vault_id", models.UUIDField()),
                ("token", models.BinaryField(max_length=16)),
                ("study_on", models.DateField(null=True)),
                ("study_id", models.UUIDField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["vault_id", "token", "-study_on", "study_id"], name="token_by_date"
                    ),
                    models.Index(fields=["study_id"], name="token_study"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("study_id", "token"), name="a_token_once_for_a_study"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Series",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("vault_id", models.UUIDField()),
                ("study_id", models.UUIDField()),
                ("uid_token", models.BinaryField(max_length=16)),
                ("sealed_answer", models.BinaryField()),
                ("received_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("study_id", "uid_token"), name="one_series_in_a_study"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Study",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("vault_id", models.UUIDField()),
                ("patient_id", models.UUIDField()),
                ("uid_token", models.BinaryField(max_length=16)),
                ("study_on", models.DateField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("filed", "Filed"), ("removed", "Removed"), ("erased", "Erased")],
                        default="filed",
                        max_length=8,
                    ),
                ),
                ("received_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(null=True)),
                ("sealed_answer", models.BinaryField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["vault_id", "state", "-study_on", "id"], name="study_by_date"
                    ),
                    models.Index(fields=["patient_id"], name="study_patient"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("vault_id", "uid_token"), name="one_study_in_a_vault"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Vault",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("person", "Person"), ("organization", "Organization")],
                        max_length=12,
                    ),
                ),
                ("account_id", models.UUIDField(null=True, unique=True)),
                ("organization_id", models.UUIDField(null=True, unique=True)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("account_id__isnull", True),
                            ("organization_id__isnull", True),
                            _connector="XOR",
                        ),
                        name="vault_has_one_custodian",
                    )
                ],
            },
        ),
    ]
