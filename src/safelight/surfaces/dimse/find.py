"""C-FIND: what is there that the peer may see? (PS3.4 C.4.1)

The same search as QIDO-RS, with the same decision about every study. What may not be
seen is not among the matches, and nothing tells that there was more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from safelight.dicom.search.levels import Level as SearchLevel
from safelight.dicom.search.matching import Key
from safelight.exchange.access.facts import Party
from safelight.exchange.access.missed import note_everything
from safelight.exchange.access.volume import searched
from safelight.exchange.release.viewing.included import Included
from safelight.exchange.release.viewing.search import Query
from safelight.exchange.release.viewing.search_below import (
    Page,
    instance_page,
    series_page,
    studies_page,
)
from safelight.exchange.release.viewing.search_keys import is_matched
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError, NotFoundError
from safelight.platform.peers.dimse import commands, statuses
from safelight.records.accounts.errors import RateLimitedError
from safelight.surfaces.dimse.holding import Heard, Talk
from safelight.surfaces.dimse.identifier import (
    LEVEL,
    PATIENT_ID,
    SERIES_UID,
    STUDY_UID,
    Identifier,
    IdentifierError,
    Level,
    read_identifier,
    written,
)

Answer = dict[str, Any]
PAGE: Final = 500
MOST: Final = 5000
_ISSUER: Final = "00100021"
_STUDIES_OF_PATIENT: Final = "00201200"
_TITLE: Final = "00080054"
_SEARCHED: Final = {
    Level.PATIENT: SearchLevel.STUDY,
    Level.STUDY: SearchLevel.STUDY,
    Level.SERIES: SearchLevel.SERIES,
    Level.IMAGE: SearchLevel.INSTANCE,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """The searches of one association. `title` is ours, by which what is found is had."""

    party: Callable[[datetime], Party]
    title: str

    def answer(self, said: Talk, message: Heard) -> None:
        """Answer one search, match by match, until it is cancelled."""
        status, comment = self._answered(said, message)
        said.say(message.context, commands.answer(message.command, status, comment=comment))

    def _answered(self, said: Talk, message: Heard) -> tuple[int, str]:
        at = clock.now()
        try:
            party = self.party(at)
            searched(party, at=at)
            asked = read_identifier(message)
        except IdentifierError:
            return statuses.OTHER_DATA_SET, ""
        except RateLimitedError as refusal:
            return statuses.OUT_OF_RESOURCES, refusal.code
        except ExpectedError:
            # To whom it is closed there is nothing, as to whom there is nothing.
            return statuses.SUCCESS, ""
        finally:
            if message.data is not None:
                message.data.discard()
        if not asked.keys:
            note_everything(party, asked.level.lower(), at=at)
        try:
            return self._said(said, message, party, asked), ""
        except NotFoundError:
            return statuses.SUCCESS, ""
        except ExpectedError as refusal:
            return statuses.OUT_OF_RESOURCES, refusal.code

    def _said(self, said: Talk, message: Heard, party: Party, asked: Identifier) -> int:
        """Say the matches, and return how that ended."""
        usable = tuple(key for key in asked.keys if is_matched(key, _SEARCHED[asked.level]))
        pending = statuses.PENDING if usable == asked.keys else statuses.PENDING_UNSUPPORTED
        reply = commands.answer(message.command, pending, data_set=True)
        matches = _matches(party, asked, usable, clock.now())
        for number, found in enumerate(matches):
            if number >= MOST:
                return statuses.OUT_OF_RESOURCES
            if said.cancelled(message.command.message_id):
                return statuses.CANCELLED
            told = _told(found, asked, self.title)
            said.say(message.context, reply, [written(told, message)])
        return statuses.SUCCESS


def _matches(
    party: Party, asked: Identifier, keys: tuple[Key, ...], at: datetime
) -> Iterator[Answer]:
    included = Included(keys=asked.asked)
    if asked.level is Level.PATIENT:
        yield from _patients(_studies(party, Query(keys=keys), included, at))
    elif asked.level is Level.STUDY:
        yield from _studies(party, Query(keys=keys), included, at)
    elif asked.level is Level.SERIES:
        study = asked.one(Level.STUDY)
        query = Query(keys=_without(keys, STUDY_UID))
        for found in _pages(lambda page: series_page(party, study, page, included, at=at), query):
            yield {STUDY_UID: _uid(study)} | found
    else:
        study, series = asked.one(Level.STUDY), asked.one(Level.SERIES)
        query = Query(keys=_without(keys, STUDY_UID, SERIES_UID))
        above = {STUDY_UID: _uid(study), SERIES_UID: _uid(series)}
        for found in _pages(
            lambda page: instance_page(party, study, series, page, included, at=at), query
        ):
            yield above | found


def _studies(party: Party, query: Query, included: Included, at: datetime) -> Iterator[Answer]:
    yield from _pages(lambda page: studies_page(party, page, included, at=at), query)


def _pages(page_of: Callable[[Query], Page], query: Query) -> Iterator[Answer]:
    """Yield the answers of page after page."""
    for offset in range(0, MOST + 1, PAGE):
        page = page_of(replace(query, limit=PAGE, offset=offset))
        yield from page.answers
        if not page.more:
            return


def _patients(studies: Iterator[Answer]) -> Iterator[Answer]:
    """Yield each patient once, as the newest of the studies that may be seen has them."""
    patients: dict[tuple[str, str], tuple[Answer, int]] = {}
    for study in studies:
        who = (_value(study, PATIENT_ID), _value(study, _ISSUER))
        first, count = patients.get(who, (study, 0))
        patients[who] = (first, count + 1)
    for answer, count in patients.values():
        yield answer | {_STUDIES_OF_PATIENT: {"vr": "IS", "Value": [count]}}


def _told(found: Answer, asked: Identifier, title: str) -> Answer:
    """Return of an answer what was asked for; what is not known is there, and empty."""
    told = {tag: found.get(tag) or {"vr": asked.model[tag].get("vr", "LO")} for tag in asked.asked}
    told[LEVEL] = {"vr": "CS", "Value": [asked.level.value]}
    told[_TITLE] = {"vr": "AE", "Value": [title]}
    return told


def _without(keys: tuple[Key, ...], *tags: str) -> tuple[Key, ...]:
    return tuple(key for key in keys if key.path[0] not in tags)


def _uid(value: str) -> dict[str, Any]:
    return {"vr": "UI", "Value": [value]}


def _value(answer: Answer, tag: str) -> str:
    values = answer.get(tag, {}).get("Value") or [""]
    return str(values[0])
