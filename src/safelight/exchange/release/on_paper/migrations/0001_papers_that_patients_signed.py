"""Papers that patients signed are recorded by two people of an institution."""

from django.db import migrations, models

import safelight.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="SignedPaper",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("vault_id", models.UUIDField()),
                ("organization_id", models.UUIDField(db_index=True)),
                ("subject_account_id", models.UUIDField(db_index=True, null=True)),
                (
                    "state",
                    models.CharField(
                        default="prepared",
                        max_length=8,
                    ),
                ),
                ("scan_kind", models.CharField(max_length=4)),
                ("recorded_at", models.DateTimeField()),
                ("lapses_at", models.DateTimeField()),
                ("signed_digest", models.BinaryField(max_length=32)),
                ("first_by_id", models.UUIDField()),
                ("first_at", models.DateTimeField(null=True)),
                ("first_authorization_id", models.UUIDField(null=True, unique=True)),
                ("second_by_id", models.UUIDField(null=True)),
                ("second_at", models.DateTimeField(null=True)),
                ("second_authorization_id", models.UUIDField(null=True, unique=True)),
                ("refused_by_id", models.UUIDField(null=True)),
                ("refused_at", models.DateTimeField(null=True)),
                ("consent_id", models.UUIDField(null=True, unique=True)),
                ("sealed_content", models.BinaryField()),
                ("sealed_scan", models.BinaryField()),
                ("sealed_first", models.BinaryField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("second_by_id__isnull", True),
                            models.Q(("second_by_id", models.F("first_by_id")), _negated=True),
                            _connector="OR",
                        ),
                        name="two_people_compare_a_paper",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "live"), _negated=True),
                            models.Q(
                                ("first_authorization_id__isnull", False),
                                ("second_authorization_id__isnull", False),
                                ("second_by_id__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="a_live_paper_has_two_approvals",
                    ),
                ],
            },
        ),
    ]
