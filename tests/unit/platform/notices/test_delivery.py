"""Does a message go out once the act is committed, only where it is safe, and leave no trace?"""

from __future__ import annotations

import email
import socketserver
import ssl
import threading
from datetime import UTC, datetime, timedelta
from email.policy import default
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.db import transaction

from safelight.kernel import clock
from safelight.platform.audit.models import Entry
from safelight.platform.jobs.models import Job
from safelight.platform.notices.actions import send
from safelight.platform.notices.delivery import hand_over
from safelight.platform.notices.errors import (
    NoticeRefusedError,
    RecipientRefusedError,
    UnsafeMailError,
)
from safelight.platform.notices.events import NoticeEvent
from safelight.platform.notices.jobs import deliver, prune
from safelight.platform.notices.message import message
from safelight.platform.notices.models import Notice, State

if TYPE_CHECKING:
    from collections.abc import Iterator

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
JANE = "jane@example.org"
NOTICE = UUID(int=5)
with_databases = pytest.mark.django_db(databases=["default", "keys"])


@pytest.fixture
def mail(settings: Any, tmp_path: Path) -> Path:  # noqa: ANN401
    settings.SAFELIGHT_EMAIL_URL = f"file://{tmp_path}/mail"
    return tmp_path / "mail"


@with_databases
def test_a_message_waits_sealed_and_is_emptied_once_sent(mail: Path) -> None:
    notice_id = send("share-code", to=JANE, context={"code": "482910"}, at=NOON, about="share/s1")
    waiting = Notice.objects.get()
    assert JANE.encode() not in waiting.sealed
    assert b"482910" not in waiting.sealed
    assert Job.objects.get().ids == {"notice_id": str(notice_id)}

    deliver.run(Job.objects.get().ids)
    (file,) = mail.iterdir()
    sent = email.message_from_bytes(file.read_bytes(), policy=default)
    assert sent["To"] == JANE
    assert "482910" in sent.get_content()
    assert (file.stat().st_mode & 0o777, mail.stat().st_mode & 0o777) == (0o600, 0o700)
    ended = Notice.objects.get()
    assert (ended.state, bytes(ended.sealed)) == (State.SENT, b"")
    entry = Entry.objects.get()
    assert (entry.kind, entry.subject) == (NoticeEvent.SENT, "share/s1")


@with_databases
def test_a_message_sent_twice_by_a_crash_is_one_message(mail: Path) -> None:
    notice_id = send("share-ended", to=JANE, context={}, at=NOON)
    before = Notice.objects.get()
    deliver.function(notice_id)
    (first,) = [file.read_bytes() for file in mail.iterdir()]
    # As if the worker had died between handing over and writing it down.
    before.save()
    deliver.function(notice_id)
    assert [file.read_bytes() for file in mail.iterdir()] == [first]
    deliver.function(notice_id)
    assert Entry.objects.filter(kind=NoticeEvent.SENT).count() == 2


@pytest.mark.django_db(databases=["default", "keys"], transaction=True)
def test_a_message_of_an_act_that_is_undone_does_not_exist() -> None:
    def act_that_fails() -> None:
        with transaction.atomic():
            send("share-ended", to=JANE, context={}, at=NOON)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act_that_fails()
    assert not Notice.objects.exists()
    assert not Job.objects.exists()


@with_databases
@pytest.mark.parametrize(
    "to", ["", "jane", "a@b.org, c@d.org", "a@b.org\nBcc: x@y.org", "J <a@b.c>"]
)
def test_a_message_goes_to_one_address(to: str) -> None:
    with pytest.raises(NoticeRefusedError) as refusal:
        send("share-ended", to=to, context={}, at=NOON)
    assert "jane" not in str(refusal.value)


@with_databases
def test_shells_of_sent_messages_are_forgotten_after_a_month(mail: Path) -> None:
    deliver.function(send("share-ended", to=JANE, context={}, at=NOON))
    send("share-ended", to=JANE, context={}, at=NOON)
    Notice.objects.filter(state=State.SENT).update(ended_at=clock.now() - timedelta(days=31))
    prune.function()
    assert Notice.objects.get().state == State.WAITING


class _Server(socketserver.ThreadingTCPServer):
    """Enough of RFC 5321 and 3207 to receive one message."""

    allow_reuse_address = True
    daemon_threads = True
    tls: ssl.SSLContext | None = None
    answer_to_recipient = b"250 ok"

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.heard: list[str] = []
        self.message = b""


class _Conversation(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        self.say(b"220 here")
        while line := self.rfile.readline():
            verb = line.split()[0].upper().decode()
            self.server.heard.append(verb)
            if verb == "STARTTLS" and self.server.tls:
                self.say(b"220 go")
                try:
                    self.request = self.server.tls.wrap_socket(self.request, server_side=True)
                except ssl.SSLError:
                    return
                self.setup()
            elif verb == "DATA":
                self.say(b"354 go")
                while (data := self.rfile.readline()) != b".\r\n":
                    self.server.message += data
                self.say(b"250 taken")
            elif verb == "RCPT":
                self.say(self.server.answer_to_recipient)
            elif verb == "EHLO":
                offers = ["localhost", *(["STARTTLS"] if self.server.tls else [])]
                for offer in offers:
                    self.say(b"250-" + offer.encode())
                self.say(b"250 AUTH PLAIN")
            elif verb == "AUTH":
                self.say(b"235 welcome")
            else:
                self.say(b"221 bye" if verb == "QUIT" else b"250 ok")

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")
        self.wfile.flush()


@pytest.fixture
def server() -> Iterator[_Server]:
    with _Server() as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + made.public_bytes(Encoding.PEM)
    )
    return path


def a_message() -> Any:  # noqa: ANN401
    facts = {"code": "482910"}
    return message("share-code", facts, to=JANE, notice_id=NOTICE, at=NOON)


def test_mail_to_this_machine_may_be_plain(server: _Server) -> None:
    url = f"smtp://127.0.0.1:{server.server_address[1]}"
    hand_over(a_message(), url, notice_id=NOTICE)
    received = email.message_from_bytes(server.message, policy=default)
    assert received["To"] == JANE
    assert "482910" in received.get_content()


@pytest.mark.parametrize(
    "url", ["smtp://mail.example.org", "smtp://192.0.2.1", "http://x", "", "x"]
)
def test_mail_leaves_this_machine_only_over_tls(url: str) -> None:
    with pytest.raises(UnsafeMailError):
        hand_over(a_message(), url, notice_id=NOTICE)


def test_tls_is_used_before_anything_is_said(
    server: _Server, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.tls.load_cert_chain(certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    url = f"smtp+tls://us%40er:se%2Fcret@localhost:{server.server_address[1]}"
    hand_over(a_message(), url, notice_id=NOTICE)
    assert server.heard[:4] == ["EHLO", "STARTTLS", "EHLO", "AUTH"]
    assert b"482910" in server.message


def test_a_server_that_nobody_vouches_for_is_told_nothing(
    server: _Server, certificate: Path
) -> None:
    server.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.tls.load_cert_chain(certificate)
    url = f"smtp+tls://user:secret@localhost:{server.server_address[1]}"
    with pytest.raises(ssl.SSLError):
        hand_over(a_message(), url, notice_id=NOTICE)
    assert server.heard == ["EHLO", "STARTTLS"]


def test_a_server_without_tls_is_told_nothing(server: _Server) -> None:
    url = f"smtp+tls://user:secret@localhost:{server.server_address[1]}"
    with pytest.raises(OSError, match="STARTTLS"):
        hand_over(a_message(), url, notice_id=NOTICE)
    assert "AUTH" not in server.heard
    assert "MAIL" not in server.heard


@pytest.mark.parametrize(
    ("answer", "error"),
    [(b"550 no such person", RecipientRefusedError), (b"450 come back later", OSError)],
)
def test_a_refusal_for_good_is_told_from_a_passing_one(
    server: _Server, answer: bytes, error: type[Exception]
) -> None:
    server.answer_to_recipient = answer
    with pytest.raises(error) as refusal:
        hand_over(a_message(), f"smtp://127.0.0.1:{server.server_address[1]}", notice_id=NOTICE)
    if error is RecipientRefusedError:
        assert JANE not in str(refusal.value)


@with_databases
def test_a_refused_address_is_recorded_and_not_tried_again(
    server: _Server,
    settings: Any,  # noqa: ANN401
) -> None:
    server.answer_to_recipient = b"550 no such person"
    settings.SAFELIGHT_EMAIL_URL = f"smtp://127.0.0.1:{server.server_address[1]}"
    deliver.function(send("share-ended", to=JANE, context={}, at=NOON))
    assert Notice.objects.get().state == State.BOUNCED
    assert Entry.objects.get().outcome == "failed"


@with_databases
def test_a_server_that_is_away_leaves_the_message_waiting(settings: Any) -> None:  # noqa: ANN401
    settings.SAFELIGHT_EMAIL_URL = "smtp://127.0.0.1:1"
    notice_id = send("share-ended", to=JANE, context={}, at=NOON)
    with pytest.raises(OSError, match="refused"):
        deliver.function(notice_id)
    assert Notice.objects.get().state == State.WAITING
