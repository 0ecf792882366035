"""What is kept of what looked like misuse: counts, alerts, incidents, decoys.

In the clear are ids, codes, keyed tokens and times; what people write is sealed.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from safelight.kernel.ids import new_id
from safelight.platform.keys.fields import SealedTextField


class Cursor(models.Model):
    """How far the trail was read: one row, moved in the transaction that keeps what was seen."""

    seq = models.BigIntegerField(default=0)
    read_at = models.DateTimeField(null=True)


class Seen(models.Model):
    """One sighting of one rule (sightings.py). An entry is counted once for each rule and key."""

    rule = models.CharField(max_length=4)
    key = models.CharField(max_length=80)
    what = models.CharField(max_length=16)
    other = models.CharField(max_length=80)
    at = models.DateTimeField()
    seq = models.BigIntegerField()
    weight = models.BigIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["rule", "key", "what", "seq"], name="watch_counted_once"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["rule", "key", "at"], name="watch_by_key"),
            models.Index(fields=["rule", "at"], name="watch_by_age"),
        ]


class AlertState(models.TextChoices):
    """Whether somebody has taken an alert on, and whether it is done with."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class Verdict(models.TextChoices):
    """What it was, in the words of whoever closed it."""

    HARMLESS = "harmless"
    MISTAKE = "mistake"
    MISUSE = "misuse"
    FAULT = "fault"


class Alert(models.Model):
    """What a rule found about one subject, while it is not closed; more of it is counted here."""

    id = models.UUIDField(primary_key=True, default=new_id)
    rule = models.CharField(max_length=4)
    form = models.CharField(max_length=24)
    severity = models.CharField(max_length=8)
    subject = models.CharField(max_length=80)
    state = models.CharField(max_length=12, choices=AlertState.choices, default=AlertState.OPEN)
    count = models.BigIntegerField()
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    raised_at = models.DateTimeField()
    acknowledged_by = models.UUIDField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    closed_by = models.UUIDField(null=True)
    closed_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=12, choices=Verdict.choices, default="")
    words = SealedTextField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["rule", "form", "subject"],
                condition=~models.Q(state="closed"),
                name="watch_one_open_alert",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["state", "-raised_at"], name="watch_by_state")]


class AlertEntry(models.Model):
    """Which entry of the trail an alert rests on."""

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="entries")
    seq = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["alert", "seq"], name="watch_entry_once")
        ]


class Measure(models.Model):
    """Something that was done because of an alert, by a rule or a person, and its taking back."""

    id = models.UUIDField(primary_key=True, default=new_id)
    alert = models.ForeignKey(Alert, models.CASCADE, related_name="measures")
    kind = models.CharField(max_length=16)
    subject = models.CharField(max_length=80)
    taken_by = models.CharField(max_length=60)
    taken_at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    words = SealedTextField()
    lifted_by = models.CharField(max_length=60, default="")
    lifted_at = models.DateTimeField(null=True)
    lifted_words = SealedTextField()


class IncidentState(models.TextChoices):
    """How far somebody has got with what may be a breach."""

    SUSPECTED = "suspected"
    TRIAGED = "triaged"
    CONTAINED = "contained"
    CLOSED = "closed"


class Outcome(models.TextChoices):
    """What an incident turned out to be, in the words of whoever closed it."""

    BREACH = "breach"
    NO_BREACH = "no-breach"
    HARMLESS = "harmless"
    FAULT = "fault"


class Incident(models.Model):
    """What may be a breach (R13). `discovered_at` starts the law's clock and is set once."""

    id = models.UUIDField(primary_key=True, default=new_id)
    source = models.CharField(max_length=24)
    subject = models.CharField(max_length=80)
    alert = models.ForeignKey(Alert, models.SET_NULL, null=True, related_name="incidents")
    state = models.CharField(
        max_length=12, choices=IncidentState.choices, default=IncidentState.SUSPECTED
    )
    discovered_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=60)


class IncidentStep(models.Model):
    """One step of an incident, by whom, and why in words; one that closes it says what it was."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="steps")
    state = models.CharField(max_length=12, choices=IncidentState.choices)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, default="")
    by = models.CharField(max_length=60)
    at = models.DateTimeField()
    words = SealedTextField()


class Decoy(models.Model):
    """Something that nobody has a reason to touch, by its name in the trail ("study/<id>")."""

    name = models.CharField(max_length=80, primary_key=True)
    planted_at = models.DateTimeField()
