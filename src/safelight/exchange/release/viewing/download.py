"""How does an exam leave as a file? As a zip of DICOM files with their hashes, or as a disc.

The disclosure is on record before the first byte; the decision is asked again
on the way; at the end the row says how much really left.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from zipstream import ZIP_STORED, ZipStream

from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.release.budgets import spend_download
from safelight.exchange.release.disclosures import Ground, disclose, end_disclosure
from safelight.exchange.release.events import ReleaseEvent
from safelight.exchange.release.obligations import obligations_under
from safelight.exchange.release.viewing.disc import (
    Counted,
    Medium,
    disc,
    require_fit,
    require_strong,
)
from safelight.exchange.release.viewing.find import Found, find_study_by_id, instances_of
from safelight.exchange.release.viewing.objects import Outgoing, TakenBackError, Watch, outgoing
from safelight.platform.audit.actions import record
from safelight.platform.storage.spool import SealedSpool
from safelight.records.imaging.quarantine import sound_among
from safelight.records.imaging.store import open_instance

HASHES = "SHA256SUMS.txt"
READ_ME = "README.txt"
MISSING = "MISSING.txt"
OBLIGATIONS = "OBLIGATIONS.json"
OBLIGATIONS_IN_WORDS = "OBLIGATIONS.txt"
_MISSING = (
    "{} of this exam's pictures cannot be given out at the moment: what is stored of them\n"
    "is damaged. Whoever runs this place knows of it. The others are here.\n"
)
_README = (
    "These are the pictures of one exam, as DICOM files, exactly as they were stored\n"
    "(but for the 128 bytes before each file's content, which DICOM ignores; they are\n"
    "emptied because a harmful program could hide there).\n\n"
    "SHA256SUMS.txt lists the SHA-256 of every file. To check them:\n"
    "    sha256sum -c SHA256SUMS.txt\n"
)


@dataclass(slots=True)
class Sent:
    """How much of a download has left so far."""

    files: int = 0
    size: int = 0
    left_out: int = 0
    is_complete: bool = False


@dataclass(frozen=True, slots=True)
class _Form:
    """As what an exam leaves, and what a sealed one opens with."""

    medium: Medium
    passphrase: str = field(repr=False)
    with_pages: bool


@dataclass(frozen=True, slots=True)
class Download:
    """A download that is on record and ready to stream."""

    disclosure_id: UUID
    pieces: Iterator[bytes]


def download(
    party: Party,
    study_id: UUID,
    *,
    now: Callable[[], datetime],
    who: Callable[[datetime], Party] | None = None,
    medium: Medium = Medium.FILES,
    passphrase: str = "",
    with_pages: bool = False,
    origin: str = "",
) -> Download:
    """Put a download on record and return its bytes.

    `who` finds anew, while it runs, on whose behalf it does.

    Raises:
        NotFoundError: this party may not have a copy.
        WeakPassphraseError: a sealed copy needs a passphrase as we make them.
        TooLargeForDiscError: an object does not fit on that medium.
        RateLimitedError: it had too many within the hour.
    """
    at = now()
    found = find_study_by_id(party, study_id, at=at, action=Action.DOWNLOAD)
    require_strong(passphrase, medium)
    require_fit(instances_of(found), medium)
    spend_download(party, found, at=at)
    with transaction.atomic():
        entry_id = record(
            ReleaseEvent.DOWNLOADED,
            actor=party.name,
            session=party.session,
            subject=f"study/{study_id}",
            vault_id=found.study.vault_id,
            consent_id=found.decision.consent_id,
            reason=found.decision.reason,
            origin=origin,
            at=at,
        )
        disclosure = disclose(
            party,
            found,
            Ground.of(found.decision.reason),
            channel="download",
            entry_id=entry_id,
            at=at,
        )
    watch = Watch(who or (lambda _: party), found, now)
    form = _Form(medium, passphrase, with_pages)
    return Download(disclosure.id, _streamed(party, found, disclosure.id, now, watch, form))


def _streamed(
    party: Party,
    found: Found,
    disclosure_id: UUID,
    now: Callable[[], datetime],
    watch: Watch,
    form: _Form,
) -> Iterator[bytes]:
    sent = Sent()
    try:
        is_disc = form.medium is not Medium.FILES
        pieces = _disc(found, sent, watch, form, now()) if is_disc else _zip(found, sent, watch)
        for piece in pieces:
            sent.size += len(piece)
            yield piece
        sent.is_complete = not sent.left_out
    except TakenBackError:
        # The zip ends without its directory: whoever opens it sees that it is not whole.
        return
    finally:
        with transaction.atomic():
            end_disclosure(
                disclosure_id,
                complete=sent.is_complete,
                pictures=sent.files,
                size=sent.size,
                at=now(),
            )
            record(
                ReleaseEvent.DOWNLOAD_ENDED,
                actor=party.name,
                session=party.session,
                subject=f"disclosure/{disclosure_id}",
                vault_id=found.study.vault_id,
                reason="complete" if sent.is_complete else "partial",
                count=sent.files,
                size=sent.size,
                at=now(),
            )


def _zip(found: Found, sent: Sent, watch: Watch) -> Iterator[bytes]:
    stream = ZipStream(compress_type=ZIP_STORED)
    hashes: list[str] = []
    stream.add(_README, READ_ME)
    if (bound := obligations_under(found.decision)) is not None:
        stream.add(bound.json, OBLIGATIONS)
        stream.add("\n".join(bound.words) + "\n", OBLIGATIONS_IN_WORDS)
    asked_for = instances_of(found)
    rows = sound_among(asked_for)
    sent.left_out = len(asked_for) - len(rows)
    if sent.left_out:
        stream.add(_MISSING.format(sent.left_out), MISSING)
    for number, row in enumerate(rows, start=1):
        name = f"DICOM/{number:06d}.dcm"
        leaving = outgoing(open_instance(row))
        stream.add(_hashed(leaving, name, hashes, sent, watch), name)
    stream.add(_late(hashes), HASHES)
    yield from stream


def _disc(found: Found, sent: Sent, watch: Watch, form: _Form, at: datetime) -> Iterator[bytes]:
    asked_for = instances_of(found)
    rows = sound_among(asked_for)
    sent.left_out = len(asked_for) - len(rows)
    counted = Counted(watch)
    try:
        with SealedSpool(settings.SAFELIGHT_DATA / "spool") as spool:
            yield from disc(
                found,
                rows,
                counted,
                left_out=sent.left_out,
                medium=form.medium,
                passphrase=form.passphrase,
                spool=spool if form.with_pages else None,
                at=at,
            )
    finally:
        sent.files = counted.files


def _hashed(
    leaving: Outgoing, name: str, hashes: list[str], sent: Sent, watch: Watch
) -> Iterator[bytes]:
    digest = hashlib.sha256()
    watch.ask()
    for piece in leaving.pieces():
        watch.before(len(piece))
        digest.update(piece)
        yield piece
    hashes.append(f"{digest.hexdigest()}  {name}\n")
    sent.files += 1


def _late(hashes: list[str]) -> Iterator[bytes]:
    """Yield the list of hashes once all files have been read."""
    yield "".join(hashes).encode()
