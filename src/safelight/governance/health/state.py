"""What is known of this instance's health at one moment? Counts, sizes, times and codes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The place of the packs: what is stored there, and what is free where that is known."""

    kind: str
    """"folder" or "s3"."""
    objects: int
    used: int
    free: int | None
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Work that waits, is done now, or failed for good."""

    waiting: int
    running: int
    dead: int
    oldest_due: timedelta
    last_turn: datetime | None
    """When a worker last began what is done again and again; some of it is every five minutes."""
    mails_waiting: int
    mails_bounced: int
    """In the last day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """One piece of work that failed for good: the task's name and the error's code."""

    job_id: UUID
    name: str
    error: str
    attempts: int
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """When something was done for the last time, and whether it went well."""

    at: datetime
    went_well: bool
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The trail: its length, what waits for a place, when it was last signed and checked."""

    size: int
    waiting: int
    oldest_waiting: datetime | None
    checkpoint_at: datetime | None
    verified: Done | None
    witnessed: Done | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What is known of the stored bytes: when all of it was read again, and what was damaged."""

    scrubbed_at: datetime | None
    scrubbed_objects: int
    in_quarantine: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """Alerts that nobody has closed, and how many of them are of the highest kind."""

    open: int
    serious: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that `safelight doctor` found to be mended."""

    what: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """When the instance was examined last, how much was good, and what was not."""

    at: datetime
    good: int
    wrong: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All of it."""

    at: datetime
    version: str
    mode: str
    """"normal", "read_only" or "recovering"."""
    migrations_waiting: int
    room: Room
    databases: dict[str, int]
    """Bytes by database: "default" and "keys"."""
    queue: Queue
    dead: tuple[DeadLetter, ...]
    backup: Done | None
    drill: Done | None
    certificate_ends: datetime | None
    has_certificate: bool
    stored: Stored
    record: Record
    alerts: Alerts
    examined: Examined | None
