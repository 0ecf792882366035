"""How is an agreement kept, from the first draft to its end?

A consent row never changes but to be ended. Names, addresses and the words
shown are sealed under the vault's ledger key, because the record of who was
allowed to see what must outlive the pictures (I6).
"""

from __future__ import annotations

from django.db import models

from safelight.kernel.ids import new_id


class ConsentDraft(models.Model):
    """An agreement being prepared. Nothing is shared by it."""

    id = models.UUIDField(primary_key=True, default=new_id)
    account_id = models.UUIDField(db_index=True)
    vault_id = models.UUIDField()
    sealed_choices = models.BinaryField()
    changed_at = models.DateTimeField()
    presented_at = models.DateTimeField(null=True)
    sealed_presented = models.BinaryField(null=True)
    consent_id = models.UUIDField(null=True)


class Consent(models.Model):
    """One Express Consent: signed once, then only ever ended."""

    id = models.UUIDField(primary_key=True, default=new_id)
    vault_id = models.UUIDField(db_index=True)
    grantor_id = models.UUIDField(db_index=True)
    recipient_account_id = models.UUIDField(null=True)
    recipient_token = models.BinaryField(max_length=16)
    purpose = models.CharField(max_length=20)
    may_view = models.BooleanField()
    may_download = models.BooleanField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    granted_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    authorization_id = models.UUIDField(unique=True)
    signed_digest = models.BinaryField(max_length=32)
    sealed_terms = models.BinaryField()
    sealed_words = models.BinaryField()
    sealed_signature = models.BinaryField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="consent_ends_after_it_starts",
                condition=models.Q(ends_at__gt=models.F("starts_at")),
            ),
            models.CheckConstraint(
                name="consent_lets_at_least_look", condition=models.Q(may_view=True)
            ),
        ]
        indexes = [
            models.Index(fields=["recipient_account_id", "ends_at"], name="consent_recipient")
        ]


class ConsentItem(models.Model):
    """One series that a consent covers, up to what had arrived by then."""

    id = models.BigAutoField(primary_key=True)
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="items")
    vault_id = models.UUIDField()
    study_id = models.UUIDField(db_index=True)
    series_id = models.UUIDField()
    up_to = models.BigIntegerField()
    pictures = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consent", "series_id"], name="a_series_once_a_consent")
        ]
