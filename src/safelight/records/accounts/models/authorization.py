"""What did a person approve, being identified at that moment?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from safelight.kernel.ids import new_id
from safelight.records.accounts.fields import SealedJSONField
from safelight.records.accounts.models.account import Account

if TYPE_CHECKING:
    from uuid import UUID


class Challenge(models.Model):
    """A question to one account in one session about one digest, answered at most once."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    session_id = models.UUIDField()
    digest = models.BinaryField(max_length=32)
    nonce = models.BinaryField(max_length=32)
    meaning = models.CharField(max_length=120)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    answered_at = models.DateTimeField(null=True)


class Authorization(models.Model):
    """An approval of exactly `digest`, usable once, for five minutes, in the same session."""

    class Method(models.TextChoices):
        """How the person was identified."""

        PASSKEY = "passkey"
        SECURITY_KEY = "security-key"
        PASSWORD_AND_CODE = "password-and-code"  # noqa: S105 (the name of a method)

    id: models.UUIDField[UUID, UUID] = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    challenge = models.OneToOneField(Challenge, models.PROTECT, related_name="authorization")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    session_id = models.UUIDField()
    digest = models.BinaryField(max_length=32)
    meaning = models.CharField(max_length=120)
    method = models.CharField(max_length=20, choices=Method.choices)
    evidence = SealedJSONField()
    given_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="authorization_used_in_time",
                condition=Q(used_at__isnull=True)
                | (Q(used_at__gte=models.F("given_at")) & Q(used_at__lt=models.F("expires_at"))),
            ),
        )
