"""What is kept of a report that somebody else used an account?"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from safelight.kernel.ids import new_id
from safelight.platform.keys.fields import SealedTextField


class Way(models.TextChoices):
    """Where it was said: on a page, signed in, or on the page that a mail leads to."""

    SESSION = "session"
    MAIL = "mail"


class CompromiseReport(models.Model):
    """One report, from the freezing until the owner is back in.

    `entries` names what the account did in the time before, as the trail has it.
    `hold_until` runs where only the mailbox is left; what was seen to prove the
    identity in that case is sealed.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    account_id = models.UUIDField()
    way = models.CharField(max_length=8, choices=Way.choices)
    reported_at = models.DateTimeField()
    doubted_since = models.DateTimeField()
    incident_id = models.UUIDField(null=True)
    entries: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    hold_until = models.DateTimeField(null=True)
    proved_at = models.DateTimeField(null=True)
    proved_how = SealedTextField(null=True)
    recovered_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_open_report_of_an_account",
                fields=["account_id"],
                condition=models.Q(recovered_at=None),
            )
        ]
