"""C-GET and C-MOVE: how do objects leave to a peer? (PS3.4 C.4.2, C.4.3)

What may not be had is not among the sub-operations, and nothing tells that there was
more. Before each object, and each MiB of it, it is asked whether it still may leave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from safelight.dicom.search.matching import Key
from safelight.exchange.access.facts import Party
from safelight.exchange.release.viewing.included import NOTHING_MORE
from safelight.exchange.release.viewing.objects import Outgoing, TakenBackError, Watch
from safelight.exchange.release.viewing.retrieve import Asked, Files, files
from safelight.exchange.release.viewing.search import Query
from safelight.exchange.release.viewing.search_below import studies_page
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError, NotFoundError
from safelight.platform.peers.dimse import commands, statuses
from safelight.platform.peers.dimse.storing import is_warning
from safelight.surfaces.dimse.find import MOST
from safelight.surfaces.dimse.holding import Heard, Talk
from safelight.surfaces.dimse.identifier import (
    PATIENT_ID,
    STUDY_UID,
    Identifier,
    IdentifierError,
    Level,
    read_identifier,
    written,
)
from safelight.surfaces.dimse.sending import NoContextError, Sending

_FAILED_LIST = "00080058"


class Sender(Protocol):
    """By what objects go to whoever takes them."""

    cancels: set[int]

    def send(self, leaving: Outgoing, watch: Watch) -> int:
        """Send one object and return the status that is answered.

        Raises:
            NoContextError, TakenBackError: nothing was sent.
            GoneError, ProtocolError: the one who asked has gone, or must be left.
        """


@dataclass(slots=True)
class Count:
    """How far a retrieval is."""

    remaining: int
    completed: int = 0
    failed: int = 0
    warning: int = 0

    def of(self) -> dict[int, int]:
        """Return the numbers as an answer has them: none is above 65535."""
        numbers = {
            commands.REMAINING: self.remaining,
            commands.COMPLETED: self.completed,
            commands.FAILED: self.failed,
            commands.WARNING: self.warning,
        }
        return {name: min(number, 0xFFFF) for name, number in numbers.items()}

    @property
    def status(self) -> int:
        """What it came to."""
        if self.failed and not self.completed + self.warning:
            return statuses.NO_SUB_OPERATIONS
        return statuses.SOME_FAILED if self.failed else statuses.SUCCESS


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What one message asked for, and for whom."""

    party: Callable[[datetime], Party]
    said: Talk
    message: Heard

    def leaving(self) -> list[Files]:
        """Find what was asked for among what may be had, and put the look on record.

        Raises:
            IdentifierError: it is not said what is wanted.
            ExpectedError: it may be looked at, or not so much; nothing leaves.
        """
        at = clock.now()
        party = self.party(at)
        asked = read_identifier(self.message)
        found, refusal = [], None
        for each in _asked(party, asked, at):
            try:
                found.append(files(party, each, at=at))
            except NotFoundError:
                continue
            except ExpectedError as error:
                refusal = error
        if refusal is not None and not found:
            raise refusal
        return found

    def send(self, leaving: list[Files], sending: Sender) -> None:
        """Send what may leave, and answer with what became of it.

        Raises:
            ProtocolError, GoneError: the peer that takes it has gone, or must be left.
        """
        failures: list[str] = []
        left_out = sum(each.left_out for each in leaving)
        count = Count(sum(map(len, leaving)), failed=left_out)
        for each in leaving:
            watch = Watch(self.party, each.found, clock.now)
            for outgoing in each:
                if self._is_cancelled(sending):
                    self._answer(statuses.CANCELLED, count, failures)
                    return
                count.remaining -= 1
                try:
                    status = sending.send(outgoing, watch)
                except (NoContextError, TakenBackError):
                    status = statuses.PROCESSING_FAILURE
                if status == statuses.SUCCESS:
                    count.completed += 1
                elif is_warning(status):
                    count.warning += 1
                else:
                    count.failed += 1
                    failures.append(outgoing.stored.card.sop_instance_uid)
                if count.remaining:
                    self._say(statuses.PENDING, count)
        self._answer(count.status, count, failures)

    def refuse(self, status: int, comment: str = "") -> None:
        """Answer that nothing leaves."""
        reply = commands.answer(self.message.command, status, comment=comment)
        self.said.say(self.message.context, reply)

    def _is_cancelled(self, sending: Sender) -> bool:
        number = self.message.command.message_id
        return number in sending.cancels or self.said.cancelled(number)

    def _answer(self, status: int, count: Count, failures: list[str]) -> None:
        """Say how it ended, and which objects the peer has not got."""
        if not failures:
            self._say(status, count)
            return
        command = commands.answer(self.message.command, status, data_set=True, counts=count.of())
        listed = {_FAILED_LIST: {"vr": "UI", "Value": failures[:1000]}}
        self.said.say(self.message.context, command, [written(listed, self.message)])

    def _say(self, status: int, count: Count) -> None:
        numbers = count.of()
        if status not in {statuses.PENDING, statuses.CANCELLED}:
            del numbers[commands.REMAINING]
        reply = commands.answer(self.message.command, status, counts=numbers)
        self.said.say(self.message.context, reply)


def get(party: Callable[[datetime], Party], said: Talk, message: Heard) -> None:
    """Answer a C-GET: the objects leave by the association that asked for them."""
    retrieval = Retrieval(party, said, message)
    if (leaving := prepared(retrieval)) is not None:
        retrieval.send(leaving, Sending(said))


def prepared(retrieval: Retrieval) -> list[Files] | None:
    """Return what leaves; None where it was answered that nothing does."""
    try:
        return retrieval.leaving()
    except IdentifierError:
        retrieval.refuse(statuses.OTHER_DATA_SET)
    except ExpectedError as refusal:
        retrieval.refuse(statuses.NO_SUB_OPERATIONS, refusal.code)
    finally:
        if retrieval.message.data is not None:
            retrieval.message.data.discard()
    return None


def _asked(party: Party, asked: Identifier, at: datetime) -> Iterator[Asked]:
    if asked.level is Level.PATIENT:
        query = Query(keys=(Key((PATIENT_ID,), asked.one(Level.PATIENT)),), limit=MOST)
        for answer in studies_page(party, query, NOTHING_MORE, at=at).answers:
            yield Asked(study_uid=str(answer[STUDY_UID]["Value"][0]))
        return
    named = asked.named(asked.level)
    if not named:
        raise IdentifierError
    if asked.level is Level.STUDY:
        yield from (Asked(study_uid=each) for each in named)
        return
    study = asked.one(Level.STUDY)
    if asked.level is Level.SERIES:
        yield from (Asked(study_uid=study, series_uid=each) for each in named)
        return
    series = asked.one(Level.SERIES)
    for each in named:
        yield Asked(study_uid=study, series_uid=series, instance_uid=each)
