"""What does the one who calls propose, and what was taken up? (PS3.8 annex D)

The PDUs are written and read by pynetdicom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pynetdicom import pdu
from pynetdicom import pdu_primitives as said
from pynetdicom.presentation import PresentationContext

from safelight.platform.peers.causes import Cause
from safelight.platform.peers.dimse import faults
from safelight.platform.peers.dimse.faults import ProtocolError
from safelight.platform.peers.dimse.line import HEAD, LARGEST_PDU
from safelight.platform.peers.dimse.negotiation import ACCEPTED, Context, about_us

MOST_CONTEXTS: Final = 128
_APPLICATION: Final = "1.2.840.10008.3.1.1.1"
_BY_USER: Final = 1  # PS3.8 table 9-21: who rejects
_REJECTED: Final = {
    3: Cause.CALLING_TITLE_REFUSED,
    7: Cause.CALLED_TITLE_REFUSED,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A presentation context that is proposed: a SOP class, in one of these transfer syntaxes.

    `as_scp`: the one who calls takes the part of the one who is called otherwise.
    """

    abstract_syntax: str
    transfer_syntaxes: tuple[str, ...]
    as_scp: bool = False


def proposal(*, calling: str, called: str, wanted: Sequence[Wanted]) -> bytes:
    """Write the A-ASSOCIATE-RQ. Of more than 128 contexts the first are proposed."""
    primitive = said.A_ASSOCIATE()
    primitive.application_context_name = _APPLICATION
    primitive.calling_ae_title = calling
    primitive.called_ae_title = called
    primitive.presentation_context_definition_list = [
        _context(number, each) for number, each in enumerate(wanted[:MOST_CONTEXTS])
    ]
    primitive.user_information = [*about_us(), *_roles(wanted)]
    asking = pdu.A_ASSOCIATE_RQ()
    asking.from_primitive(primitive)
    return bytes(asking.encode())


def taken_up(body: memoryview, wanted: Sequence[Wanted]) -> tuple[dict[int, Context], int]:
    """Read what follows the head of an A-ASSOCIATE-AC: the contexts, and the longest PDU.

    A context is there only as it was proposed: another transfer syntax is not believed, and
    one in which we take the other part only where that was agreed to (PS3.7 D.3.3.4).

    Raises:
        ProtocolError: it is none.
    """
    accepting = pdu.A_ASSOCIATE_AC()
    proposed = {_number(at): each for at, each in enumerate(wanted[:MOST_CONTEXTS])}
    contexts: dict[int, Context] = {}
    try:
        accepting.decode(HEAD.pack(2, len(body)) + bytes(body))
        primitive = accepting.to_primitive()
        parts = {
            str(each.sop_class_uid)
            for each in primitive.user_information
            if isinstance(each, said.SCP_SCU_RoleSelectionNegotiation) and each.scp_role
        }
        for each in primitive.presentation_context_definition_results_list:
            asked = proposed.get(each.context_id or 0)
            if asked is None or each.result != ACCEPTED:
                continue
            if asked.as_scp and asked.abstract_syntax not in parts:
                continue
            syntax = str(each.transfer_syntax[0])
            if syntax in asked.transfer_syntaxes:
                number = each.context_id or 0
                contexts[number] = Context(number, asked.abstract_syntax, syntax, as_scp=True)
    except Exception as error:  # whatever a library makes of forged bytes
        raise ProtocolError(faults.BAD_VALUE) from error
    return contexts, primitive.maximum_length_received or LARGEST_PDU


def cause_of(body: memoryview) -> Cause:
    """Say why an association was rejected, from what follows the head of an A-ASSOCIATE-RJ."""
    if len(body) < 4 or body[2] != _BY_USER:  # noqa: PLR2004 (one reserved, result, source, reason)
        return Cause.ASSOCIATION_REFUSED
    return _REJECTED.get(body[3], Cause.ASSOCIATION_REFUSED)


def _context(at: int, wanted: Wanted) -> PresentationContext:
    context = PresentationContext()
    context.context_id = _number(at)
    context.abstract_syntax = wanted.abstract_syntax
    context.transfer_syntax = list(wanted.transfer_syntaxes)
    return context


def _roles(wanted: Sequence[Wanted]) -> list[said.SCP_SCU_RoleSelectionNegotiation]:
    roles = []
    for uid in sorted({each.abstract_syntax for each in wanted if each.as_scp}):
        role = said.SCP_SCU_RoleSelectionNegotiation()
        role.sop_class_uid = uid
        role.scu_role, role.scp_role = False, True
        roles.append(role)
    return roles


def _number(at: int) -> int:
    return 2 * at + 1  # they are odd, PS3.8 9.3.2.2
