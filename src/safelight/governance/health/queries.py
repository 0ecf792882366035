"""How is it read? From the databases, the file system, the trail and the certificate's file."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from cryptography import x509
from django.conf import settings
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Max, Min, Sum

from safelight.exchange.access.mode import mode_now
from safelight.exchange.receive.upkeep import in_quarantine, last_scrub
from safelight.governance.health.state import (
    Alerts,
    DeadLetter,
    Done,
    Examined,
    Finding,
    Queue,
    Record,
    Room,
    State,
    Stored,
)
from safelight.governance.watch.models import Alert, AlertState
from safelight.governance.watch.thresholds import Severity
from safelight.platform.audit.events import Outcome
from safelight.platform.audit.models import Checkpoint, Entry, Tip
from safelight.platform.audit.queries import TrailFilter, page_of
from safelight.platform.database.sizes import size_of
from safelight.platform.jobs.dead_letters import dead_letters
from safelight.platform.jobs.models import Job, Tick
from safelight.platform.jobs.models import State as JobState
from safelight.platform.notices.models import Notice
from safelight.platform.notices.models import State as NoticeState
from safelight.records.imaging.models import Instance

ALIASES: Final = ("default", "keys")
_A_DAY: Final = timedelta(days=1)
# What other rooms write into the record, by the codes that are stable.
_BACKUPS: Final = ("backup.made", "backup.failed")
_DRILLS: Final = ("drill.done", "drill.failed")
_VERIFIED: Final = ("audit.verified",)
_WITNESSED: Final = ("checkpoint.witnessed", "checkpoint.witness-refused")
_MOST_DEAD: Final = 50


def state_now(*, at: datetime) -> State:
    """Read everything anew; some tenths of a second where much is stored."""
    return State(
        at=at,
        version=version("safelight"),
        mode=mode_now().value,
        migrations_waiting=_migrations_waiting(),
        room=_room(),
        databases={alias: size_of(alias) for alias in ALIASES},
        queue=_queue(at),
        dead=_dead(),
        backup=last_done(*_BACKUPS),
        drill=last_done(*_DRILLS),
        certificate_ends=certificate_end(settings.SAFELIGHT_TLS_CERT),
        has_certificate=bool(settings.SAFELIGHT_TLS_CERT),
        stored=_stored(),
        record=_record(),
        alerts=_alerts(),
        examined=_examined(settings.SAFELIGHT_DATA / "doctor.json"),
    )


def last_done(*kinds: str) -> Done | None:
    """Say when one of these last went into the record, and how it ended."""
    entries = page_of(TrailFilter(kinds=kinds), limit=1).entries
    if not entries:
        return None
    last = entries[0]
    well = last.outcome == Outcome.OK and not last.kind.endswith(("failed", "refused"))
    return Done(at=last.at, went_well=well, reason=last.reason)


def certificate_end(path: str) -> datetime | None:
    """Say until when a certificate (PEM) is good; None where there is none that can be read."""
    if not path:
        return None
    try:
        return x509.load_pem_x509_certificate(Path(path).read_bytes()).not_valid_after_utc
    except (OSError, ValueError):
        return None


def _migrations_waiting() -> int:
    waiting = 0
    for alias in ALIASES:
        executor = MigrationExecutor(connections[alias])
        waiting += len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    return waiting


def _room() -> Room:
    stored = Instance.objects.aggregate(objects=Count("arrival"), used=Sum("length"))
    url = urlsplit(settings.SAFELIGHT_STORE_URL)
    objects, used = stored["objects"], stored["used"] or 0
    if url.scheme == "s3":
        return Room(kind="s3", objects=objects, used=used, free=None, total=None)
    folder = Path(unquote(url.path)) if url.scheme == "file" else settings.SAFELIGHT_DATA
    disk = os.statvfs(folder)
    return Room(
        kind="folder",
        objects=objects,
        used=used,
        free=disk.f_bavail * disk.f_frsize,
        total=disk.f_blocks * disk.f_frsize,
    )


def _queue(at: datetime) -> Queue:
    counted = dict(Job.objects.values_list("state").annotate(Count("pk")))
    due = Job.objects.filter(state=JobState.READY, run_at__lte=at)
    oldest = due.aggregate(oldest=Min("run_at"))["oldest"]
    bounced = Notice.objects.filter(state=NoticeState.BOUNCED, ended_at__gte=at - _A_DAY)
    return Queue(
        waiting=counted.get(JobState.READY, 0),
        running=counted.get(JobState.RUNNING, 0),
        dead=counted.get(JobState.DEAD, 0),
        oldest_due=at - oldest if oldest else timedelta(0),
        last_turn=Tick.objects.aggregate(last=Max("at"))["last"],
        mails_waiting=Notice.objects.filter(state=NoticeState.WAITING).count(),
        mails_bounced=bounced.count(),
    )


def _dead() -> tuple[DeadLetter, ...]:
    return tuple(
        DeadLetter(
            job_id=each.job_id,
            name=each.name,
            error=each.error,
            attempts=each.attempts,
            at=each.finished_at,
        )
        for each in list(dead_letters())[:_MOST_DEAD]
    )


def _stored() -> Stored:
    last = last_scrub()
    return Stored(
        scrubbed_at=last[0] if last else None,
        scrubbed_objects=last[1] if last else 0,
        in_quarantine=len(in_quarantine()),
    )


def _record() -> Record:
    waiting = Entry.objects.filter(seq__isnull=True)
    asked = waiting.aggregate(count=Count("row"), oldest=Min("at"))
    tip = Tip.objects.first()
    last = Checkpoint.objects.order_by("-size").first()
    return Record(
        size=0 if tip is None else tip.size,
        waiting=asked["count"],
        oldest_waiting=asked["oldest"],
        checkpoint_at=None if last is None else last.at,
        verified=last_done(*_VERIFIED),
        witnessed=last_done(*_WITNESSED),
    )


def _alerts() -> Alerts:
    open_ones = Alert.objects.exclude(state=AlertState.CLOSED)
    serious = open_ones.filter(severity=Severity.HIGH)
    return Alerts(open=open_ones.count(), serious=serious.count())


def _examined(path: Path) -> Examined | None:
    """Read what `safelight doctor` left; what cannot be read was not left by it."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        wrong = [each for each in said["findings"] if not each["good"]]
        return Examined(
            at=datetime.fromisoformat(said["at"]),
            good=len(said["findings"]) - len(wrong),
            wrong=tuple(Finding(what=each["what"], advice=each["advice"]) for each in wrong),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
