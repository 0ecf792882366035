"""Partners of institutions, and the systems that they are connected by."""

import django.db.models.deletion
from django.db import migrations, models

import safelight.kernel.ids
import safelight.platform.keys.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Partner",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("organization_id", models.UUIDField(db_index=True)),
                ("name", safelight.platform.keys.fields.SealedTextField()),
                ("country", models.CharField(max_length=2)),
                ("counterpart_id", models.UUIDField()),
                ("added_by", models.CharField(max_length=60)),
                ("added_at", models.DateTimeField()),
                (
                    "through",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.partner",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Connection",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("organization_id", models.UUIDField(db_index=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("dimse", "Dimse"),
                            ("dicomweb", "Dicomweb"),
                            ("safelight", "Safelight"),
                        ],
                        max_length=12,
                    ),
                ),
                ("name", safelight.platform.keys.fields.SealedTextField()),
                ("they_send", models.BooleanField(default=False)),
                ("they_ask", models.BooleanField(default=False)),
                ("we_send", models.BooleanField(default=False)),
                ("called", safelight.platform.keys.fields.SealedTextField()),
                ("calling", safelight.platform.keys.fields.SealedTextField()),
                ("host", safelight.platform.keys.fields.SealedTextField()),
                ("port", models.IntegerField(default=0)),
                ("url", safelight.platform.keys.fields.SealedTextField()),
                ("networks", safelight.platform.keys.fields.SealedTextField()),
                ("is_plain", models.BooleanField(default=False)),
                ("client_certificate", safelight.platform.keys.fields.SealedTextField()),
                ("next_client_certificate", safelight.platform.keys.fields.SealedTextField()),
                ("server_certificate", safelight.platform.keys.fields.SealedTextField()),
                ("next_server_certificate", safelight.platform.keys.fields.SealedTextField()),
                ("peer_token", models.BinaryField(db_index=True, max_length=16)),
                (
                    "basis",
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
                        default="",
                        max_length=20,
                    ),
                ),
                ("holds_eea_data", models.BooleanField(default=False)),
                ("is_part2", models.BooleanField(default=False)),
                ("needs", models.CharField(default="", max_length=120)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("open", "Open"),
                            ("suspended", "Suspended"),
                            ("closed", "Closed"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("changed_by", models.CharField(max_length=60)),
                ("changed_at", models.DateTimeField()),
                ("opened_by", models.CharField(default="", max_length=60)),
                ("opened_at", models.DateTimeField(null=True)),
                ("tested_at", models.DateTimeField(null=True)),
                ("test_outcome", models.CharField(default="", max_length=24)),
                (
                    "partner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="connections",
                        to="partners.partner",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="partner",
            constraint=models.UniqueConstraint(
                fields=("organization_id", "counterpart_id"), name="a_partner_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="connection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "open"), _negated=True),
                    models.Q(
                        ("opened_at__isnull", False),
                        models.Q(("opened_by", ""), _negated=True),
                        models.Q(("opened_by", models.F("changed_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="nobody_opens_what_they_changed",
            ),
        ),
        migrations.AddConstraint(
            model_name="connection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("partner__isnull", True),
                    models.Q(("needs", ""), _negated=True),
                    _connector="OR",
                ),
                name="a_partners_connection_needs_an_agreement",
            ),
        ),
    ]
