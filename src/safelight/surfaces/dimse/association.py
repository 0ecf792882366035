"""What is done in an association, from the proposal to the release? (PS3.8 7.1)

Whoever is not known, however that is, hears the same rejection. In an association each
message is answered before the next is read; whether the connection it came by is still
open is asked for every one of them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from typing import Final

from django.db import DatabaseError, close_old_connections

from safelight.exchange.access import systems
from safelight.exchange.access.facts import Party
from safelight.exchange.access.systems import System
from safelight.exchange.receive.slots import a_slot
from safelight.kernel import clock
from safelight.platform.peers.dimse import commands, faults, line, statuses
from safelight.platform.peers.dimse.faults import ProtocolError
from safelight.platform.peers.dimse.line import Line
from safelight.platform.peers.dimse.negotiation import (
    ASKING,
    COMMITMENT,
    VERIFICATION,
    Proposal,
    accept,
    agree,
    is_storage,
    read_proposal,
    rejection,
)
from safelight.records.accounts.errors import RateLimitedError
from safelight.surfaces.dimse.commit import Committing, hear_report
from safelight.surfaces.dimse.find import Finding
from safelight.surfaces.dimse.holding import Heard, Talk, holder
from safelight.surfaces.dimse.move import move
from safelight.surfaces.dimse.retrieve import get
from safelight.surfaces.dimse.store import Storing

logger = logging.getLogger("safelight.dimse")
ACSE: Final = 30.0  # seconds in which a caller comes to the point, and leaves once it was told no
MOST: Final = 50
MOST_OF_ONE: Final = 10
_ALL: Final = "dimse"
_SEND: Final = 10.0  # seconds
_LINGERS: Final = 5.0  # seconds that a rejected peer has to hang up

_Service = Callable[[Talk, Heard], None]


class Association:
    """One connection, from its first PDU on. `attend` runs in a thread of its own."""

    def __init__(self, over: Line, *, address: str, fingerprint: bytes | None) -> None:
        """Attend whoever is at `address` and showed a certificate of this SHA-256, if any."""
        self._line = over
        self._address, self._fingerprint = address, fingerprint
        self.is_accepted = False

    def attend(self, *, within: float = ACSE, on_accept: Callable[[], None]) -> None:
        """Hear the peer out.

        Raises:
            ProtocolError, GoneError.
        """
        kind, body = self._line.next(within=within)
        if kind != line.ASSOCIATE_RQ:
            raise ProtocolError(faults.UNEXPECTED)
        proposal = read_proposal(body)
        close_old_connections()
        system = systems.associate(
            called=proposal.called,
            calling=proposal.calling,
            fingerprint=self._fingerprint,
            address=self._address,
            at=clock.now(),
        )
        if system is None:
            self._reject(rejection())
            return
        with ExitStack() as held:
            try:
                held.enter_context(a_slot(f"{_ALL}/{system.connection_id}", most=MOST_OF_ONE))
                held.enter_context(a_slot(_ALL, most=MOST))
            except RateLimitedError:
                self._reject(rejection(is_full=True))
                return
            on_accept()
            self._converse(system, proposal)

    def _reject(self, answer: bytes) -> None:
        self._line.send(answer, within=_SEND)
        self._line.wait_for_end(within=_LINGERS)

    def _converse(self, system: System, proposal: Proposal) -> None:
        def serves(abstract: str) -> bool:
            if abstract in ASKING:
                return system.they_ask
            # Whoever asks takes objects by these contexts, too.
            objects = system.they_send or system.they_ask
            if abstract == COMMITMENT:
                return system.they_send or system.we_send
            return abstract == VERIFICATION or (objects and is_storage(abstract))

        def party(at: datetime) -> Party:
            return systems.require_open(system, at=at)

        agreed = agree(proposal, serves)
        self._line.send(accept(proposal, agreed, serves), within=_SEND)
        self.is_accepted = True
        storing = Storing(party)
        said = Talk(
            self._line,
            agreed,
            largest_pdu=proposal.largest_pdu,
            hold=holder(storing.may_come),
        )
        committing = Committing(party)
        services: dict[int, _Service] = {
            commands.C_ECHO: _echo,
            commands.C_STORE: storing.take,
            commands.C_FIND: Finding(party, proposal.called).answer,
            commands.C_GET: partial(get, party),
            commands.C_MOVE: partial(move, party, proposal.calling),
            commands.N_ACTION: committing.take,
            commands.N_EVENT_REPORT | commands.ANSWER: committing.confirmed,
            commands.N_EVENT_REPORT: partial(hear_report, party),
        }
        try:
            while (message := said.next()) is not None:
                close_old_connections()
                services.get(message.command.field, _unrecognised)(said, message)
                committing.report_when_quiet(said)
        finally:
            _put_down(storing.close, committing.close)


def _put_down(*ends: Callable[[], None]) -> None:
    for end in ends:
        try:
            end()
        except DatabaseError as error:
            # Taken up again by the upkeep of receipts and of reports.
            logger.warning("an association's end is not written: %s", type(error).__name__)


def _echo(said: Talk, message: Heard) -> None:
    said.say(message.context, commands.answer(message.command, statuses.SUCCESS))


def _unrecognised(said: Talk, message: Heard) -> None:
    if message.data is not None:
        message.data.discard()
    if message.command.field == commands.C_CANCEL or message.command.field & commands.ANSWER:
        return  # what it cancels has ended
    said.say(message.context, commands.answer(message.command, statuses.UNRECOGNISED))
