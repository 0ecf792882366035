"""Make the tables of drafts, consents and what they cover. Reversing drops them."""

import django.db.models.deletion
from django.db import migrations, models

import safelight.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="ConsentDraft",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("account_id", models.UUIDField(db_index=True)),
                ("vault_id", models.UUIDField()),
                ("sealed_choices", models.BinaryField()),
                ("changed_at", models.DateTimeField()),
                ("presented_at", models.DateTimeField(null=True)),
                ("sealed_presented", models.BinaryField(null=True)),
                ("consent_id", models.UUIDField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("vault_id", models.UUIDField(db_index=True)),
                ("grantor_id", models.UUIDField(db_index=True)),
                ("recipient_account_id", models.UUIDField(null=True)),
                ("recipient_token", models.BinaryField(max_length=16)),
                ("purpose", models.CharField(max_length=20)),
                ("may_view", models.BooleanField()),
                ("may_download", models.BooleanField()),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("granted_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                ("authorization_id", models.UUIDField(unique=True)),
                ("signed_digest", models.BinaryField(max_length=32)),
                ("sealed_terms", models.BinaryField()),
                ("sealed_words", models.BinaryField()),
                ("sealed_signature", models.BinaryField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["recipient_account_id", "ends_at"], name="consent_recipient"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="consent_ends_after_it_starts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("may_view", True)), name="consent_lets_at_least_look"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConsentItem",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("vault_id", models.UUIDField()),
                ("study_id", models.UUIDField(db_index=True)),
                ("series_id", models.UUIDField()),
                ("up_to", models.BigIntegerField()),
                ("pictures", models.IntegerField()),
                (
                    "consent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="consent.consent",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("consent", "series_id"), name="a_series_once_a_consent"
                    )
                ],
            },
        ),
    ]
