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


class Instance(models.Model):
    """The one row that says which root key this store needs, and holds the instance secret."""

    ONLY = 1

    number = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    root_id = models.CharField(max_length=16)
    check_value = models.BinaryField()
    wrapped_secret = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(name="keys_one_instance", condition=models.Q(number=1)),
        )


class WrappedKey(models.Model):
    """A key of a vault, its ledger or one of its studies, wrapped by the key above it.

    A vault's and a ledger's key are wrapped by the root key named in `root_id`
    (their subject is the vault itself), a study's by its vault's key (no root).
    """

    number = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    subject_id = models.UUIDField()
    vault_id = models.UUIDField(db_index=True)
    root_id = models.CharField(max_length=16, blank=True)
    wrapped = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(name="keys_one_of_a_name", fields=("subject_id", "kind")),
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
