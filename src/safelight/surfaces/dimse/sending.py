"""How does one object go to a peer by C-STORE, as part of a retrieval?

As it was kept wherever the peer takes that transfer syntax; made anew, without loss, only
where it takes others alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from safelight.dicom.writing.part10 import data_set_of
from safelight.exchange.release.viewing.objects import Outgoing, TakenBackError, Watch, gathered
from safelight.exchange.release.viewing.transcoded import sent, syntax_for
from safelight.kernel.errors import ExpectedError
from safelight.platform.peers.dimse import faults
from safelight.platform.peers.dimse.conversation import Holding
from safelight.platform.peers.dimse.faults import ProtocolError
from safelight.platform.peers.dimse.negotiation import Context
from safelight.platform.peers.dimse.storing import Named, Storing

_Held = TypeVar("_Held", bound=Holding)


class NoContextError(Exception):
    """The peer takes no objects of this class, or in no form in which it can be had."""


class Sending(Storing[_Held]):
    """Objects on their way to a peer, by the association that asked for them or by another."""

    def send(self, leaving: Outgoing, watch: Watch) -> int:
        """Send one object and return the status that the peer answers.

        Raises:
            NoContextError: it cannot be sent; nothing was.
            TakenBackError: it may no longer leave; nothing was sent.
            GoneError: the peer has gone.
            ProtocolError: it may no longer leave, and some of it has; or the peer errs.
        """
        watch.ask()
        context, pieces = self._prepared(leaving)
        card = leaving.stored.card
        named = Named(card.sop_class_uid, card.sop_instance_uid)
        return self.store(context, named, _watched(pieces, watch))

    def _prepared(self, leaving: Outgoing) -> tuple[Context, Iterator[bytes]]:
        card = leaving.stored.card
        taken = self.taken(card.sop_class_uid)
        held = taken.get(card.transfer_syntax)
        if held is not None:
            stop = card.dataset_offset + card.dataset_size
            return held, leaving.stored.stream(card.dataset_offset, stop)
        try:
            into = syntax_for(leaving.stored, list(taken)) if taken else None
            if into is None:
                raise NoContextError
            return taken[into], data_set_of(sent(leaving, [into]).pieces)
        except ExpectedError:
            raise NoContextError from None


def _watched(pieces: Iterator[bytes], watch: Watch) -> Iterator[bytes]:
    for piece in gathered(pieces):
        try:
            watch.before(len(piece))
        except TakenBackError:
            # The peer must not take the beginning of an object for all of it.
            raise ProtocolError(faults.NOT_SAID) from None
        yield piece
