"""Expand: those that run this instance, with their roles.

Reversing drops the table; who had which role stays in the record.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import safelight.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_registries"),
    ]

    operations = [
        migrations.CreateModel(
            name="Staff",
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
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("system_admin", "System Admin"),
                            ("security_officer", "Security Officer"),
                            ("privacy_official", "Privacy Official"),
                            ("counsel", "Counsel"),
                            ("auditor", "Auditor"),
                            ("support", "Support"),
                        ],
                        max_length=20,
                    ),
                ),
                ("begun_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="staff_roles",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "role__in",
                                [
                                    "system_admin",
                                    "security_officer",
                                    "privacy_official",
                                    "counsel",
                                    "auditor",
                                    "support",
                                ],
                            )
                        ),
                        name="staff_role_is_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("account", "role"),
                        name="staff_role_held_once",
                    ),
                ],
            },
        ),
    ]
