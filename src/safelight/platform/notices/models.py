"""How does a message wait until it is sent?"""

from __future__ import annotations

from django.db import models

from safelight.kernel.ids import new_id


class State(models.TextChoices):
    """Where a message stands."""

    WAITING = "waiting"
    SENT = "sent"
    BOUNCED = "bounced"


class Notice(models.Model):
    """One message to one person. `sealed` holds address and facts, and is emptied once sent."""

    notice_id = models.UUIDField(primary_key=True, default=new_id)
    template = models.CharField(max_length=64)
    about = models.CharField(max_length=128, default="")
    sealed = models.BinaryField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
