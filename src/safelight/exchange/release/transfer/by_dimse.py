"""How does one object go to a partner's system by C-STORE (PS3.4 annex B)?

As it was kept, or without loss in the plain form that the receiver takes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from safelight.dicom.reasons import UnreadableError
from safelight.dicom.registry import transfer_syntaxes as syntax
from safelight.dicom.source import BytesSource
from safelight.dicom.writing.alone import model_of
from safelight.dicom.writing.commitment import NoRequestError, read_report, write_request
from safelight.dicom.writing.part10 import data_set_of
from safelight.exchange.access.calling import server_of
from safelight.exchange.access.systems import Destination
from safelight.exchange.release.transfer.kept_there import Told as KeptTold
from safelight.exchange.release.transfer.kept_there import heard_from, request_for
from safelight.exchange.release.transfer.models import Transfer
from safelight.exchange.release.transfer.rules import Answer, Fate, of_status
from safelight.exchange.release.transfer.ways import Leaving
from safelight.exchange.release.viewing.objects import Outgoing
from safelight.exchange.release.viewing.transcoded import sent, syntax_for
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError
from safelight.platform.peers.causes import Cause, UnreachableError
from safelight.platform.peers.dimse import reports
from safelight.platform.peers.dimse.calling import Told, associated
from safelight.platform.peers.dimse.faults import GoneError, ProtocolError
from safelight.platform.peers.dimse.negotiation import COMMITMENT, Context
from safelight.platform.peers.dimse.proposing import Wanted
from safelight.platform.peers.dimse.storing import Named, Storing
from safelight.records.imaging.store import StoredObject

Kind = tuple[str, str]
"""Of an object: its SOP class and its transfer syntax."""
NOT_TAKEN: Final = "form-not-taken"
_PLAIN: Final = (syntax.EXPLICIT_LITTLE, syntax.IMPLICIT_LITTLE)
_REPORTS_WITHIN: Final = 10.0  # seconds


@dataclass(slots=True)
class _Anew:
    """One object as a file in another transfer syntax; its size is known at the end."""

    as_it_was: Outgoing
    into: str
    size: int = 0

    @property
    def stored(self) -> StoredObject:
        """The object that it is of."""
        return self.as_it_was.stored

    @property
    def data_set_at(self) -> None:
        """Where the data set begins is said in the file alone."""

    def pieces(self) -> Iterator[bytes]:
        """Yield the file."""
        self.size = 0
        for piece in sent(self.as_it_was, [self.into]).pieces:
            self.size += len(piece)
            yield piece


class ByDimse:
    """Sends to one partner's DICOM system."""

    def __init__(self, storing: Storing[Told]) -> None:
        """Send in an association that was begun."""
        self._storing = storing

    def send(self, leaving: Leaving) -> Answer:
        """Send one object, and read what became of it.

        Raises:
            UnreachableError: no answer came.
        """
        context = self._context_for(leaving)
        if context is None:
            return Answer(fate=Fate.REFUSED, cause=NOT_TAKEN)
        card = leaving.file.stored.card
        named = Named(card.sop_class_uid, card.sop_instance_uid)
        pieces = data_set_of(leaving.pieces(), leaving.file.data_set_at)
        try:
            return of_status(self._storing.store(context, named, pieces))
        except (GoneError, ProtocolError):
            raise UnreachableError(Cause.UNREACHABLE) from None

    def agreed(self, row: Transfer) -> bool | None:
        """Ask whether it keeps what it was sent; None where it does not say so at once."""
        said = self._storing.said
        speaks = (each for each in said.contexts.values() if each.abstract_syntax == COMMITMENT)
        context = next(speaks, None)
        if context is None:
            return None
        request = request_for(row, at=clock.now())
        explicit = context.transfer_syntax == syntax.EXPLICIT_LITTLE
        try:
            if not reports.ask(said, context, write_request(request, explicit=explicit)):
                return None
            answer = reports.hear(said, within=_REPORTS_WITHIN)
            if answer is None:
                return None
            told = read_report(model_of(BytesSource(answer.data), context.transfer_syntax))
        except (GoneError, ProtocolError, NoRequestError, UnreadableError):
            return None  # all has arrived, and that it says no more changes nothing of it
        return heard_from(row, KeptTold(*told), at=clock.now())

    def _context_for(self, leaving: Leaving) -> Context | None:
        """Find how the receiver takes an object; what is made anew for it takes its place."""
        file = leaving.file
        taken = self._storing.taken(file.stored.card.sop_class_uid)
        context = taken.get(file.stored.card.transfer_syntax)
        if context is not None or not taken or not isinstance(file, Outgoing):
            return context
        try:
            into = syntax_for(file.stored, list(taken))
        except ExpectedError:
            return None
        if into is None:
            return None
        leaving.file = _Anew(file, into)
        return taken[into]


@contextmanager
def by_dimse(destination: Destination, kinds: Callable[[], Collection[Kind]]) -> Iterator[ByDimse]:
    """Begin an association with a partner's system, for objects of these kinds.

    Raises:
        UnreachableError: there is nobody, or somebody else.
    """
    wanted = [Wanted(COMMITMENT, _PLAIN), *contexts_for(kinds())]
    with associated(server_of(destination), wanted) as call:
        yield ByDimse(Storing(call))


def contexts_for(kinds: Collection[Kind]) -> list[Wanted]:
    """Propose each kind as it is kept, and then what each could be made into."""
    as_kept = [Wanted(abstract, (held,)) for abstract, held in sorted(kinds)]
    plain = [Wanted(abstract, _PLAIN) for abstract in sorted({each for each, _ in kinds})]
    return as_kept + plain
