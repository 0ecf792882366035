"""A witness's answer may be cut off anywhere on its way: that says nothing about the witness."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction

from safelight.kernel import clock
from safelight.platform.audit.actions import record
from safelight.platform.audit.asking import KnownWitness, Said, Trouble
from safelight.platform.audit.checkpoints import signer
from safelight.platform.audit.events import AuditEvent
from safelight.platform.audit.models import Checkpoint
from safelight.platform.audit.offline.keys import PublicKey
from safelight.platform.audit.sequencer import sequence_once
from safelight.platform.keys.signing import is_signed
from stage import moved_clock
from witnessing import WitnessProcess

__all__ = ["moved_clock"]
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
WHOLE = 1 << 20


@dataclass
class Cutter:
    """Hands on what a witness answers, up to so many bytes."""

    port: int  # the witness's
    most: int = WHOLE
    answered: int = 0  # bytes of the last answer
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            with near, socket.create_connection(("127.0.0.1", self.port)) as far:
                far.sendall(_request(near))
                answer = b""
                while piece := far.recv(1 << 16):
                    answer += piece
                self.answered = len(answer)
                near.sendall(answer[: self.most])


def _request(near: socket.socket) -> bytes:
    """Read one request, head and body."""
    said = b""
    while b"\r\n\r\n" not in said:
        said += near.recv(1 << 16)
    head, _, body = said.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split()[0])
    while len(body) < length:
        body += near.recv(1 << 16)
    return head + b"\r\n\r\n" + body


@pytest.fixture
def cutter(tmp_path: Path) -> Iterator[tuple[Cutter, KnownWitness]]:
    process = WitnessProcess(tmp_path / "witness", signer().verifier_key)
    process.start()
    made = Cutter(process.port)
    thread = threading.Thread(target=made.serve, daemon=True)
    thread.start()
    yield made, KnownWitness(made.url, PublicKey.parse(process.key, is_signed))
    made.listener.shutdown(socket.SHUT_RDWR)
    made.listener.close()
    thread.join(10)
    process.end()


def test_an_answer_that_is_cut_off_anywhere_is_silence(
    cutter: tuple[Cutter, KnownWitness], moved_clock: Callable[[timedelta], datetime]
) -> None:
    between, witness = cutter
    moved_clock(timedelta(seconds=61))
    with transaction.atomic():
        record(AuditEvent.READ, actor="system", subject="study/s1", at=clock.now())
    while sequence_once():
        pass
    newest = Checkpoint.objects.latest("size")
    assert witness.sign(newest, old=0).line
    # Believed to hold all, it signs again; believed to hold nothing, it says what it holds.
    for old in (newest.size, 0):
        between.most = WHOLE
        assert witness.sign(newest, old=old).line
        for most in range(between.answered):
            between.most = most
            assert witness.sign(newest, old=old) == Said(trouble=Trouble.SILENT), (old, most)
