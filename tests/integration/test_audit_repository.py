"""Does a repository get the whole record over TLS, in order, also if it was away meanwhile?"""

from __future__ import annotations

import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID
from xml.etree.ElementTree import fromstring

import pytest
from django.conf import settings
from django.db import transaction

from audit_shapes import broken_dicom
from repository import Repository, certificate, refuse_late
from safelight.governance.trail.errors import RepositoryError
from safelight.governance.trail.models import Spool
from safelight.governance.trail.spool import configured, send_on
from safelight.kernel import clock
from safelight.platform.audit.actions import record
from safelight.platform.audit.events import AuditEvent
from safelight.platform.audit.models import Entry
from safelight.platform.audit.sequencer import sequence_once

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

_HEADER = re.compile(
    r"<85>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z \S{1,255} safelight - "
    r"(DICOM\+RFC3881|IHE\+RFC-3881) - \ufeff(<\?xml .*)"
)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    made = Repository(tmp_path)
    monkeypatch.setattr(
        settings, "SAFELIGHT_AUDIT_SYSLOG_URL", f"syslog+tls://localhost:{made.port}"
    )
    monkeypatch.setattr(settings, "SAFELIGHT_AUDIT_SYSLOG_CA", str(made.cert))
    yield made
    made.stop()


def act(count: int = 3) -> list[UUID]:
    with transaction.atomic():
        made = [
            record(AuditEvent.READ, actor="account/a1", subject=f"study/s{each}", at=clock.now())
            for each in range(count)
        ]
    while sequence_once():
        pass
    return made


def break_off(listening: socket.socket, repository: Repository) -> None:
    """Take a connection, greet, read a little, and reset it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(repository.cert, repository.key)
    plain, _ = listening.accept()
    connection = context.wrap_socket(plain, server_side=True)
    connection.recv(10)
    at_once = struct.pack("ii", 1, 0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
    connection.close()


def whole() -> int:
    return Entry.objects.filter(seq__gt=0).count()


def test_everything_arrives_once_in_order_although_the_repository_was_away(
    repository: Repository, moved_clock: Callable[[timedelta], datetime]
) -> None:
    repository.start()
    act()
    first = send_on(at=clock.now())
    assert first == len(repository.received()) == whole()
    repository.stop()
    act(5)
    assert send_on(at=clock.now()) == 0
    assert send_on(at=clock.now()) == 0
    assert Spool.objects.get().failing_since is not None
    while sequence_once():
        pass
    repository.start()
    moved_clock(timedelta(minutes=3))
    assert send_on(at=clock.now()) > 0
    while sequence_once():
        pass
    send_on(at=clock.now())
    lines = repository.received()
    assert len(lines) == whole() == Spool.objects.get().seq
    assert send_on(at=clock.now()) == 0
    kinds = list(Entry.objects.filter(seq__gt=0).order_by("seq").values_list("kind", flat=True))
    assert kinds.count("audit.sending-failed") == 1, "however often it was tried"
    assert kinds.count("audit.sending-resumed") == 1
    times = [line.split(" ")[1] for line in lines]
    assert times == sorted(times)
    for line in lines:
        found = _HEADER.fullmatch(line)
        assert found is not None, line
        assert broken_dicom(fromstring(found.group(2))) == []  # noqa: S314 (ours)


def test_a_batch_whose_connection_breaks_counts_for_nothing(repository: Repository) -> None:
    act()
    with socket.create_server(("127.0.0.1", repository.port)) as listening:
        breaking = threading.Thread(target=lambda: break_off(listening, repository))
        breaking.start()
        assert send_on(at=clock.now()) == 0
        breaking.join()
    assert Spool.objects.get().seq == 0


def test_nobody_else_can_stand_in_for_the_repository(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    repository.start()
    stranger, _ = certificate(tmp_path, "stranger")
    monkeypatch.setattr(settings, "SAFELIGHT_AUDIT_SYSLOG_CA", str(stranger))
    act()
    assert send_on(at=clock.now()) == 0
    assert repository.received() == []


def test_a_repository_that_asks_who_sends_is_told_by_certificate(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.asks_who = True
    repository.start()
    act()
    assert send_on(at=clock.now()) == 0
    monkeypatch.setattr(settings, "SAFELIGHT_AUDIT_SYSLOG_CERT", str(repository.client))
    monkeypatch.setattr(settings, "SAFELIGHT_AUDIT_SYSLOG_KEY", str(repository.client_key))
    assert send_on(at=clock.now()) > 0
    assert repository.received()


def test_what_was_refused_after_it_was_sent_counts_for_nothing(repository: Repository) -> None:
    act()
    listening = socket.create_server(("127.0.0.1", repository.port))
    with listening, ThreadPoolExecutor(1) as apart:
        refusing = apart.submit(refuse_late, listening, repository)
        assert send_on(at=clock.now()) == 0
        assert refusing.result() > 500 * whole(), "all was sent before the refusal"
    spool = Spool.objects.get()
    assert spool.seq == 0
    assert spool.failing_since is not None


def test_without_an_address_nothing_is_sent_and_a_wrong_one_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "SAFELIGHT_AUDIT_SYSLOG_URL", "")
    assert send_on(at=clock.now()) == 0
    assert not Spool.objects.exists()
    monkeypatch.setattr(settings, "SAFELIGHT_AUDIT_SYSLOG_URL", "syslog://repository.example:514")
    with pytest.raises(RepositoryError):
        configured()
