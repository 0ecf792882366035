"""Acts that nobody may do alone are asked for by one person and approved by another."""

from django.db import migrations, models

import safelight.kernel.ids
import safelight.platform.keys.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Approval",
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
                        choices=[
                            ("key_export", "Key Export"),
                            ("mass_export", "Mass Export"),
                            ("destruction", "Destruction"),
                            ("elevation", "Elevation"),
                            ("open_without_journal", "Open Without Journal"),
                            ("hold_release", "Hold Release"),
                        ],
                        max_length=24,
                    ),
                ),
                ("subject", models.CharField(max_length=100)),
                ("deed", safelight.platform.keys.fields.SealedTextField()),
                ("digest", models.BinaryField(max_length=32)),
                ("signed_digest", models.BinaryField(max_length=32)),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("incident", "Incident"),
                            ("maintenance", "Maintenance"),
                            ("recovery", "Recovery"),
                            ("rights_request", "Rights Request"),
                            ("legal", "Legal"),
                            ("end_of_keeping", "End Of Keeping"),
                            ("other", "Other"),
                        ],
                        max_length=16,
                    ),
                ),
                ("reason", safelight.platform.keys.fields.SealedTextField()),
                ("ticket", safelight.platform.keys.fields.SealedTextField()),
                ("asked_by_id", models.UUIDField(db_index=True)),
                ("asked_at", models.DateTimeField()),
                ("asked_authorization_id", models.UUIDField(unique=True)),
                ("lapses_at", models.DateTimeField(db_index=True)),
                ("approved_by_id", models.UUIDField(null=True)),
                ("approved_at", models.DateTimeField(null=True)),
                ("approved_authorization_id", models.UUIDField(null=True, unique=True)),
                ("use_by", models.DateTimeField(null=True)),
                ("used_at", models.DateTimeField(null=True)),
                ("used_by", models.CharField(default="", max_length=60)),
                ("refused_by_id", models.UUIDField(null=True)),
                ("refused_at", models.DateTimeField(null=True)),
                ("cancelled_at", models.DateTimeField(null=True)),
                ("lapse_noted_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by_id__isnull", True),
                            models.Q(("approved_by_id", models.F("asked_by_id")), _negated=True),
                            _connector="OR",
                        ),
                        name="nobody_approves_their_own_request",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_at__isnull", True),
                            models.Q(
                                ("approved_authorization_id__isnull", False),
                                ("approved_by_id__isnull", False),
                                ("use_by__gt", models.F("approved_at")),
                                ("use_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="an_approval_is_signed_and_bounded",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("used_at__isnull", True),
                            models.Q(
                                ("approved_at__isnull", False),
                                ("approved_at__lte", models.F("used_at")),
                                ("cancelled_at__isnull", True),
                                ("refused_at__isnull", True),
                                ("use_by__gt", models.F("used_at")),
                            ),
                            _connector="OR",
                        ),
                        name="only_what_was_approved_is_used",
                    ),
                ],
            },
        ),
    ]
