"""How do objects and frames leave in another transfer syntax than they came in?

Only where somebody asked for it and does not take the stored form. Pixels are decoded
and written anew in the cage, never with loss.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from safelight.dicom.reading.index import scan
from safelight.dicom.writing.transcoding import can_transcode
from safelight.exchange.release.viewing.objects import Outgoing
from safelight.exchange.release.viewing.pictures import Frames, in_the_cage
from safelight.exchange.release.viewing.retrieve import Files
from safelight.platform.cage.cage import cage
from safelight.records.imaging.renditions import pixels_of
from safelight.records.imaging.store import StoredObject, card_of, open_instance


@dataclass(frozen=True, slots=True)
class Sent:
    """One object as it leaves: its transfer syntax and its bytes.

    `size` is None where it is not known before the end.
    """

    transfer_syntax: str
    size: int | None
    pieces: Iterator[bytes]


def as_it_is(leaving: Outgoing) -> Sent:
    """Return an object in its stored form."""
    return Sent(leaving.stored.card.transfer_syntax, leaving.size, leaving.pieces())


def syntax_for(stored: StoredObject, wanted: Sequence[str]) -> str | None:
    """Return in which of the wanted transfer syntaxes an object can be had; None for none.

    "" takes any. The stored one is preferred, then they count in their order.
    """
    held = stored.card.transfer_syntax
    if "" in wanted or held in wanted:
        return held
    header = scan(stored)
    return next((each for each in wanted if can_transcode(header, each)), None)


def can_be_sent(leaving: Files, wanted: Sequence[str]) -> bool:
    """Say whether every object can be had in one of the wanted transfer syntaxes."""
    if "" in wanted:
        return True
    others = (row for row in leaving.rows if card_of(row).transfer_syntax not in wanted)
    return all(syntax_for(open_instance(row), wanted) is not None for row in others)


def sent(leaving: Outgoing, wanted: Sequence[str]) -> Sent:
    """Return an object in a wanted transfer syntax, made anew where it must be.

    Raises:
        NotShowableError: its pixels cannot be decoded.
    """
    into = syntax_for(leaving.stored, wanted)
    if into is None or into == leaving.stored.card.transfer_syntax:
        return as_it_is(leaving)
    with in_the_cage():
        return Sent(into, None, cage().transcode(leaving.stored, into))


def encoded(frames: Frames, into: str) -> Iterator[bytes]:
    """Yield frames in another compressed transfer syntax, without loss.

    Raises:
        NotShowableError: one cannot be decoded or the syntax cannot hold it.
    """
    for number in frames.numbers:
        with in_the_cage():
            made = cage().encode(
                frames.stored.frame(number),
                pixels_of(frames.row, frames.stored, frame=number),
                transfer_syntax=frames.transfer_syntax,
                into=into,
            )
        yield made.data
