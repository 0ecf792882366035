"""What is on a disc, in a folder or in an archive, and which of it do we take?

Everything is judged by its contents. Names are shown to people and never become
paths. Archives are unpacked one entry at a time with counted output (limits of
threat S1); what is refused is refused by name, and the rest goes on.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from safelight.dicom.media import disc_image, zip_archive
from safelight.dicom.media.kinds import LOOKED_AT, MediaKind, kind_of
from safelight.dicom.media.names import is_odd_name, shown
from safelight.dicom.media.reasons import MediaReason, MediaRefusedError
from safelight.dicom.source import BytesSource, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from safelight.dicom.media.disc_image import Member
    from safelight.dicom.media.zip_archive import Entry

_GIB: Final = 1024**3
_MIB: Final = 1024**2
_BACKSLASH: Final = "\\"  # what some tools write between folders
_SKIPPED: Final = {
    MediaKind.PROGRAM: MediaReason.PROGRAM,
    MediaKind.OTHER: MediaReason.NOT_MEDICAL,
}


class Spool(Source, Protocol):
    """A place for one large member: appended to, then read anywhere."""

    def append(self, more: bytes) -> None:
        """Add bytes at the end."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaLimits:
    """What one archive may cost (security.md S1)."""

    unpacked: int = 10 * _GIB
    ratio: int = 200
    ratio_after: int = 10 * _MIB
    entries: int = 100_000
    seconds: float = 1800.0
    in_memory: int = 64 * _MIB


@dataclass(frozen=True, slots=True)
class Offered:
    """Something to look into: a file, or what a browser sent."""

    label: str
    source: Source


@dataclass(frozen=True, slots=True)
class MediaItem:
    """One file to take. Use `source` before asking for the next item."""

    label: str
    kind: MediaKind
    source: Source


@dataclass(frozen=True, slots=True)
class MediaRefused:
    """One file, or a whole archive, that is not taken."""

    label: str
    reason: MediaReason


@dataclass(frozen=True, slots=True)
class MediaSkipped:
    """Files that nobody would miss: a table of contents, programs, other things."""

    label: str
    reason: MediaReason
    count: int = 1


Media = MediaItem | MediaRefused | MediaSkipped


def walk(
    offered: Iterable[Offered | MediaRefused],
    *,
    new_spool: Callable[[], Spool] | None = None,
    limits: MediaLimits | None = None,
) -> Iterator[Media]:
    """Yield what is offered, archives opened. Skipped files are counted at the end.

    What the one who offers has refused already is passed on.

    Members larger than `limits.in_memory` go to a spool from `new_spool`; without one
    they are refused.
    """
    skipped: Counter[MediaReason] = Counter()
    for thing in offered:
        if isinstance(thing, MediaRefused):
            yield thing
            continue
        label = shown(thing.label)
        kind = kind_of(thing.source.read(0, LOOKED_AT))
        if kind is MediaKind.ZIP:
            unpacking = _Unpacking(thing.source, label, new_spool, limits or MediaLimits(), skipped)
            yield from unpacking.walk()
        elif kind in _SKIPPED and disc_image.is_image(thing.source):
            yield from _on_disc(thing.source, label, limits or MediaLimits(), skipped)
        elif kind is MediaKind.DIRECTORY:
            yield MediaSkipped(label, MediaReason.DIRECTORY)
        elif kind in _SKIPPED:
            skipped[_SKIPPED[kind]] += 1
        else:
            yield MediaItem(label, kind, thing.source)
    for reason, count in sorted(skipped.items()):
        yield MediaSkipped("", reason, count)


def _on_disc(
    image: Source, label: str, limits: MediaLimits, skipped: Counter[MediaReason]
) -> Iterator[Media]:
    """Yield what is in the image of a disc. Its files are read where they lie."""
    try:
        found = disc_image.members(image, most=limits.entries)
    except MediaRefusedError as error:
        yield MediaRefused(label, error.reason)
        return
    read = 0
    for member in found:
        name = f"{label}/{shown(member.name.replace(_BACKSLASH, '/'))}"
        read += member.size
        try:
            source, kind = _opened(image, member)
            if read > limits.unpacked:
                yield MediaRefused(name, MediaReason.TOO_LARGE)
                return
        except MediaRefusedError as error:
            yield MediaRefused(name, error.reason)
            continue
        if kind is MediaKind.DIRECTORY:
            yield MediaSkipped(name, MediaReason.DIRECTORY)
        elif kind in _SKIPPED:
            skipped[_SKIPPED[kind]] += 1
        else:
            yield MediaItem(name, kind, source)


def _opened(image: Source, member: Member) -> tuple[Source, MediaKind]:
    """Return the bytes of a file on a disc, and what it is."""
    if is_odd_name(member.name):
        raise MediaRefusedError(MediaReason.ODD_NAME)
    source = member.source(image)
    kind = kind_of(source.read(0, LOOKED_AT))
    if kind is MediaKind.ZIP or (kind in _SKIPPED and disc_image.is_image(source)):
        raise MediaRefusedError(MediaReason.NESTED)
    return source, kind


@dataclass(slots=True)
class _Unpacking:
    """One archive on its way out: what it has cost so far.

    `unpacked` counts all output; `packed` and `kept` only what was taken, so that a bomb
    is refused without its honest neighbours.
    """

    source: Source
    label: str
    new_spool: Callable[[], Spool] | None
    limits: MediaLimits
    skipped: Counter[MediaReason]
    unpacked: int = 0
    packed: int = 0
    kept: int = 0
    started_at: float = field(default_factory=time.monotonic)

    def walk(self) -> Iterator[Media]:
        try:
            found = zip_archive.entries(self.source, most=self.limits.entries)
        except MediaRefusedError as error:
            yield MediaRefused(self.label, error.reason)
            return
        for entry in found:
            if entry.is_folder:
                continue
            label = f"{self.label}/{shown(entry.name.replace(_BACKSLASH, '/'))}"
            try:
                outcome = self._member(entry, label)
            except MediaRefusedError as error:
                yield MediaRefused(label, error.reason)
                if error.reason in {MediaReason.TOO_LARGE, MediaReason.TOO_SLOW}:
                    return
                continue
            if outcome is not None:
                yield outcome

    def _member(self, entry: Entry, label: str) -> Media | None:
        if is_odd_name(entry.name):
            raise MediaRefusedError(MediaReason.ODD_NAME)
        if reason := entry.refusal():
            raise MediaRefusedError(reason)
        pieces = self._counted(entry)
        head = b""
        while len(head) < LOOKED_AT and (piece := next(pieces, b"")):
            head += piece
        kind = kind_of(head[:LOOKED_AT])
        if kind is MediaKind.ZIP:
            raise MediaRefusedError(MediaReason.NESTED)
        if kind is MediaKind.DIRECTORY:
            return MediaSkipped(label, MediaReason.DIRECTORY)
        if kind in _SKIPPED:
            self.skipped[_SKIPPED[kind]] += 1
            return None
        return MediaItem(label, kind, self._kept(entry, head, pieces))

    def _counted(self, entry: Entry) -> Iterator[bytes]:
        """Yield an entry's bytes while it and the whole archive stay within the limits."""
        limits, used, size = self.limits, 0, 0
        for packed, piece in zip_archive.unpacked(self.source, entry):
            self.unpacked += len(piece)
            used, size = packed, size + len(piece)
            if self.unpacked > limits.unpacked:
                raise MediaRefusedError(MediaReason.TOO_LARGE)
            if self._is_bomb(size, used) or self._is_bomb(self.kept + size, self.packed + used):
                raise MediaRefusedError(MediaReason.BOMB)
            if time.monotonic() - self.started_at > limits.seconds:
                raise MediaRefusedError(MediaReason.TOO_SLOW)
            yield piece
        self.packed += used
        self.kept += size

    def _is_bomb(self, size: int, packed: int) -> bool:
        return size > self.limits.ratio_after and size > self.limits.ratio * packed

    def _kept(self, entry: Entry, head: bytes, rest: Iterator[bytes]) -> Source:
        if entry.size <= self.limits.in_memory:
            return BytesSource(b"".join([head, *rest]))
        if self.new_spool is None:
            raise MediaRefusedError(MediaReason.NO_ROOM)
        spool = self.new_spool()
        spool.append(head)
        for piece in rest:
            spool.append(piece)
        return spool
