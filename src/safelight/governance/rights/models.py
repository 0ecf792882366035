"""Who asks for what, each step of it, and who hears complaints about us?"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models

from safelight.governance.rights.rules import Channel, Ground, Kind, State
from safelight.kernel.ids import new_id, to_text
from safelight.platform.keys.fields import SealedTextField

if TYPE_CHECKING:
    from uuid import UUID

_DENYING = [State.PARTLY_DENIED.value, State.DENIED.value]


class RightsRequest(models.Model):
    """One request. Words, contact and letter are sealed.

    `account_id` is who asks; None for somebody without an account, whom `contact` names.
    `entered_by` is the officer who wrote down what came by mail or phone.
    """

    id: models.UUIDField[UUID, UUID] = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    account_id = models.UUIDField(null=True, db_index=True)
    contact = SealedTextField(null=True)
    kind = models.CharField(max_length=30, choices=[(each.value, each.value) for each in Kind])
    state = models.CharField(max_length=24, choices=[(each.value, each.value) for each in State])
    channel = models.CharField(max_length=5, choices=[(each.value, each.value) for each in Channel])
    country = models.CharField(max_length=2, default="", blank=True)
    words = SealedTextField(null=True)
    received_at = models.DateTimeField()
    entered_by = models.UUIDField(null=True)
    ground = models.CharField(
        max_length=24, default="", choices=[(each.value, each.value) for each in Ground]
    )
    letter = SealedTextField(null=True)
    letter_sent_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="what_is_denied_has_a_ground_and_a_letter",
                condition=~models.Q(state__in=_DENYING)
                | (~models.Q(ground="") & models.Q(letter_sent_at__isnull=False)),
            )
        ]

    @property
    def number(self) -> str:
        """What one calls it on the phone: short, and nothing to be guessed by."""
        return f"R-{to_text(self.pk)[-8:].upper()}"

    @property
    def subject(self) -> str:
        """Its name in the record."""
        return f"rights-request/{self.pk}"


class Step(models.Model):
    """One move of a request: from where to where, by whom, and what was said. Never changed."""

    request = models.ForeignKey(RightsRequest, on_delete=models.CASCADE, related_name="steps")
    state = models.CharField(max_length=24)
    by = models.CharField(max_length=128)
    at = models.DateTimeField()
    words = SealedTextField(null=True)


class Authority(models.Model):
    """Who hears complaints about us from those who live there. Edited by the privacy official."""

    code = models.CharField(primary_key=True, max_length=12)
    name = models.CharField(max_length=120)
    page = models.URLField(max_length=300)
    countries: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    checked_on = models.DateField()
