"""How does an exam leave as a disc? With its DICOMDIR, reports, obligations and hashes.

The same disc as the image of a CD (ISO 9660) or as a zip to be unpacked on a medium. What
lies where follows from the sizes, so nothing is held or written here (PS3.10, PS3.12).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Final

from zipstream import ZIP_STORED, ZipStream

from safelight.dicom.media.directory import NAME, Listed, dicomdir
from safelight.dicom.media.iso9660 import LARGEST, DiscFile, image
from safelight.dicom.media.sealed_zip import sealed_zip
from safelight.exchange.release.errors import TooLargeForDiscError, WeakPassphraseError
from safelight.exchange.release.obligations import obligations_under
from safelight.exchange.release.viewing.disc_pages import drawn, pages
from safelight.exchange.release.viewing.documents import enclosed
from safelight.exchange.release.viewing.find import Found
from safelight.exchange.release.viewing.objects import Outgoing, Watch, outgoing
from safelight.kernel.ids import new_id
from safelight.platform.storage.spool import SealedSpool
from safelight.records.imaging.models import Instance
from safelight.records.imaging.renditions import model_of
from safelight.records.imaging.store import card_of, open_instance

VOLUME: Final = "SAFELIGHT"
HASHES: Final = "SHA256.TXT"
READ_ME: Final = "README.TXT"
MISSING: Final = "MISSING.TXT"
OBLIGATIONS: Final = "DUTIES.JSO"
OBLIGATIONS_IN_WORDS: Final = "DUTIES.TXT"
_DIGEST: Final = 64
_OURS: Final = re.compile(r"[0-9a-hjkmnp-tv-z]{5}(-[0-9a-hjkmnp-tv-z]{5}){3}", re.ASCII)
_FEW_LETTERS: Final = 6
_ENDINGS: Final = {"application/pdf": "PDF", "text/xml": "XML"}
_MISSING: Final = (
    "{} of this exam's pictures cannot be given out at the moment: what is stored of them\r\n"
    "is damaged. Whoever runs this place knows of it. The others are here.\r\n"
)
_WORDS: Final = (
    "These are the pictures of one exam, on a disc as hospitals exchange them.\r\n\r\n"
    "DICOMDIR    the list by which a program for medical images opens the disc\r\n"
    "DICOM       the pictures, as they were stored (but for the 128 bytes before each\r\n"
    "            file's content, which DICOM ignores)\r\n"
    "REPORTS     documents of the exam, to be opened by any program, if it has any\r\n"
    "INDEX.HTM   if it is there, pages for any browser; its pictures lie in PICTURES\r\n"
    "DUTIES.TXT  what binds whoever was given this disc, if anything does\r\n"
    "SHA256.TXT  the SHA-256 of every file; to check them: sha256sum -c SHA256.TXT\r\n\r\n"
    "There is no program on this disc, and nothing starts by itself. Whoever holds the\r\n"
    "disc can open it: keep it like the pictures themselves.\r\n"
)


class Medium(StrEnum):
    """As what an exam leaves. Values are stable codes."""

    FILES = "files"
    DISC = "disc"
    IMAGE = "image"
    SEALED = "sealed"


@dataclass(slots=True)
class Counted:
    """How much of a disc has left, and the hashes of it."""

    watch: Watch
    files: int = 0
    hashes: list[str] = field(default_factory=list)


def disc(
    found: Found,
    rows: list[Instance],
    counted: Counted,
    *,
    left_out: int,
    medium: Medium,
    passphrase: str,
    spool: SealedSpool | None,
    at: datetime,
) -> Iterator[bytes]:
    """Yield a disc with some objects of an exam, in one of its forms.

    With a spool it has pages for any browser, whose pictures wait in there.

    Raises:
        TakenBackError: nothing more may leave.
    """
    files = _files(found, rows, counted, left_out=left_out, spool=spool)
    if medium is Medium.IMAGE:
        return image(files, volume=VOLUME, at=at)
    if medium is Medium.SEALED:
        return sealed_zip(files, passphrase=passphrase, at=at)
    stream = ZipStream(compress_type=ZIP_STORED)
    for each in files:
        stream.add(each.pieces(), "/".join(each.place))
    return iter(stream)


def require_strong(passphrase: str, medium: Medium) -> None:
    """Let pass a passphrase as we make them: whoever finds the disc may guess for years.

    Raises:
        WeakPassphraseError: it is another.
    """
    is_ours = _OURS.fullmatch(passphrase) is not None and len(set(passphrase)) > _FEW_LETTERS
    if medium is Medium.SEALED and not is_ours:
        raise WeakPassphraseError


def require_fit(rows: list[Instance], medium: Medium) -> None:
    """Let pass what fits on a medium.

    Raises:
        TooLargeForDiscError: one object is larger than a file in an image can be.
    """
    if medium is Medium.IMAGE and any(card_of(row).size >= LARGEST for row in rows):
        raise TooLargeForDiscError


def _files(
    found: Found,
    rows: list[Instance],
    counted: Counted,
    *,
    left_out: int,
    spool: SealedSpool | None,
) -> list[DiscFile]:
    """Return what lies on the disc, in this order; the hashes come last."""
    listed: list[Listed] = []
    held: list[DiscFile] = []
    reports: list[DiscFile] = []
    for number, row in enumerate(rows, start=1):
        place = ("DICOM", f"{number:08d}")
        leaving = outgoing(open_instance(row))
        listed.append(_listed(row, place))
        held.append(_file(place, leaving.size, partial(_opened, row), counted, is_object=True))
        if report := enclosed(row):
            name = f"{len(reports) + 1:08d}.{_ENDINGS[report.media_type]}"
            reports.append(_file(("REPORTS", name), report.size, partial(_report, row), counted))
    said = [_text((NAME,), dicomdir(listed, f"2.25.{new_id().int}"), counted)]
    said.append(_text((READ_ME,), _WORDS.encode(), counted))
    if (bound := obligations_under(found.decision)) is not None:
        words = "\r\n".join(bound.words) + "\r\n"
        said.append(_text((OBLIGATIONS,), bound.json, counted))
        said.append(_text((OBLIGATIONS_IN_WORDS,), words.encode(), counted))
    if spool is not None:
        duties = bound.words if bound is not None else ()
        places = ["/".join(each.place) for each in reports]
        pictures = drawn(rows, spool, counted.watch)
        said += [
            _file(each.place, each.size, each.pieces, counted)
            for each in pages(pictures, spool, duties=duties, reports=places)
        ]
    if left_out:
        said.append(_text((MISSING,), _MISSING.format(left_out).encode(), counted))
    files = [*said, *reports, *held]
    size = sum(_DIGEST + len("/".join(each.place)) + 3 for each in files)
    files.append(DiscFile((HASHES,), size, partial(_late, counted)))
    return files


def _late(counted: Counted) -> Iterator[bytes]:
    """Yield the hashes, once all the other files have left."""
    yield "".join(counted.hashes).encode()


def _listed(row: Instance, place: tuple[str, ...]) -> Listed:
    card = card_of(row)
    return Listed(
        model=model_of(row),
        place=place,
        class_uid=card.sop_class_uid,
        instance_uid=card.sop_instance_uid,
        transfer_syntax=card.transfer_syntax,
        has_pixels=bool(card.frames),
    )


def _opened(row: Instance) -> Iterator[bytes]:
    leaving: Outgoing = outgoing(open_instance(row))
    return leaving.pieces()


def _report(row: Instance) -> Iterator[bytes]:
    report = enclosed(row)
    return report.pieces if report else iter(())


def _text(place: tuple[str, ...], data: bytes, counted: Counted) -> DiscFile:
    return _file(place, len(data), lambda: iter([data]), counted)


def _file(
    place: tuple[str, ...],
    size: int,
    pieces: Callable[[], Iterator[bytes]],
    counted: Counted,
    *,
    is_object: bool = False,
) -> DiscFile:
    """Return a file whose bytes are watched, counted and hashed while they leave."""

    def leaving() -> Iterator[bytes]:
        digest = hashlib.sha256()
        counted.watch.ask()
        for piece in pieces():
            counted.watch.before(len(piece))
            digest.update(piece)
            yield piece
        counted.hashes.append(f"{digest.hexdigest()}  {'/'.join(place)}\n")
        counted.files += is_object

    return DiscFile(place, size, leaving)
