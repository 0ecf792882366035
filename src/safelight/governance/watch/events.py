"""What may this room write into the record?"""

from __future__ import annotations

from enum import StrEnum


class WatchEvent(StrEnum):
    """Past tense; the values are stable."""

    ALERT_RAISED = "alert.raised"
    ALERT_ACKNOWLEDGED = "alert.acknowledged"
    ALERT_CLOSED = "alert.closed"
    ALERTS_LISTED = "alert.listed"
    ALERT_READ = "alert.read"
    INCIDENT_OPENED = "incident.opened"
    INCIDENT_READ = "incident.read"
    INCIDENT_MOVED = "incident.moved"
    MEASURE_TAKEN = "measure.taken"
    MEASURE_LIFTED = "measure.lifted"
    DECOY_PLANTED = "decoy.planted"
    TRAIL_VERIFIED = "audit.verified"
    DATABASE_TOUCHED = "database.touched-from-outside"
