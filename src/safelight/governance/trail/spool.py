"""What of the record does the repository not have yet, and how does it get it?

The spool is a place in the record. A repository that does not answer costs nothing but
time: the entries wait where they are, and go out in order once it answers again.
"""

from __future__ import annotations

import socket
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from safelight.governance.trail.errors import RepositoryError
from safelight.governance.trail.events import TrailEvent
from safelight.governance.trail.models import Spool
from safelight.governance.trail.syslog import Repository, repository_at, send
from safelight.governance.trail.told import told
from safelight.platform.audit.actions import record
from safelight.platform.audit.events import Outcome
from safelight.platform.audit.queries import TrailFilter, placed_after

BATCH: Final = 200
MOST_BATCHES: Final = 50
_HELD: Final = timedelta(minutes=2)


def configured() -> Repository | None:
    """Return the repository that this instance sends to, if any. Raises RepositoryError."""
    return repository_at(
        settings.SAFELIGHT_AUDIT_SYSLOG_URL,
        ca=settings.SAFELIGHT_AUDIT_SYSLOG_CA,
        cert=settings.SAFELIGHT_AUDIT_SYSLOG_CERT,
        key=settings.SAFELIGHT_AUDIT_SYSLOG_KEY,
    )


def send_on(*, at: datetime) -> int:
    """Send what the repository lacks, as much as one turn may, and return how many entries.

    That it does not take them is on record once, when it begins; and when it is over.
    """
    repository = configured()
    if repository is None:
        return 0
    name = f"{repository.host}:{repository.port}"
    Spool.objects.get_or_create(repository=name)
    free = Q(held_until=None) | Q(held_until__lt=at)
    if not Spool.objects.filter(free, pk=name).update(held_until=at + _HELD):
        return 0
    try:
        return _send_batches(repository, name, at)
    finally:
        Spool.objects.filter(pk=name).update(held_until=None)


def _send_batches(repository: Repository, name: str, at: datetime) -> int:
    sent = 0
    for _ in range(MOST_BATCHES):
        spool = Spool.objects.get(pk=name)
        batch = placed_after(spool.seq, TrailFilter(), limit=BATCH)
        if not batch:
            break
        try:
            send(repository, told(batch), hostname=socket.gethostname())
        except RepositoryError:
            _note_failing(spool, at)
            break
        _note_sent(spool, batch[-1].seq or spool.seq, at)
        sent += len(batch)
    return sent


def _note_failing(spool: Spool, at: datetime) -> None:
    if spool.failing_since is not None:
        return
    with transaction.atomic():
        Spool.objects.filter(pk=spool.pk).update(failing_since=at)
        record(TrailEvent.SENDING_FAILED, actor="system", outcome=Outcome.FAILED, at=at)


def _note_sent(spool: Spool, seq: int, at: datetime) -> None:
    with transaction.atomic():
        Spool.objects.filter(pk=spool.pk).update(seq=seq, sent_at=at, failing_since=None)
        if spool.failing_since is not None:
            record(TrailEvent.SENDING_RESUMED, actor="system", at=at)
