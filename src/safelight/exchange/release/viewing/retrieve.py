"""How do objects and their descriptions leave, to be looked at?

Every function finds what was asked for among what the party may see, puts the
look on record, and only then reads a byte. What is made once (metadata,
thumbnails) is sent as it was made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action, Reason
from safelight.exchange.access.facts import Party
from safelight.exchange.release.errors import LookOnlyError, NoPixelsError
from safelight.exchange.release.viewing.find import (
    Found,
    deny,
    find_instance,
    find_series,
    find_study,
    instances_of,
)
from safelight.exchange.release.viewing.looks import look
from safelight.exchange.release.viewing.objects import Outgoing, outgoing
from safelight.records.imaging.models import Instance, Series
from safelight.records.imaging.quarantine import sound_among
from safelight.records.imaging.renditions import (
    kept_thumbnail,
    series_thumbnail,
)
from safelight.records.imaging.store import card_of, open_instance

# Whoever owns the exam, treats the patient, or answers for them in an emergency.
_READS_FILES: Final = frozenset({Reason.OWNER, Reason.CARE_RELATION, Reason.BREAK_GLASS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a DICOMweb address names."""

    study_uid: str
    series_uid: str = ""
    instance_uid: str = ""


@dataclass(frozen=True, slots=True)
class Files:
    """Objects that may leave as files. Each is opened when its turn comes.

    `left_out` counts those that were asked for too, and are damaged.
    """

    found: Found
    rows: tuple[Instance, ...]
    left_out: int = 0

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Outgoing]:
        for row in self.rows:
            yield outgoing(open_instance(row))

    def kinds(self) -> set[tuple[str, str]]:
        """Return the SOP classes with their transfer syntaxes that occur."""
        cards = map(card_of, self.rows)
        return {(each.sop_class_uid, each.transfer_syntax) for each in cards}

    def transfer_syntaxes(self) -> set[str]:
        """Return the transfer syntaxes that occur."""
        return {card_of(row).transfer_syntax for row in self.rows}


def files(party: Party, asked: Asked, *, at: datetime) -> Files:
    """Return the visible objects of a study, a series, or one object, and record the look.

    Raises:
        NotFoundError: there is none for this party.
        LookOnlyError: it was shared to be looked at, and a file is a copy.
        QuarantinedError: all that was asked for is damaged.
    """
    found = _to_be_copied(party, find_study(party, asked.study_uid, at=at), at=at)
    asked_for = _rows(found, asked)
    rows = sound_among(asked_for)
    look(party, found, at=at, pictures=[(row.id, 1) for row in rows], is_copy=True)
    return Files(found, tuple(rows), len(asked_for) - len(rows))


def thumbnail(party: Party, found: Found, chosen: Sequence[Series], *, at: datetime) -> bytes:
    """Return a small picture standing for the first of these series that has any, as JPEG.

    Raises:
        NoPixelsError: none has.
    """
    look(party, found, at=at, is_thumbnail=True)
    for series in chosen:
        picture = kept_thumbnail(series)
        if picture is None or not found.covers_all_of(series):
            picture = series_thumbnail(series, instances_of(found, series))
        if picture is not None:
            return picture
    raise NoPixelsError


def one_instance(party: Party, asked: Asked, *, at: datetime) -> tuple[Found, Instance]:
    """Find one visible object.

    Raises:
        NotFoundError: there is none for this party.
    """
    found = find_study(party, asked.study_uid, at=at)
    return found, find_instance(found, find_series(found, asked.series_uid), asked.instance_uid)


def _to_be_copied(party: Party, found: Found, *, at: datetime) -> Found:
    """Let files leave to whoever does not read them where they lie only by a right to copies."""
    if found.decision.reason in _READS_FILES:
        return found
    decision = decide(party, Action.DOWNLOAD, found.study.id, at=at)
    if not decision.allowed:
        deny(party, Action.DOWNLOAD, at=at)
        raise LookOnlyError
    return Found(found.study, decision, Action.DOWNLOAD)


def _rows(found: Found, asked: Asked) -> list[Instance]:
    if not asked.series_uid:
        return instances_of(found)
    series = find_series(found, asked.series_uid)
    if not asked.instance_uid:
        return instances_of(found, series)
    return [find_instance(found, series, asked.instance_uid)]
