"""How is an agreement kept, from the first draft to its end?

A consent row never changes but to be ended. Names, addresses and the words
shown are sealed under the vault's ledger key, because the record of who was
allowed to see what must outlive the pictures (I6).
"""

from __future__ import annotations

from django.db import models

from safelight.exchange.consent.requests import RequestState
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


class ConsentRequest(models.Model):
    """Somebody who may look at an exam asks its owner for a consent. Nothing opens by asking.

    What is asked for, and the note with it, are sealed. `state` does not say that it
    has lapsed: see `requests.state_at`.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    vault_id = models.UUIDField()
    study_id = models.UUIDField()
    asker_id = models.UUIDField(db_index=True)
    asked_id = models.UUIDField(db_index=True)
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, default=RequestState.REQUESTED)
    viewed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    consent_id = models.UUIDField(null=True)
    sealed_wish = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["asker_id", "study_id"],
                condition=models.Q(ended_at__isnull=True),
                name="one_open_request_for_an_exam",
            )
        ]


class Consent(models.Model):
    """One Express Consent: signed once, then only ever suspended, taken up again, or ended.

    `subject_account_id` is set where somebody acted for somebody else;
    `parent_id` where a recipient passed on what a consent let them pass on;
    `replaces_id` where it takes the place of an earlier one. `ended_by` says
    what `revoked_at` came from.
    """

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
    act = models.CharField(max_length=12, default="share")
    audience = models.CharField(max_length=12, default="person")
    recipient_organization_id = models.UUIDField(null=True, db_index=True)
    recipient_group_id = models.UUIDField(null=True, db_index=True)
    future_members = models.BooleanField(default=False)
    may_pass_on = models.BooleanField(default=False)
    subject_account_id = models.UUIDField(null=True, db_index=True)
    representative_id = models.UUIDField(null=True)
    parent_id = models.UUIDField(null=True, db_index=True)
    replaces_id = models.UUIDField(null=True)
    form = models.CharField(max_length=12, default="identified")
    suspended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=16, default="")
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
            models.Index(fields=["recipient_account_id", "id"], name="consent_names"),
            models.Index(fields=["recipient_token"], name="consent_names_address"),
        ]


class ConsentPause(models.Model):
    """Once that a consent was paused: by what, by whose hand if by any, and until when.

    `by` is a stable code; `account_id` is empty where nobody's hand did it. The consent's own
    `suspended_at` is set as long as any of its pauses lasts.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="pauses")
    by = models.CharField(max_length=16)
    account_id = models.UUIDField(null=True)
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["consent", "by"],
                condition=models.Q(ended_at__isnull=True),
                name="one_pause_of_a_kind_at_a_time",
            )
        ]


class ConsentItem(models.Model):
    """One series that a consent covers: up to what had arrived by then, or only single objects.

    `only` lists the arrivals of single objects; `up_to` is then -1.
    """

    id = models.BigAutoField(primary_key=True)
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="items")
    vault_id = models.UUIDField()
    study_id = models.UUIDField(db_index=True)
    series_id = models.UUIDField()
    up_to = models.BigIntegerField()
    only = models.JSONField(default=list)
    pictures = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consent", "series_id"], name="a_series_once_a_consent")
        ]
        indexes = [models.Index(fields=["consent", "study_id"], name="consent_covers")]


class ConsentMember(models.Model):
    """One person of the group that a consent names: the closed list, as signed.

    Others join only where the consent says that members to come are meant too.
    """

    id = models.BigAutoField(primary_key=True)
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="members")
    account_id = models.UUIDField(db_index=True)
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["consent", "account_id"],
                condition=models.Q(ended_at__isnull=True),
                name="a_member_once_a_consent",
            )
        ]


class ConsentStanding(models.Model):
    """That results of one patient yet to come are covered too, from the signing to a day."""

    consent = models.OneToOneField(
        Consent, on_delete=models.PROTECT, primary_key=True, related_name="standing"
    )
    vault_id = models.UUIDField()
    patient_id = models.UUIDField(db_index=True)
    until = models.DateTimeField()


class ConsentSensitive(models.Model):
    """One sensitive mark that a consent includes, as the keyed token the mark itself bears."""

    id = models.BigAutoField(primary_key=True)
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="sensitive")
    token = models.BinaryField(max_length=16)
