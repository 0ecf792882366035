"""What do the two agree to speak about? (PS3.8 annex D, PS3.7 annex D)

The PDUs of an association's beginning are read and written by pynetdicom.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pynetdicom import pdu
from pynetdicom import pdu_primitives as said
from pynetdicom.presentation import PresentationContext
from pynetdicom.sop_class import uid_to_service_class

from safelight.dicom.registry import transfer_syntaxes as syntax
from safelight.dicom.registry.uids import is_usable_uid
from safelight.dicom.writing.part10 import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from safelight.platform.peers.dimse import faults
from safelight.platform.peers.dimse.faults import ProtocolError
from safelight.platform.peers.dimse.line import ABORT, HEAD, LARGEST_PDU, RELEASE_RQ

VERIFICATION: Final = "1.2.840.10008.1.1"
FIND_PATIENT: Final = "1.2.840.10008.5.1.4.1.2.1.1"
MOVE_PATIENT: Final = "1.2.840.10008.5.1.4.1.2.1.2"
GET_PATIENT: Final = "1.2.840.10008.5.1.4.1.2.1.3"
FIND_STUDY: Final = "1.2.840.10008.5.1.4.1.2.2.1"
MOVE_STUDY: Final = "1.2.840.10008.5.1.4.1.2.2.2"
GET_STUDY: Final = "1.2.840.10008.5.1.4.1.2.2.3"
COMMITMENT: Final = "1.2.840.10008.1.20.1"

ASKING: Final = frozenset(
    {FIND_PATIENT, MOVE_PATIENT, GET_PATIENT, FIND_STUDY, MOVE_STUDY, GET_STUDY}
)
"""The SOP classes of those that search, or have objects sent."""

_TITLES: Final = slice(4, 36)
# It logs what it was sent.
logging.getLogger("pynetdicom").setLevel(logging.CRITICAL)

ACCEPTED: Final = 0
NO_SUCH_CLASS: Final = 3
NO_TRANSFER_SYNTAX: Final = 4
_STORAGE: Final = "StorageServiceClass"
_UNKNOWN: Final = "ServiceClass"
_PLAIN: Final = (syntax.EXPLICIT_LITTLE, syntax.IMPLICIT_LITTLE)
_Said = (
    said.MaximumLengthNotification
    | said.ImplementationClassUIDNotification
    | said.ImplementationVersionNameNotification
    | said.SCP_SCU_RoleSelectionNegotiation
)
_PERMANENT, _TRANSIENT = 1, 2
_USER, _PRESENTATION = 1, 3
_NO_REASON, _LIMIT_EXCEEDED = 1, 2
_ERRORS: Final = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError)


@dataclass(frozen=True, slots=True)
class Context:
    """A presentation context that was agreed upon.

    `as_scp`: the peer takes objects by it, or reports of what it was asked.
    """

    id: int
    abstract_syntax: str
    transfer_syntax: str
    as_scp: bool = False

    @property
    def is_storage(self) -> bool:
        """Whether objects go by it."""
        return is_storage(self.abstract_syntax)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a peer proposes: who it is, whom it means, and what it wants to speak about."""

    calling: str
    called: str
    largest_pdu: int
    contexts: tuple[tuple[int, str, tuple[str, ...]], ...]
    scp_roles: Mapping[str, bool]
    """What the peer takes objects of, and whether it sends such objects, too."""
    primitive: said.A_ASSOCIATE


def read_proposal(body: memoryview) -> Proposal:
    """Read what follows the head of an A-ASSOCIATE-RQ.

    Raises:
        ProtocolError: it is none.
    """
    request = pdu.A_ASSOCIATE_RQ()
    if not bytes(body[_TITLES]).isascii():  # what is no letter would be left out
        raise ProtocolError(faults.BAD_VALUE)
    try:
        request.decode(HEAD.pack(1, len(body)) + bytes(body))
        primitive = request.to_primitive()
        roles = {
            str(each.sop_class_uid): bool(each.scu_role)
            for each in primitive.user_information
            if isinstance(each, said.SCP_SCU_RoleSelectionNegotiation) and each.scp_role
        }
        return Proposal(
            calling=str(primitive.calling_ae_title).strip(),
            called=str(primitive.called_ae_title).strip(),
            largest_pdu=primitive.maximum_length_received or LARGEST_PDU,
            contexts=tuple(
                (
                    each.context_id or 0,
                    str(each.abstract_syntax),
                    tuple(str(one) for one in each.transfer_syntax),
                )
                for each in primitive.presentation_context_definition_list
            ),
            scp_roles=roles,
            primitive=primitive,
        )
    except Exception as error:  # whatever a library makes of forged bytes
        raise ProtocolError(faults.BAD_VALUE) from error


def agree(proposal: Proposal, serves: Callable[[str], bool]) -> dict[int, Context]:
    """Return the contexts that are taken up, by their ids. `serves` says which classes.

    Objects may come in any transfer syntax, the sender's first choice: they are kept as
    they come. What is asked and answered is plain.
    """
    agreed: dict[int, Context] = {}
    for number, abstract, proposed in proposal.contexts:
        if not serves(abstract) or number in agreed:
            continue
        usable = [each for each in proposed if _is_usable(each, is_storage(abstract))]
        if usable:
            scp = _takes_parts(abstract) and abstract in proposal.scp_roles
            agreed[number] = Context(number, abstract, usable[0], scp)
    return agreed


def accept(
    proposal: Proposal, agreed: Mapping[int, Context], serves: Callable[[str], bool]
) -> bytes:
    """Write the A-ASSOCIATE-AC."""
    answer = proposal.primitive
    results = []
    for number, abstract, proposed in proposal.contexts:
        context = PresentationContext()
        context.context_id = number
        taken = agreed.get(number)
        if taken is not None:
            context.result = ACCEPTED
        else:
            context.result = NO_TRANSFER_SYNTAX if serves(abstract) else NO_SUCH_CLASS
        context.transfer_syntax = [taken.transfer_syntax if taken else proposed[0]]
        results.append(context)
    answer.presentation_context_definition_results_list = results
    answer.user_information = [*about_us(), *_roles(agreed.values(), proposal.scp_roles)]
    accepting = pdu.A_ASSOCIATE_AC()
    accepting.from_primitive(answer)
    return bytes(accepting.encode())


def about_us() -> list[_Said]:
    """Return what either side says of itself."""
    longest = said.MaximumLengthNotification()
    longest.maximum_length_received = LARGEST_PDU
    implementation = said.ImplementationClassUIDNotification()
    implementation.implementation_class_uid = IMPLEMENTATION_CLASS_UID
    version = said.ImplementationVersionNameNotification()
    version.implementation_version_name = IMPLEMENTATION_VERSION_NAME
    return [longest, implementation, version]


def _roles(agreed: Iterable[Context], asked: Mapping[str, bool]) -> list[_Said]:
    """Confirm that the peer takes objects, where it said so and the context was taken up."""
    roles: list[_Said] = []
    taken = {each.abstract_syntax for each in agreed if each.as_scp}
    for uid in sorted(taken):
        role = said.SCP_SCU_RoleSelectionNegotiation()
        role.sop_class_uid = uid
        role.scu_role = asked[uid]
        role.scp_role = True
        roles.append(role)
    return roles


def rejection(*, is_full: bool = False) -> bytes:
    """Write the A-ASSOCIATE-RJ: the same for every cause but that too many are here already."""
    if is_full:
        return HEAD.pack(3, 4) + bytes((0, _TRANSIENT, _PRESENTATION, _LIMIT_EXCEEDED))
    return HEAD.pack(3, 4) + bytes((0, _PERMANENT, _USER, _NO_REASON))


def release_answer() -> bytes:
    """Write the A-RELEASE-RP."""
    return HEAD.pack(6, 4) + bytes(4)


def release_asked() -> bytes:
    """Write the A-RELEASE-RQ."""
    return HEAD.pack(RELEASE_RQ, 4) + bytes(4)


def abort(reason: int) -> bytes:
    """Write an A-ABORT of ours, as the provider of the service."""
    return HEAD.pack(ABORT, 4) + bytes((0, 0, faults.PROVIDER, reason))


def is_storage(abstract: str) -> bool:
    """Say whether a SOP class is one of objects: known as such, or not known at all.

    A private or a newer class of objects is kept as STOW-RS keeps it.
    """
    try:
        name: str = uid_to_service_class(abstract).__name__
    except _ERRORS:
        return False
    return name == _STORAGE or (name == _UNKNOWN and abstract not in _SERVED)


def _takes_parts(abstract: str) -> bool:
    """Say whether who calls may take the part of the one who is called otherwise."""
    return is_storage(abstract) or abstract == COMMITMENT


_SERVED: Final = ASKING | {VERIFICATION, COMMITMENT}


def _is_usable(transfer_syntax: str, of_objects: bool) -> bool:  # noqa: FBT001 (what it is for)
    if of_objects:
        return is_usable_uid(transfer_syntax)
    return transfer_syntax in _PLAIN
