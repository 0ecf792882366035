"""Storage commitment: what does a peer hear that asks whether what it sent is kept?

(PS3.4 annex J.) It is told in the same association once it is silent for a moment, since
many ask and leave; whoever left before it took the report is called.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from safelight.dicom.registry import transfer_syntaxes as syntax
from safelight.dicom.writing.commitment import (
    NoRequestError,
    Report,
    read_report,
    read_request,
    write_report,
)
from safelight.exchange.access.errors import ClosedForNowError
from safelight.exchange.access.facts import Party
from safelight.exchange.receive.commitment.asking import (
    TransactionUsedError,
    ask,
    report_of,
    used_before,
)
from safelight.exchange.receive.commitment.reporting import call_back, reported
from safelight.exchange.receive.jobs import report_commitments
from safelight.exchange.release.transfer.kept_there import Told, hear
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError
from safelight.platform.peers.dimse import commands, reports, statuses
from safelight.platform.peers.dimse.negotiation import COMMITMENT, Context
from safelight.records.accounts.errors import RateLimitedError
from safelight.surfaces.dimse.holding import Heard, Talk
from safelight.surfaces.dimse.identifier import IdentifierError, read_model

_QUIET: Final = 0.5  # seconds
_MOST_NUMBER: Final = 0xFFFF


@dataclass(frozen=True, slots=True)
class _Owed:
    """One report that the peer has not heard yet; without an id, that of a name used before."""

    context: Context
    commitment_id: UUID | None
    report: Report | None


class Committing:
    """The requests of one association, and their reports."""

    def __init__(self, party: Callable[[datetime], Party]) -> None:
        """Answer whoever `party` says is asking; it is asked for each of them."""
        self._party = party
        self._owed: list[_Owed] = []
        self._said: dict[int, tuple[UUID, Report]] = {}
        self._unheard: set[UUID] = set()
        self._number = 0

    def take(self, said: Talk, message: Heard) -> None:
        """Answer an N-ACTION: that it was understood."""
        try:
            status = self._taken(message)
        finally:
            if message.data is not None:
                message.data.discard()
        said.say(message.context, commands.answer(message.command, status))

    def report_when_quiet(self, said: Talk) -> None:
        """Say what is owed, unless the peer has more to say first.

        Raises:
            GoneError: it has gone.
        """
        while self._owed and not said.has_news(within=_QUIET):
            self._say(said, self._owed.pop(0))

    def confirmed(self, said: Talk, message: Heard) -> None:  # noqa: ARG002 (a service's)
        """Hear that a report was taken, or was not."""
        if message.data is not None:
            message.data.discard()
        found = self._said.pop(message.command.number(commands.ANSWERED_ID) or 0, None)
        if found is not None and message.command.number(commands.STATUS) == statuses.SUCCESS:
            commitment_id, report = found
            reported(commitment_id, report, at=clock.now())
            self._unheard.discard(commitment_id)

    def close(self) -> None:
        """Have whoever left without its report called."""
        at = clock.now()
        if [each for each in self._unheard if call_back(each, at=at)]:
            report_commitments.enqueue()

    def _taken(self, message: Heard) -> int:
        command = message.command
        if message.context.abstract_syntax != COMMITMENT or message.data is None:
            return statuses.MISTYPED
        if command.text(commands.REQUESTED_INSTANCE) != reports.COMMITMENT_INSTANCE:
            return statuses.NO_SUCH_OBJECT
        if command.number(commands.ACTION_TYPE) != reports.ASKING:
            return statuses.NO_SUCH_ACTION
        try:
            request = read_request(read_model(message))
        except (IdentifierError, NoRequestError):
            return statuses.INVALID_ARGUMENT
        at = clock.now()
        try:
            commitment_id = ask(self._party(at), request, at=at)
            self._unheard.add(commitment_id)
            self._owed.append(_Owed(message.context, commitment_id, None))
        except TransactionUsedError:
            self._owed.append(_Owed(message.context, None, used_before(request)))
        except (ClosedForNowError, RateLimitedError):
            return statuses.RESOURCE_LIMIT
        except ExpectedError:
            return statuses.NOT_AUTHORISED
        return statuses.SUCCESS

    def _say(self, said: Talk, owed: _Owed) -> None:
        report = owed.report or self._report(owed.commitment_id)
        if report is None:
            return
        self._number = self._number % _MOST_NUMBER + 1
        if owed.commitment_id is not None:
            self._said[self._number] = (owed.commitment_id, report)
        explicit = owed.context.transfer_syntax == syntax.EXPLICIT_LITTLE
        data = write_report(report, explicit=explicit)
        has_failures = bool(report.failed)
        reports.say(said, owed.context, data, has_failures=has_failures, number=self._number)

    def _report(self, commitment_id: UUID | None) -> Report | None:
        at = clock.now()
        try:
            return report_of(self._party(at), commitment_id, at=at) if commitment_id else None
        except ExpectedError:
            return None  # it is told nothing now


def hear_report(party: Callable[[datetime], Party], said: Talk, message: Heard) -> None:
    """Hear what a system says that was asked by us whether it keeps what it was sent."""
    try:
        status = _heard(party, message)
    finally:
        if message.data is not None:
            message.data.discard()
    said.say(message.context, commands.answer(message.command, status))


def _heard(party: Callable[[datetime], Party], message: Heard) -> int:
    if message.context.abstract_syntax != COMMITMENT or message.data is None:
        return statuses.MISTYPED
    try:
        told = Told(*read_report(read_model(message)))
    except (IdentifierError, NoRequestError):
        return statuses.INVALID_ARGUMENT
    at = clock.now()
    try:
        known = hear(party(at), told, at=at)
    except ExpectedError:
        return statuses.NOT_AUTHORISED
    return statuses.NO_SUCH_OBJECT if known is None else statuses.SUCCESS
