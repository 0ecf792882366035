"""Which keys exist, wrapped, and which have been destroyed?

All rows live in the database `keys`. No column holds anything that opens
without the root key.
"""

from __future__ import annotations

from django.db import models


class Kind(models.TextChoices):
    """What a key belongs to. Values are stored for ever."""

    VAULT = "vault"
    LEDGER = "ledger"
    STUDY = "study"
    FIELDS = "fields"
    SIGNING = "signing"


class Standing(models.TextChoices):
    """What one version of a key is for. Values are stored for ever."""

    CURRENT = "current"  # seals and opens
    NEXT = "next"  # opens already, so that every process knows it before it seals
    PAST = "past"  # opens what it sealed


class Instance(models.Model):
    """The one row that says which root key this store needs, and holds the instance secret."""

    ONLY = 1

    number = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    root_id = models.CharField(max_length=16)
    check_value = models.BinaryField()
    wrapped_secret = models.BinaryField()
    created_at = models.DateTimeField()
    root_since = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(name="keys_one_instance", condition=models.Q(number=1)),
        )


class WrappedKey(models.Model):
    """A version of a key of a vault, its ledger, its fields or a study, wrapped from above.

    A vault's and a ledger's key are wrapped by the root key named in `root_id`
    (their subject is the vault itself), and so is a later signing key (its subject is
    its purpose); a study's and the fields' by that version of
    their vault's key which `above` names (no root).
    """

    number = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    subject_id = models.UUIDField()
    vault_id = models.UUIDField(db_index=True)
    root_id = models.CharField(max_length=16, blank=True)
    wrapped = models.BinaryField()
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, db_default=1)
    above = models.PositiveIntegerField(default=1, db_default=1)
    standing = models.CharField(
        max_length=8,
        choices=Standing.choices,
        default=Standing.CURRENT,
        db_default=Standing.CURRENT.value,
    )
    stands_since = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="keys_one_of_a_version", fields=("subject_id", "kind", "version")
            ),
            models.UniqueConstraint(
                name="keys_one_that_seals",
                fields=("subject_id", "kind"),
                condition=models.Q(standing="current"),
            ),
        )


class SigningKey(models.Model):
    """A key that signs for one purpose after another did: what may be told of it.

    The first of each purpose has no row; it descends from the instance secret. The private
    half is a row of `WrappedKey`, until it is replaced.
    """

    number = models.BigAutoField(primary_key=True)
    purpose = models.CharField(max_length=32)
    version = models.PositiveIntegerField()
    public = models.BinaryField()
    since = models.DateTimeField()
    endorsement = models.TextField()

    class Meta:
        constraints = (
            models.UniqueConstraint(name="keys_one_follows_another", fields=("purpose", "version")),
        )


class Destruction(models.Model):
    """One key that was destroyed: the journal that a restored store must replay."""

    number = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    subject_id = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(name="keys_destroyed_once", fields=("subject_id", "kind")),
        )


class Change(models.Model):
    """One step of a rotation: that there is one tells every process to look at its keys again."""

    number = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=8)
    subject_id = models.UUIDField(null=True)
    version = models.PositiveIntegerField()
    at = models.DateTimeField()
