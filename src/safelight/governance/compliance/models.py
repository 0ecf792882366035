"""Which versions of the privacy statement are there, and who accepted which?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from safelight.kernel.ids import new_id
from safelight.platform.keys.fields import SealedTextField
from safelight.records.accounts.models import Account

if TYPE_CHECKING:
    from uuid import UUID


class StatementVersion(models.Model):
    """A published version: its number and the SHA-256 of its text, which never change."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    number = models.PositiveIntegerField(unique=True)
    sha256 = models.CharField(max_length=64)
    effective_at = models.DateTimeField()
    summary = models.CharField(max_length=240)
    is_material = models.BooleanField()


class Acceptance(models.Model):
    """One account accepted one text, at one moment. Rows are only ever added."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    version = models.ForeignKey(StatementVersion, models.PROTECT, related_name="acceptances")
    sha256 = models.CharField(max_length=64)
    accepted_at = models.DateTimeField()
    locale = models.CharField(max_length=12)
    session = models.CharField(max_length=64)
    origin = SealedTextField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("account", "version"), name="one_acceptance_per_version"
            ),
        )
