"""How far has the record been sent on, and what do its readers ask for again and again?"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models

from safelight.kernel.ids import new_id
from safelight.platform.keys.fields import SealedTextField

if TYPE_CHECKING:
    from uuid import UUID


class Spool(models.Model):
    """Up to which entry a repository has everything, and since when it has refused the next.

    `held_until` keeps two workers from sending at once.
    """

    repository = models.CharField(primary_key=True, max_length=300)
    seq = models.BigIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)


class SavedSearch(models.Model):
    """Fields of the explorer that one reader keeps under a name. Both are sealed."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    account_id = models.UUIDField()
    name = SealedTextField()
    fields = SealedTextField()
    saved_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["account_id"], name="search_by_reader")]
