"""Expand: requests by right, their steps, and the authorities that hear complaints.

Reversing drops them; that something was asked and answered stays in the record.
"""

from datetime import date
from typing import Any

import django.db.models.deletion
from django.db import migrations, models

import safelight.kernel.ids
import safelight.platform.keys.fields

_EEA = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
_FOUND = (
    (
        "edpb",
        "The data protection authority of your country",
        "https://www.edpb.europa.eu/about-edpb/about-edpb/members_en",
        _EEA.split(),
    ),
    (
        "ico",
        "Information Commissioner's Office",
        "https://ico.org.uk/make-a-complaint/",
        ["GB"],
    ),
    (
        "oaic",
        "Office of the Australian Information Commissioner",
        "https://www.oaic.gov.au/privacy/privacy-complaints",
        ["AU"],
    ),
    (
        "hhs-ocr",
        "Office for Civil Rights, Department of Health and Human Services",
        "https://www.hhs.gov/hipaa/filing-a-complaint/index.html",
        ["US"],
    ),
    ("ftc", "Federal Trade Commission", "https://reportfraud.ftc.gov/", ["US"]),
)


def put_authorities(apps: Any, _: Any) -> None:  # noqa: ANN401 (Django names no types)
    """Fill the directory as it stood when this was written; the privacy official edits it."""
    rows = apps.get_model("rights", "Authority").objects
    for code, name, page, countries in _FOUND:
        rows.create(
            code=code, name=name, page=page, countries=countries, checked_on=date(2026, 11, 24)
        )


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Authority",
            fields=[
                ("code", models.CharField(max_length=12, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=120)),
                ("page", models.URLField(max_length=300)),
                ("countries", models.JSONField(default=list)),
                ("checked_on", models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name="RightsRequest",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("account_id", models.UUIDField(db_index=True, null=True)),
                ("contact", safelight.platform.keys.fields.SealedTextField(null=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("access", "access"),
                            ("portability", "portability"),
                            ("accounting", "accounting"),
                            ("correction", "correction"),
                            ("erasure", "erasure"),
                            ("restriction", "restriction"),
                            ("objection", "objection"),
                            ("confidential_communication", "confidential_communication"),
                            ("complaint", "complaint"),
                        ],
                        max_length=30,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "received"),
                            ("identity_check", "identity_check"),
                            ("in_progress", "in_progress"),
                            ("waiting_for_requester", "waiting_for_requester"),
                            ("fulfilled", "fulfilled"),
                            ("partly_denied", "partly_denied"),
                            ("denied", "denied"),
                            ("withdrawn", "withdrawn"),
                            ("closed", "closed"),
                        ],
                        max_length=24,
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[("page", "page"), ("mail", "mail"), ("phone", "phone")],
                        max_length=5,
                    ),
                ),
                ("country", models.CharField(blank=True, default="", max_length=2)),
                ("words", safelight.platform.keys.fields.SealedTextField(null=True)),
                ("received_at", models.DateTimeField()),
                ("entered_by", models.UUIDField(null=True)),
                (
                    "ground",
                    models.CharField(
                        choices=[
                            ("not-identified", "not-identified"),
                            ("not-in-record-set", "not-in-record-set"),
                            ("not-ours", "not-ours"),
                            ("accurate-and-complete", "accurate-and-complete"),
                            ("kept-by-law", "kept-by-law"),
                            ("held-by-law", "held-by-law"),
                            ("rights-of-others", "rights-of-others"),
                            ("danger", "danger"),
                            ("unfounded-or-excessive", "unfounded-or-excessive"),
                            ("overriding-grounds", "overriding-grounds"),
                        ],
                        default="",
                        max_length=24,
                    ),
                ),
                ("letter", safelight.platform.keys.fields.SealedTextField(null=True)),
                ("letter_sent_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["partly_denied", "denied"]), _negated=True),
                            models.Q(
                                models.Q(("ground", ""), _negated=True),
                                ("letter_sent_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="what_is_denied_has_a_ground_and_a_letter",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("state", models.CharField(max_length=24)),
                ("by", models.CharField(max_length=128)),
                ("at", models.DateTimeField()),
                ("words", safelight.platform.keys.fields.SealedTextField(null=True)),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="rights.rightsrequest",
                    ),
                ),
            ],
        ),
        migrations.RunPython(put_authorities, migrations.RunPython.noop),
    ]
