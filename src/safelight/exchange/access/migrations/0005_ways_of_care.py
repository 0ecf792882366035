"""The desk enters who treats whom; reasons for a day; codes to claim a record.

Reversing needs relations that came by delivery alone.
"""

from django.db import migrations, models

import safelight.kernel.ids
import safelight.platform.keys.fields


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0004_changes_of_access"),
    ]

    operations = [
        migrations.CreateModel(
            name="CareReason",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("vault_id", models.UUIDField()),
                ("patient_id", models.UUIDField(db_index=True)),
                ("account_id", models.UUIDField()),
                ("on", models.DateField()),
                ("given_at", models.DateTimeField()),
                ("code", models.CharField(max_length=16)),
                ("words", safelight.platform.keys.fields.SealedTextField()),
            ],
        ),
        migrations.CreateModel(
            name="RecordClaim",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("vault_id", models.UUIDField(db_index=True)),
                ("patient_id", models.UUIDField()),
                ("code_token", models.BinaryField(max_length=16, unique=True)),
                ("made_by", models.UUIDField()),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("checked", safelight.platform.keys.fields.SealedTextField()),
                ("tries_left", models.SmallIntegerField()),
                ("used_at", models.DateTimeField(null=True)),
                ("account_id", models.UUIDField(db_index=True, null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(default="", max_length=12)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="carerelation",
            name="one_live_care_relation",
        ),
        migrations.RemoveConstraint(
            model_name="carerelation",
            name="one_live_care_relation_for_a_study",
        ),
        migrations.AddField(
            model_name="carerelation",
            name="ended_by",
            field=models.CharField(default="", max_length=12),
        ),
        migrations.AddField(
            model_name="carerelation",
            name="entered_by",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="carerelation",
            name="reason",
            field=safelight.platform.keys.fields.SealedTextField(null=True),
        ),
        migrations.AddField(
            model_name="carerelation",
            name="reference",
            field=safelight.platform.keys.fields.SealedTextField(null=True),
        ),
        migrations.AddField(
            model_name="carerelation",
            name="until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="carerelation",
            name="way",
            field=models.CharField(
                choices=[
                    ("delivery", "Delivery"),
                    ("list", "List"),
                    ("encounter", "Encounter"),
                    ("referral", "Referral"),
                ],
                default="delivery",
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="carerelation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("way", "delivery"),
                    models.Q(("entered_by__isnull", False), ("until__gt", models.F("since"))),
                    _connector="OR",
                ),
                name="care_has_an_end_but_by_delivery",
            ),
        ),
        migrations.AddConstraint(
            model_name="carerelation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True), ("study_id__isnull", True)),
                fields=("patient_id", "account_id", "way"),
                name="one_live_care_relation",
            ),
        ),
        migrations.AddConstraint(
            model_name="carerelation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True), ("study_id__isnull", False)),
                fields=("study_id", "account_id", "way"),
                name="one_live_care_relation_for_a_study",
            ),
        ),
        migrations.AddConstraint(
            model_name="carereason",
            constraint=models.UniqueConstraint(
                fields=("patient_id", "account_id", "on"), name="a_reason_once_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="recordclaim",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("patient_id",),
                name="one_claim_of_a_record_at_a_time",
            ),
        ),
    ]
