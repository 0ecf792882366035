"""Agreements with partners, and their papers."""

import django.db.models.deletion
from django.db import migrations, models

import safelight.kernel.ids
import safelight.platform.keys.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Agreement",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("organization_id", models.UUIDField(db_index=True)),
                ("partner_id", models.UUIDField(db_index=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("baa", "Baa"),
                            ("baa_subcontractor", "Subcontractor Baa"),
                            ("data_use", "Data Use"),
                            ("dpa", "Processing"),
                            ("scc", "Standard Clauses"),
                            ("participation", "Participation"),
                            ("qsoa", "Qualified Service"),
                            ("confidentiality", "Confidentiality"),
                        ],
                        max_length=20,
                    ),
                ),
                ("parties", safelight.platform.keys.fields.SealedTextField()),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("paper", safelight.platform.keys.fields.SealedBytesField()),
                ("digest", models.BinaryField(max_length=32)),
                ("recorded_by", models.CharField(max_length=60)),
                ("recorded_at", models.DateTimeField()),
                ("verified_by", models.CharField(default="", max_length=60)),
                ("verified_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(default="", max_length=60)),
                ("ended_because", safelight.platform.keys.fields.SealedTextField(null=True)),
                (
                    "renews",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="renewals",
                        to="agreements.agreement",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="an_agreement_lasts_for_some_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("verified_at__isnull", True),
                            models.Q(
                                models.Q(("verified_by", ""), _negated=True),
                                models.Q(("verified_by", models.F("recorded_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="two_people_stand_for_an_agreement",
                    ),
                ],
            },
        ),
    ]
