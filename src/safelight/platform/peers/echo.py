"""Does another system answer a C-ECHO, and if not, why?"""

from __future__ import annotations

from typing import Final

from safelight.dicom.registry import transfer_syntaxes as syntax
from safelight.platform.peers.addresses import Resolve
from safelight.platform.peers.causes import Cause, UnreachableError
from safelight.platform.peers.dimse import commands, statuses
from safelight.platform.peers.dimse.calling import Call, Server, associated
from safelight.platform.peers.dimse.faults import GoneError, ProtocolError
from safelight.platform.peers.dimse.negotiation import VERIFICATION
from safelight.platform.peers.dimse.proposing import Wanted

PATIENCE: Final = 10.0
_WANTED: Final = (Wanted(VERIFICATION, (syntax.EXPLICIT_LITTLE, syntax.IMPLICIT_LITTLE)),)


def echo(server: Server, *, patience: float = PATIENCE, resolve: Resolve | None = None) -> Cause:
    """Ask it for an answer, and say what came of it."""
    try:
        with associated(
            server, _WANTED, patience=patience, silence=patience, resolve=resolve
        ) as call:
            return _answered(call)
    except UnreachableError as unreachable:
        return unreachable.cause
    except (GoneError, ProtocolError):
        return Cause.NO_ECHO


def _answered(call: Call) -> Cause:
    context = next(iter(call.contexts.values()), None)
    if context is None:
        return Cause.NO_ECHO
    asked: dict[int, int | str] = {
        commands.FIELD: commands.C_ECHO,
        commands.MESSAGE_ID: 1,
        commands.DATA_SET_TYPE: commands.NO_DATA_SET,
        commands.AFFECTED_CLASS: VERIFICATION,
    }
    call.say(context, commands.written(asked))
    message = call.next()
    if message is None or message.command.field != commands.C_ECHO | commands.ANSWER:
        return Cause.NO_ECHO
    answered = message.command.number(commands.STATUS) == statuses.SUCCESS
    return Cause.ANSWERED if answered else Cause.NO_ECHO
