"""How is storage commitment asked for and reported? (PS3.7 10.1.1 and 10.1.4, PS3.4 annex J)"""

from __future__ import annotations

from typing import Final, TypeVar

from safelight.platform.peers.dimse import commands, faults, statuses
from safelight.platform.peers.dimse.conversation import Conversation, Holding
from safelight.platform.peers.dimse.faults import GoneError, ProtocolError
from safelight.platform.peers.dimse.negotiation import COMMITMENT, Context

COMMITMENT_INSTANCE: Final = "1.2.840.10008.1.20.1.1"
"""The one instance of storage commitment that everybody knows (PS3.4 J.3.5)."""
ASKING: Final = 1
"""The one action there is."""
_ALL_KEPT, _SOME_NOT = 1, 2

_Held = TypeVar("_Held", bound=Holding)


def say(
    said: Conversation[_Held],
    context: Context,
    report: bytes,
    *,
    has_failures: bool,
    number: int = 1,
) -> None:
    """Say a report of storage commitment; its answer comes when it comes.

    Raises:
        GoneError: the other side has gone.
    """
    values: dict[int, int | str] = {
        commands.FIELD: commands.N_EVENT_REPORT,
        commands.MESSAGE_ID: number,
        commands.DATA_SET_TYPE: 1,
        commands.AFFECTED_CLASS: COMMITMENT,
        commands.AFFECTED_INSTANCE: COMMITMENT_INSTANCE,
        commands.EVENT_TYPE: _SOME_NOT if has_failures else _ALL_KEPT,
    }
    said.say(context, commands.written(values), [report])


def tell(said: Conversation[_Held], context: Context, report: bytes, *, has_failures: bool) -> bool:
    """Say a report and wait for its answer; no where it is not taken.

    Raises:
        GoneError, ProtocolError: the other side has gone, or errs.
    """
    say(said, context, report, has_failures=has_failures)
    return _answered(said, commands.N_EVENT_REPORT)


def ask(said: Conversation[_Held], context: Context, request: bytes) -> bool:
    """Ask whether objects are kept; no where that is not understood.

    Raises:
        GoneError, ProtocolError: the other side has gone, or errs.
    """
    values: dict[int, int | str] = {
        commands.FIELD: commands.N_ACTION,
        commands.MESSAGE_ID: 1,
        commands.DATA_SET_TYPE: 1,
        commands.REQUESTED_CLASS: COMMITMENT,
        commands.REQUESTED_INSTANCE: COMMITMENT_INSTANCE,
        commands.ACTION_TYPE: ASKING,
    }
    said.say(context, commands.written(values), [request])
    return _answered(said, commands.N_ACTION)


def hear(said: Conversation[_Held], *, within: float) -> _Held | None:
    """Wait for a report so many seconds, say that it was heard, and return what it holds.

    Raises:
        GoneError, ProtocolError: the other side has gone, or errs.
    """
    if not said.has_news(within=within):
        return None
    message = said.next()
    if message is None:
        raise GoneError
    if message.command.field != commands.N_EVENT_REPORT or message.data is None:
        raise ProtocolError(faults.UNEXPECTED)
    said.say(message.context, commands.answer(message.command, statuses.SUCCESS))
    return message.data


def _answered(said: Conversation[_Held], field: int) -> bool:
    message = said.next()
    if message is None:
        raise GoneError
    if message.data is not None:
        message.data.discard()
    if message.command.field != field | commands.ANSWER:
        raise ProtocolError(faults.UNEXPECTED)
    return message.command.number(commands.STATUS) == statuses.SUCCESS
