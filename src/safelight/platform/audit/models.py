"""How does the trail lie in the database?

`Entry.text` is the record: canonical JSON, hashed and chained. The columns beside
it repeat a few of its values so that they can be looked up; the verifier compares
them. Triggers (triggers.py) refuse any change but the one that gives a place.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Entry(models.Model):
    """One thing that happened. `seq` and `chain` are empty until the sequencer gives them."""

    row = models.BigAutoField(primary_key=True)
    entry_id = models.UUIDField(unique=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=64)
    outcome = models.CharField(max_length=8)
    actor = models.CharField(max_length=128)
    subject = models.CharField(max_length=128)
    vault_id = models.UUIDField(null=True)
    text = models.TextField()
    mac = models.BinaryField(max_length=16)
    seq = models.BigIntegerField(null=True, unique=True)
    chain = models.BinaryField(max_length=32, null=True)

    class Meta:
        # `row` grows in commit order and never changes, so these indexes are
        # left alone when the sequencer fills in `seq`.
        indexes: ClassVar = [
            models.Index(fields=["vault_id", "row"], name="audit_by_vault"),
            models.Index(fields=["subject", "row"], name="audit_by_subject"),
            models.Index(fields=["actor", "row"], name="audit_by_actor"),
            models.Index(fields=["kind", "row"], name="audit_by_kind"),
            models.Index(
                fields=["row"], name="audit_unsequenced", condition=models.Q(seq__isnull=True)
            ),
        ]


class Tip(models.Model):
    """Where the trail ends now: one row, moved by the sequencer, signed each time."""

    size = models.BigIntegerField(default=0)
    chain = models.BinaryField(max_length=32)
    frontier = models.BinaryField()
    note = models.TextField()


class Node(models.Model):
    """The root of a complete subtree, kept so that proofs need few reads (tree.py).

    `place` is the level, times 2^48, plus the index on it from the left: those of a
    level lie side by side.
    """

    place = models.BigIntegerField(primary_key=True)
    hash = models.BinaryField(max_length=32)


class Checkpoint(models.Model):
    """A signed statement of the trail's size and root, kept for ever and exported."""

    size = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    note = models.TextField()


class Cosignature(models.Model):
    """What a witness wrote under a checkpoint: one line of a signed note."""

    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT)
    witness = models.CharField(max_length=128)
    at = models.DateTimeField()
    line = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["checkpoint", "witness"], name="audit_cosigned_once")
        ]


class Standing(models.Model):
    """How it stands with a witness: what it signed last, and since when it does not."""

    witness = models.CharField(max_length=128, primary_key=True)
    size = models.BigIntegerField(default=0)
    answered_at = models.DateTimeField(null=True)
    said_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=32, default="")
    since = models.DateTimeField(null=True)


class DenialFold(models.Model):
    """How many more equal denials one minute saw, after the first that was written at once."""

    minute = models.DateTimeField()
    actor = models.CharField(max_length=128)
    kind = models.CharField(max_length=64)
    subject_kind = models.CharField(max_length=64)
    reason = models.CharField(max_length=128)
    origin_token = models.CharField(max_length=32)
    origin = models.BinaryField()
    more = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["minute", "actor", "kind", "subject_kind", "reason", "origin_token"],
                name="audit_one_fold_a_minute",
            )
        ]
