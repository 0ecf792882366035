"""What is kept of a transfer, and of each object in it?

Ids, states, counts and times alone. What was disclosed is the disclosure's to say; what a
receiver calls the patient is sealed under the vault's ledger key.
"""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import Q

from safelight.kernel.ids import new_id


class TransferState(models.TextChoices):
    """Where a transfer stands. Values are stable codes.

    Held: nothing may go through now, and it goes on by itself once it may. Put off: it is
    tried again later. Failed: it was tried often enough, or something was refused, and
    somebody looks at it. Withdrawn: nothing allows it any more.
    """

    QUEUED = "queued"
    SENDING = "sending"
    HELD = "held"
    PUT_OFF = "put-off"
    SENT = "sent"
    FAILED = "failed"
    STOPPED = "stopped"
    WITHDRAWN = "withdrawn"


class ItemState(models.TextChoices):
    """Where one object stands. Leaving: its bytes were let go, and no answer is known yet."""

    WAITING = "waiting"
    LEAVING = "leaving"
    SENT = "sent"
    REFUSED = "refused"


LIVE: Final = (
    TransferState.QUEUED,
    TransferState.SENDING,
    TransferState.HELD,
    TransferState.PUT_OFF,
)


class Transfer(models.Model):
    """One exam on its way to one connected system, ordered by one person.

    `epoch` grows with each run: a run that lost its lease finds another number and writes
    nothing more. `attempts` counts the runs since the last object that arrived. `cause` is
    a code. `proof` is the SHA-256 over the hashes of all that was sent, in order.
    `disclosure_id` is the open disclosure, while there is one.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    vault_id = models.UUIDField()
    study_id = models.UUIDField(db_index=True)
    organization_id = models.UUIDField(db_index=True)
    connection_id = models.UUIDField()
    consent_id = models.UUIDField(null=True, db_index=True)
    ordered_by = models.CharField(max_length=60)
    ordered_at = models.DateTimeField()
    state = models.CharField(
        max_length=10, choices=TransferState.choices, default=TransferState.QUEUED
    )
    cause = models.CharField(max_length=60, default="")
    epoch = models.IntegerField(default=0)
    attempts = models.IntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    wanted = models.IntegerField()
    sent = models.IntegerField(default=0)
    size = models.BigIntegerField(default=0)
    proof = models.BinaryField(max_length=32, null=True)
    disclosure_id = models.UUIDField(null=True)
    sealed_coercion = models.BinaryField(null=True)
    changed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study_id", "connection_id"],
                condition=Q(state__in=LIVE),
                name="one_transfer_at_a_time",
            ),
            models.CheckConstraint(
                name="no_more_sent_than_wanted", condition=Q(sent__lte=models.F("wanted"))
            ),
            models.CheckConstraint(
                name="sent_with_a_proof",
                condition=~Q(state=TransferState.SENT)
                | Q(proof__isnull=False, sent=models.F("wanted")),
            ),
        ]
        indexes = [models.Index(fields=["state", "next_at"], name="transfer_by_state")]


class TransferItem(models.Model):
    """One object of a transfer: in what turn, and what became of it.

    `sha256` and `size` are of the file as it was sent, `under` the disclosure it belongs to.
    """

    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="items")
    number = models.IntegerField()
    instance_id = models.UUIDField(db_index=True)
    state = models.CharField(max_length=8, choices=ItemState.choices, default=ItemState.WAITING)
    cause = models.CharField(max_length=60, default="")
    sha256 = models.BinaryField(max_length=32, null=True)
    size = models.BigIntegerField(default=0)
    under = models.UUIDField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["transfer", "instance_id"], name="an_object_once"),
            models.UniqueConstraint(fields=["transfer", "number"], name="one_object_a_turn"),
            models.CheckConstraint(
                name="an_object_sent_with_its_hash",
                condition=~Q(state=ItemState.SENT) | Q(sha256__isnull=False, sent_at__isnull=False),
            ),
        ]


class CopyThere(models.Model):
    """What is known of the copy at a partner's Safelight, from its announcement on.

    `consent_id` is the consent that was announced last. `agreed_at` is when both sides counted
    and hashed the same, `withdrawal_told_at` when it was told that the consent had ended early,
    and at `tell_at` that is tried. It is asked again at `ask_at` what was done.
    """

    transfer = models.OneToOneField(Transfer, models.PROTECT, related_name="there")
    consent_id = models.UUIDField(null=True, db_index=True)
    announced_at = models.DateTimeField()
    agreed_at = models.DateTimeField(null=True)
    withdrawal_told_at = models.DateTimeField(null=True)
    tell_at = models.DateTimeField(null=True, db_index=True)
    heard_until = models.DateTimeField()
    ask_at = models.DateTimeField(db_index=True)


class KeptThere(models.Model):
    """What a receiver was asked by storage commitment, and what it answered (PS3.4 annex J).

    `asked_as` makes the transaction's UID. `failed` is how many objects it does not keep.
    """

    transfer = models.OneToOneField(Transfer, models.PROTECT, related_name="kept_there")
    asked_as = models.UUIDField(unique=True)
    asked_at = models.DateTimeField()
    heard_at = models.DateTimeField(null=True)
    kept = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)


class DoneThere(models.Model):
    """One thing that was done with the copy there, as the partner told; nobody is named."""

    there = models.ForeignKey(CopyThere, models.PROTECT, related_name="done")
    key = models.CharField(max_length=40)
    did = models.CharField(max_length=16)
    at = models.DateTimeField()
    pictures = models.IntegerField()
    heard_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["there", "key"], name="what_was_done_there_once")
        ]
