"""Staff, and clinicians in an emergency, have access for a few hours, which is reviewed."""

from django.db import migrations, models

import safelight.kernel.ids
import safelight.platform.keys.fields


class Migration(migrations.Migration):
    dependencies = [
        ("powers", "0001_acts_that_need_two_people"),
    ]

    operations = [
        migrations.CreateModel(
            name="TimedAccess",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                (
                    "way",
                    models.CharField(
                        choices=[("elevation", "Elevation"), ("break-glass", "Break Glass")],
                        max_length=12,
                    ),
                ),
                ("account_id", models.UUIDField(db_index=True)),
                ("vault_id", models.UUIDField(db_index=True)),
                ("patient_id", models.UUIDField(db_index=True, null=True)),
                ("study_id", models.UUIDField(db_index=True, null=True)),
                ("approval_id", models.UUIDField(null=True, unique=True)),
                ("authorization_id", models.UUIDField(null=True, unique=True)),
                ("signed_digest", models.BinaryField(max_length=32)),
                ("cause", models.CharField(max_length=20)),
                ("reason", safelight.platform.keys.fields.SealedTextField()),
                ("ticket", safelight.platform.keys.fields.SealedTextField(null=True)),
                ("began_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(default="", max_length=12)),
                ("notice_due_at", models.DateTimeField()),
                ("owner_told_at", models.DateTimeField(null=True)),
                ("held_by_id", models.UUIDField(null=True)),
                ("held_because", safelight.platform.keys.fields.SealedTextField(null=True)),
                ("review_due_at", models.DateTimeField(db_index=True)),
                ("reviewed_at", models.DateTimeField(null=True)),
                ("reviewed_by_id", models.UUIDField(null=True)),
                (
                    "verdict",
                    models.CharField(
                        choices=[("justified", "Justified"), ("unjustified", "Unjustified")],
                        default="",
                        max_length=12,
                    ),
                ),
                ("verdict_words", safelight.platform.keys.fields.SealedTextField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("patient_id__isnull", False), ("study_id__isnull", True)),
                            models.Q(("patient_id__isnull", True), ("study_id__isnull", False)),
                            _connector="OR",
                        ),
                        name="an_access_is_to_one_exam_or_one_patient",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("began_at"))),
                        name="an_access_has_an_end",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("approval_id__isnull", False), ("way", "elevation")),
                            models.Q(
                                ("authorization_id__isnull", False),
                                ("patient_id__isnull", False),
                                ("way", "break-glass"),
                            ),
                            _connector="OR",
                        ),
                        name="an_access_rests_on_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reviewed_at__isnull", True),
                            models.Q(
                                ("reviewed_by_id__isnull", False),
                                models.Q(("reviewed_by_id", models.F("account_id")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="nobody_reviews_their_own_access",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("held_by_id__isnull", True),
                            models.Q(("held_by_id", models.F("account_id")), _negated=True),
                            _connector="OR",
                        ),
                        name="a_second_person_puts_a_notice_off",
                    ),
                ],
            },
        ),
    ]
