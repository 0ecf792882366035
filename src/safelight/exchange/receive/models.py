"""What is remembered of an intake: who sent it, by which door, and what became of it?

What somebody without an account sends by the link of an upload request lies in parcels,
outside every vault, until the receiver lets it in.
"""

from __future__ import annotations

from django.db import models

from safelight.kernel.ids import new_id
from safelight.platform.keys.fields import SealedTextField


class Channel(models.TextChoices):
    """By which door records came in."""

    WEB = "web"
    STOW = "stow"
    IMPORT = "import"
    REQUEST = "request"
    DIMSE = "dimse"


class IntakeBatch(models.Model):
    """One delivery: a web upload, a STOW request, an association, a run of the import command.

    `sealed_attestation` keeps what the uploader declared (L31), word for word.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    vault_id = models.UUIDField(db_index=True)
    account_id = models.UUIDField(db_index=True)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    stored = models.IntegerField(default=0)
    duplicate = models.IntegerField(default=0)
    review = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    expected_files = models.IntegerField(default=0)
    expected_bytes = models.BigIntegerField(default=0)
    sealed_attestation = models.BinaryField(default=bytes)
    sealed_verdicts = models.BinaryField(default=bytes)


class Brought(models.Model):
    """One object that a connected system brought by C-STORE and was told is taken in.

    By it that system, and no other, may ask for a while whether the object is kept.
    """

    id = models.BigAutoField(primary_key=True)
    connection_id = models.UUIDField()
    uid_token = models.BinaryField(max_length=16)
    digest_token = models.BinaryField(max_length=16)
    brought_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection_id", "uid_token", "digest_token"],
                name="brought_once_by_a_connection",
            )
        ]
        indexes = [models.Index(fields=["brought_at"], name="brought_when")]


class Commitment(models.Model):
    """What a connected system asked by storage commitment (PS3.4 annex J).

    `asked` says about what, until it is over: `ended_at`, whether it was reported or given
    up. `next_at` is when the system is called next; without it, its association still stands.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    connection_id = models.UUIDField()
    transaction_token = models.BinaryField(max_length=16)
    asked = SealedTextField(null=True)
    asked_at = models.DateTimeField()
    tries = models.IntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection_id", "transaction_token"], name="a_transaction_once"
            )
        ]
        indexes = [
            models.Index(fields=["asked_at"], name="commitment_asked"),
            models.Index(fields=["ended_at", "next_at"], name="commitment_next"),
        ]


class UploadState(models.TextChoices):
    """Where a resumable bundle is on its way in."""

    RECEIVING = "receiving"
    PROCESSING = "processing"
    DONE = "done"


class Spooled(models.Model):
    """A resumable bundle (tus 1.0) on its way in, sealed while it waits."""

    id = models.UUIDField(primary_key=True, default=new_id)
    state = models.CharField(
        max_length=10, choices=UploadState.choices, default=UploadState.RECEIVING
    )
    length = models.BigIntegerField()
    received = models.BigIntegerField(default=0)
    spool = models.CharField(max_length=40)
    wrapped_key = models.BinaryField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        abstract = True


class Upload(Spooled):
    """One bundle of a web upload."""

    batch = models.ForeignKey(IntakeBatch, on_delete=models.CASCADE, related_name="uploads")
    account_id = models.UUIDField(db_index=True)
    sealed_verdicts = models.BinaryField(default=bytes)


class UploadRequest(models.Model):
    """A link by which somebody without an account may send exams to a person or a desk.

    Of its secret and passphrase only hashes are kept; `check_by` is what else must be
    known. `expected` and `address` say who is meant to send, `message` is what they read.
    `parcels_left` counts down.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    vault_id = models.UUIDField(db_index=True)
    account_id = models.UUIDField(null=True, db_index=True)
    organization_id = models.UUIDField(null=True, db_index=True)
    asked_by = models.UUIDField()
    secret_hash = models.BinaryField(max_length=32)
    expected = SealedTextField(null=True)
    address = SealedTextField(null=True)
    message = SealedTextField(null=True)
    check_by = models.CharField(max_length=10)
    passphrase_hash = models.CharField(max_length=64, default="")
    tries_left = models.SmallIntegerField(default=5)
    most_parcels = models.IntegerField()
    parcels_left = models.IntegerField()
    most_files = models.IntegerField()
    most_bytes = models.BigIntegerField()
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    locked_at = models.DateTimeField(null=True)


class Sender(models.Model):
    """A browser that showed the secret and, once it said who it is, may send.

    The cookie's value is kept as its SHA-256. Nobody confirms who somebody says they
    are; only a code may prove that they read the mail of the address that was expected.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    token_hash = models.BinaryField(max_length=32)
    request = models.ForeignKey(UploadRequest, models.CASCADE, related_name="senders")
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    named_at = models.DateTimeField(null=True)
    name = SealedTextField(null=True)
    address = SealedTextField(null=True)
    relation = SealedTextField(null=True)
    read_the_code = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token_hash", "request"], name="one_sender_for_a_link")
        ]


class SenderCode(models.Model):
    """A one-time code on its way to the address from which exams are expected."""

    id = models.UUIDField(primary_key=True, default=new_id)
    request = models.ForeignKey(UploadRequest, models.CASCADE, related_name="codes")
    code_hash = models.BinaryField(max_length=32)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class ParcelState(models.TextChoices):
    """Where a parcel is. Only one that is waiting can be taken in or sent away."""

    COMING = "coming"
    WAITING = "waiting"
    TAKEN = "taken"
    FILED = "filed"
    REFUSED = "refused"
    LAPSED = "lapsed"


class Parcel(models.Model):
    """What an outsider sent at one time. `sealed_receipt` outlives the bytes."""

    id = models.UUIDField(primary_key=True, default=new_id)
    request = models.ForeignKey(UploadRequest, models.CASCADE, related_name="parcels")
    sender = models.ForeignKey(Sender, models.CASCADE, related_name="parcels")
    vault_id = models.UUIDField(db_index=True)
    state = models.CharField(max_length=8, choices=ParcelState.choices, default=ParcelState.COMING)
    expected_files = models.IntegerField(default=0)
    expected_bytes = models.BigIntegerField(default=0)
    files = models.IntegerField(default=0)
    left_out = models.IntegerField(default=0)
    size = models.BigIntegerField(default=0)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    decided_in = models.CharField(max_length=60, default="")
    sealed_receipt = models.BinaryField(default=bytes)
    sealed_choices = models.BinaryField(default=bytes)


class ParcelPart(Spooled):
    """One bundle of a parcel; what was found in it is sealed beside it."""

    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="parts")
    sealed_contents = models.BinaryField(default=bytes)
    filed_at = models.DateTimeField(null=True)
