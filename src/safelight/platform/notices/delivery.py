"""Where do messages go? Where SAFELIGHT_EMAIL_URL says.

file:///folder                     one file for each message (demo, tests)
smtp+tls://user:password@host:587  STARTTLS, certificate checked
smtp+ssl://user:password@host:465  TLS from the first byte
smtp://127.0.0.1:25                plain, to this machine only
"""

from __future__ import annotations

import os
import smtplib
import ssl
from http import HTTPStatus
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

from safelight.platform.notices.errors import RecipientRefusedError, UnsafeMailError

if TYPE_CHECKING:
    from email.message import EmailMessage
    from uuid import UUID

TIMEOUT = 30  # seconds for each step of the conversation
_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}
_FOR_GOOD = HTTPStatus.INTERNAL_SERVER_ERROR  # SMTP too begins permanent refusals at 500


def hand_over(message: EmailMessage, url: str, *, notice_id: UUID) -> None:
    """Deliver one message to its one recipient.

    Raises:
        RecipientRefusedError: the address was refused for good.
        UnsafeMailError: the address of the server is not one of the four forms.
        OSError: the server cannot be reached or talks otherwise; later may help.
    """
    where = urlsplit(url)
    if where.scheme == "file":
        _write(Path(unquote(where.path)), f"{notice_id.hex}.eml", message.as_bytes())
    elif where.scheme in _PORTS:
        _post(message, where)
    else:
        raise UnsafeMailError


def _write(folder: Path, name: str, content: bytes) -> None:
    """Write a file that is there whole or not at all; the same notice has the same name."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = folder / f".{name}.{os.getpid()}.part"
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(folder / name)
    finally:
        part.unlink(missing_ok=True)


def _post(message: EmailMessage, where: SplitResult) -> None:
    host, port = where.hostname or "", where.port or _PORTS[where.scheme]
    trusted = ssl.create_default_context()
    if where.scheme == "smtp" and not _is_this_machine(host):
        raise UnsafeMailError
    try:
        with _connection(where.scheme, host, port, trusted) as server:
            if where.scheme == "smtp+tls":
                server.starttls(context=trusted)
            if where.username:
                server.login(unquote(where.username), unquote(where.password or ""))
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as refused:
        if all(code >= _FOR_GOOD for code, _ in refused.recipients.values()):
            raise RecipientRefusedError from None
        raise


def _connection(scheme: str, host: str, port: int, trusted: ssl.SSLContext) -> smtplib.SMTP:
    if scheme == "smtp+ssl":
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=trusted)
    return smtplib.SMTP(host, port, timeout=TIMEOUT)


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
