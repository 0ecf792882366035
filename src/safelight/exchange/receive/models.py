"""What is remembered of an intake: who sent it, by which door, and what became of it?"""

from __future__ import annotations

from django.db import models

from safelight.kernel.ids import new_id


class Channel(models.TextChoices):
    """By which door records came in."""

    WEB = "web"
    STOW = "stow"
    IMPORT = "import"


class IntakeBatch(models.Model):
    """One delivery: a web upload, a STOW request, a run of the import command.

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


class UploadState(models.TextChoices):
    """Where a resumable bundle is on its way in."""

    RECEIVING = "receiving"
    PROCESSING = "processing"
    DONE = "done"


class Upload(models.Model):
    """One resumable bundle of a web upload (tus 1.0), sealed while it is incomplete."""

    id = models.UUIDField(primary_key=True, default=new_id)
    batch = models.ForeignKey(IntakeBatch, on_delete=models.CASCADE, related_name="uploads")
    account_id = models.UUIDField(db_index=True)
    state = models.CharField(
        max_length=10, choices=UploadState.choices, default=UploadState.RECEIVING
    )
    length = models.BigIntegerField()
    received = models.BigIntegerField(default=0)
    spool = models.CharField(max_length=40)
    wrapped_key = models.BinaryField()
    sealed_verdicts = models.BinaryField(default=bytes)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
