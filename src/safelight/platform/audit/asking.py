"""What does a witness say to our newest checkpoint, with the proof that it asks for?

A yes is its signature. A no is one of two facts about our own database: it holds less
than the witness has seen, or it holds something else.
"""

from __future__ import annotations

import base64
import http.client
import ipaddress
import json
import ssl
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from safelight.platform.audit.checkpoints import all_keys, keys_to_add
from safelight.platform.audit.errors import TreeBrokenError
from safelight.platform.audit.offline.keys import PublicKey
from safelight.platform.audit.tree import Tree
from safelight.platform.audit.witness import GONE_ON
from safelight.platform.keys.signing import is_signed

if TYPE_CHECKING:
    from safelight.platform.audit.models import Checkpoint

_PATIENCE: Final = 10.0  # seconds
_MOST: Final = 1 << 16
_MOST_NOTES: Final = 1 << 28


class Trouble(StrEnum):
    """Why a witness did not sign. Values are stable codes."""

    SILENT = "silent"
    REFUSED = "refused"  # it does not know this trail, or does not say what it should
    MISSING = "missing"  # it has seen more than there is
    FORKED = "forked"  # it has seen something else


@dataclass(frozen=True, slots=True)
class Said:
    """What came of it: the line it signed with, or the trouble. `size` is what it holds."""

    size: int = 0
    line: str = ""
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class KnownWitness:
    """A witness that the operator named."""

    url: str
    key: PublicKey

    def sign(self, checkpoint: Checkpoint, *, old: int) -> Said:
        """Ask for a signature. `old` is what it is believed to hold; it says if not."""
        try:
            status, text = self._posted(checkpoint, old)
            if status == HTTPStatus.CONFLICT:
                held = int(text)
                if held > checkpoint.size:
                    return Said(held, trouble=Trouble.MISSING)
                if held == old:
                    return Said(held, trouble=Trouble.FORKED)
                old = held
                status, text = self._posted(checkpoint, old)
                if status == HTTPStatus.CONFLICT and int(text) != old:
                    return Said(trouble=Trouble.SILENT)  # another asked it meanwhile
        except (OSError, http.client.HTTPException):
            return Said(trouble=Trouble.SILENT)
        except (ValueError, TreeBrokenError):
            return Said(trouble=Trouble.REFUSED)
        if status == HTTPStatus.OK:
            return self._taken(checkpoint, text)
        refused = {
            HTTPStatus.UNPROCESSABLE_ENTITY: Trouble.FORKED,
            HTTPStatus.CONFLICT: Trouble.FORKED,
        }
        return Said(old, trouble=refused.get(HTTPStatus(status), Trouble.REFUSED))

    def notes(self) -> list[str]:
        """Return what it signed, where it tells (ours does). Raises OSError.

        Where it was let go on after a restore, what it signed before is another history's.
        """
        try:
            _, text = _request(self.url, "GET", "/notes", "", most=_MOST_NOTES)
            signed = [json.loads(line) for line in text.splitlines()]
            starts = [number for number, each in enumerate(signed) if GONE_ON in each]
            return [each["note"] for each in signed[starts[-1] if starts else 0 :]]
        except (ValueError, KeyError, TypeError, http.client.HTTPException) as error:
            raise OSError from error

    def _posted(self, checkpoint: Checkpoint, old: int) -> tuple[int, str]:
        proof = Tree(checkpoint.size).consistency(old)
        lines = [f"old {old}", *(base64.b64encode(each).decode() for each in proof)]
        body = "\n".join(lines) + "\n\n" + checkpoint.note
        status, text = _request(self.url, "POST", "/add-checkpoint", body)
        if status in {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND} and keys_to_add():
            # It may not know yet by which key we sign.
            taken, _ = _request(self.url, "POST", "/add-keys", all_keys())
            if taken == HTTPStatus.OK:
                return _request(self.url, "POST", "/add-checkpoint", body)
        return status, text

    def _taken(self, checkpoint: Checkpoint, text: str) -> Said:
        body = checkpoint.note.rpartition("\n\n")[0]
        for line in text.splitlines(keepends=True):
            try:
                self.key.signed_at(f"{body}\n\n{line}")
            except ValueError:
                continue
            return Said(checkpoint.size, line)
        return Said(trouble=Trouble.REFUSED)


def known_witnesses() -> list[KnownWitness]:
    """Return the witnesses that the settings name.

    Raises:
        ImproperlyConfigured: one has no key or no way that others cannot read along.
    """
    urls, keys = settings.SAFELIGHT_WITNESS_URLS, settings.SAFELIGHT_WITNESS_KEYS
    if len(urls) != len(keys):
        raise ImproperlyConfigured("witness_urls and witness_keys go in pairs")
    if any(not _is_private(url) for url in urls):
        raise ImproperlyConfigured("a witness is asked by https, or on this machine")
    try:
        known = [PublicKey.parse(key, is_signed) for key in keys]
    except ValueError:
        raise ImproperlyConfigured("witness_keys holds something that is no key") from None
    if not all(key.is_witness for key in known):
        raise ImproperlyConfigured("witness_keys holds a key that is no witness's")
    return [KnownWitness(url, key) for url, key in zip(urls, known, strict=True)]


def _is_private(url: str) -> bool:
    said = urlsplit(url)
    if said.scheme == "https":
        return bool(said.hostname)
    try:
        return said.scheme == "http" and ipaddress.ip_address(said.hostname or "").is_loopback
    except ValueError:
        return said.scheme == "http" and said.hostname == "localhost"


def _request(url: str, method: str, path: str, body: str, *, most: int = _MOST) -> tuple[int, str]:
    said = urlsplit(url)
    host = said.hostname or ""
    connection = (
        http.client.HTTPSConnection(
            host, said.port, timeout=_PATIENCE, context=ssl.create_default_context()
        )
        if said.scheme == "https"
        else http.client.HTTPConnection(host, said.port, timeout=_PATIENCE)
    )
    try:
        connection.request(method, said.path.rstrip("/") + path, body.encode())
        answer = connection.getresponse()
        text = answer.read(most + 1)
        if len(text) > most:
            raise ValueError(text[:0])
        if answer.length or (answer.length is None and not answer.chunked):
            # Cut off on its way, which says nothing about who sent it: in its body, or in its
            # head before that said how long it is.
            raise http.client.IncompleteRead(text[:0], answer.length)
        return answer.status, text.decode()
    finally:
        connection.close()
