"""Which machines and scripts may act for an account?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from safelight.kernel.ids import new_id
from safelight.platform.keys.fields import SealedTextField
from safelight.records.accounts.models.account import Account

if TYPE_CHECKING:
    from uuid import UUID


class ApiToken(models.Model):
    """A bearer token: its public part finds the row, its secret is kept as SHA-256."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    account = models.ForeignKey(Account, models.CASCADE, related_name="api_tokens")
    public = models.CharField(max_length=10, unique=True)
    secret_hash = models.BinaryField(max_length=32)
    label = SealedTextField()
    scopes: models.JSONField[list[str], list[str]] = models.JSONField()
    no_rate_limit = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="token_expires_after_creation",
                condition=Q(expires_at__gt=F("created_at")),
            ),
        )
