"""Make accounts, organisations, sessions, tokens, proofs, counters and authorizations.

Expand step: everything is new. Reversing drops it all.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import safelight.kernel.clock
import safelight.kernel.ids
import safelight.platform.keys.fields
import safelight.records.accounts.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Attempts",
            fields=[
                ("bucket", models.BinaryField(max_length=16, primary_key=True, serialize=False)),
                ("since", models.DateTimeField(db_index=True)),
                ("count", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Organization",
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
                ("name", safelight.platform.keys.fields.SealedTextField()),
                (
                    "same_name",
                    safelight.platform.keys.fields.SameSealedField(max_length=720, unique=True),
                ),
                ("created_at", models.DateTimeField(default=safelight.kernel.clock.now)),
            ],
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
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
                        choices=[("individual", "Individual"), ("provider", "Provider")],
                        max_length=12,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("unverified", "Unverified"),
                            ("active", "Active"),
                            ("locked", "Locked"),
                            ("suspended", "Suspended"),
                            ("inactive", "Inactive"),
                            ("closed", "Closed"),
                            ("erased", "Erased"),
                        ],
                        default="unverified",
                        max_length=12,
                    ),
                ),
                ("name", safelight.platform.keys.fields.SealedTextField()),
                ("locale", models.CharField(default="en", max_length=12)),
                ("created_at", models.DateTimeField(default=safelight.kernel.clock.now)),
                ("password_changed_at", models.DateTimeField(default=safelight.kernel.clock.now)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["individual", "provider"])),
                        name="account_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "unverified",
                                    "active",
                                    "locked",
                                    "suspended",
                                    "inactive",
                                    "closed",
                                    "erased",
                                ],
                            )
                        ),
                        name="account_state_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AddressProof",
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
                    "purpose",
                    models.CharField(
                        choices=[("verify", "Verify"), ("reset", "Reset")], max_length=8
                    ),
                ),
                ("code_token", models.BinaryField(max_length=16)),
                ("tries_left", models.PositiveSmallIntegerField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proofs",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Challenge",
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
                ("session_id", models.UUIDField()),
                ("digest", models.BinaryField(max_length=32)),
                ("nonce", models.BinaryField(max_length=32)),
                ("meaning", models.CharField(max_length=120)),
                ("asked_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Session",
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
                ("key_hash", models.BinaryField(max_length=32, unique=True)),
                ("data", safelight.records.accounts.fields.SealedJSONField()),
                ("device", safelight.platform.keys.fields.SealedTextField()),
                ("aal", models.PositiveSmallIntegerField(default=0)),
                ("auth_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField(db_index=True)),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ApiToken",
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
                ("public", models.CharField(max_length=10, unique=True)),
                ("secret_hash", models.BinaryField(max_length=32)),
                ("label", safelight.platform.keys.fields.SealedTextField()),
                ("scopes", models.JSONField()),
                ("no_rate_limit", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("last_used_on", models.DateField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_tokens",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("created_at"))),
                        name="token_expires_after_creation",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Authorization",
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
                ("session_id", models.UUIDField()),
                ("digest", models.BinaryField(max_length=32)),
                ("meaning", models.CharField(max_length=120)),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("passkey", "Passkey"),
                            ("password-and-code", "Password And Code"),
                        ],
                        max_length=20,
                    ),
                ),
                ("evidence", safelight.records.accounts.fields.SealedJSONField()),
                ("given_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "challenge",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="authorization",
                        to="accounts.challenge",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("used_at__isnull", True),
                            models.Q(
                                ("used_at__gte", models.F("given_at")),
                                ("used_at__lt", models.F("expires_at")),
                            ),
                            _connector="OR",
                        ),
                        name="authorization_used_in_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
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
                            ("clinician", "Clinician"),
                            ("imaging_desk", "Imaging Desk"),
                            ("privacy_officer", "Privacy Officer"),
                            ("admin", "Admin"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("invited", "Invited"), ("active", "Active"), ("ended", "Ended")],
                        default="active",
                        max_length=8,
                    ),
                ),
                ("since", models.DateTimeField(default=safelight.kernel.clock.now)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("invited", "active"))),
                        fields=("account", "organization", "role"),
                        name="one_membership_per_role",
                    )
                ],
            },
        ),
    ]
