"""People act for others, verified by two of an institution."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import safelight.kernel.ids
import safelight.platform.keys.fields


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_groups"),
    ]

    operations = [
        migrations.CreateModel(
            name="Representative",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("parent", "Parent"),
                            ("guardian", "Guardian"),
                            ("proxy", "Proxy"),
                            ("executor", "Executor"),
                            ("helper", "Helper"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("invited", "Invited"),
                            ("pending", "Pending"),
                            ("verified", "Verified"),
                            ("disputed", "Disputed"),
                            ("blocked", "Blocked"),
                            ("ended", "Ended"),
                        ],
                        max_length=10,
                    ),
                ),
                ("patient_id", models.UUIDField(db_index=True, null=True)),
                ("may_share", models.BooleanField(default=False)),
                ("may_manage", models.BooleanField(default=False)),
                ("may_use_rights", models.BooleanField(default=False)),
                ("represented_name", safelight.platform.keys.fields.SealedTextField()),
                ("represented_address", safelight.platform.keys.fields.SealedTextField()),
                ("jurisdiction", safelight.platform.keys.fields.SealedTextField()),
                ("born_on", safelight.platform.keys.fields.SealedTextField()),
                ("ends_on", safelight.platform.keys.fields.SealedTextField()),
                ("is_until_majority", models.BooleanField(default=False)),
                ("notices_sent", models.SmallIntegerField(default=0)),
                ("asked_at", models.DateTimeField()),
                ("authorization_id", models.UUIDField(null=True, unique=True)),
                ("first_at", models.DateTimeField(null=True)),
                ("second_at", models.DateTimeField(null=True)),
                ("starts_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(default="", max_length=16)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="represents",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "first_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "represented",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "second_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Evidence",
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
                ("note", safelight.platform.keys.fields.SealedTextField()),
                ("paper", safelight.platform.keys.fields.SealedBytesField()),
                ("paper_name", safelight.platform.keys.fields.SealedTextField()),
                ("added_at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "representative",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="accounts.representative",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="representative",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("represented__isnull", True),
                    models.Q(("represented", models.F("account")), _negated=True),
                    _connector="OR",
                ),
                name="nobody_represents_themselves",
            ),
        ),
        migrations.AddConstraint(
            model_name="representative",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("second_by__isnull", True),
                    models.Q(
                        ("first_by__isnull", False),
                        models.Q(("second_by", models.F("first_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="two_different_people_verify",
            ),
        ),
        migrations.AddConstraint(
            model_name="representative",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ("invited", "pending", "ended")),
                    ("starts_at__isnull", False),
                    _connector="OR",
                ),
                name="what_is_verified_has_begun",
            ),
        ),
    ]
