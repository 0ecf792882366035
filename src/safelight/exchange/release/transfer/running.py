"""How does a transfer go on, object by object, until all has arrived or it may not?

Before each object it is asked anew whether the connection is open and the consent lives;
that its bytes are let go is committed before the first of them, and that it arrived in one
transaction with the disclosure's count. So it may be killed at any moment: what has arrived
is not sent again, and what was on its way is, which its receiver knows by its name.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from safelight.dicom.reasons import UnreadableError
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action, Reason
from safelight.exchange.access.errors import ConnectionClosedError
from safelight.exchange.access.facts import Party
from safelight.exchange.access.systems import Destination, receiver_of
from safelight.exchange.receive.handover.terms import HandoverTerms
from safelight.exchange.release.transfer import states
from safelight.exchange.release.transfer.arriving import arrived, began, finished, refused
from safelight.exchange.release.transfer.by import compares, way_to
from safelight.exchange.release.transfer.by_dimse import Kind
from safelight.exchange.release.transfer.coercion import NO_WISH, Wish, as_it_goes, wish_of
from safelight.exchange.release.transfer.errors import LostError
from safelight.exchange.release.transfer.models import (
    LIVE,
    ItemState,
    Transfer,
    TransferItem,
    TransferState,
)
from safelight.exchange.release.transfer.rules import Answer, Fate
from safelight.exchange.release.transfer.terms import announced_under, terms_under
from safelight.exchange.release.transfer.ways import Leaving, Way
from safelight.exchange.release.viewing.find import Found
from safelight.exchange.release.viewing.objects import TakenBackError, Watch
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.platform.peers.causes import UnreachableError
from safelight.platform.storage.errors import RecordBrokenError
from safelight.records.imaging.models import Instance, Study
from safelight.records.imaging.quarantine import QuarantinedError
from safelight.records.imaging.store import card_of, open_instance

_TURN: Final = timedelta(minutes=5)
DAMAGED: Final = "damaged"
CANNOT_BE_COERCED: Final = "cannot-be-coerced"
REMOVED: Final = "removed"


class _NotNowError(Exception):
    """Nothing of it may leave; `reason` is the decision's."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _LaterError(Exception):
    """The receiver wants to be asked again."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.cause)
        self.answer = answer


def run(transfer_id: UUID, *, now: Callable[[], datetime] = clock.now) -> datetime | None:
    """Go on with a transfer; return when to go on again, None when that is not for this job."""
    row = _take_up(transfer_id, at=now())
    if row is None:
        return None
    going = _Run(row, now, wish_of(row))
    try:
        return going.go()
    except LostError:
        return None  # another run has it
    except (_NotNowError, ConnectionClosedError) as stopped:
        reason = stopped.reason if isinstance(stopped, _NotNowError) else stopped.code
        states.stand_in_the_way(row, reason, at=now())
        return None
    except UnreachableError as unreachable:
        return states.put_off(row, unreachable.cause.value, None, at=now())
    except _LaterError as later:
        return states.put_off(row, later.answer.cause, later.answer.wait, at=now())


def _take_up(transfer_id: UUID, *, at: datetime) -> Transfer | None:
    """Make a transfer this run's own: whoever ran it before writes nothing more."""
    with transaction.atomic():
        row = Transfer.objects.select_for_update().filter(pk=transfer_id, state__in=LIVE).first()
        if row is None or (row.next_at is not None and row.next_at > at):
            return None
        row.epoch += 1
        row.state, row.next_at, row.changed_at = TransferState.SENDING, None, at
        row.save(update_fields=["epoch", "state", "next_at", "changed_at"])
    return row


@dataclass(slots=True)
class _Run:
    """One run of one transfer, until its turn is over."""

    row: Transfer
    now: Callable[[], datetime]
    wish: Wish = NO_WISH
    consent_id: UUID | None = None

    def go(self) -> datetime | None:
        """Send what is left.

        Raises:
            _NotNowError, ConnectionClosedError: it may not leave.
            UnreachableError, _LaterError: it does not arrive.
            LostError: another run has taken it up.
        """
        begun = self.now()
        if not self._left().exists():
            self._close(receiver_of(self.row.connection_id, at=begun)[0])
            return None
        destination, found = self._may_leave()
        self.consent_id = found.decision.consent_id
        with self._way(destination) as way:
            for item in self._left().iterator(chunk_size=100):
                if not self._send(item, way, destination) or self.now() - begun >= _TURN:
                    return self.now()
            finished(self.row, at=self.now(), agreed=self._agreed(way))
        return None

    def _close(self, destination: Destination) -> None:
        """End a transfer of which all has left before."""
        if not compares(destination):
            finished(self.row, at=self.now())
            return
        with self._way(destination) as way:
            finished(self.row, at=self.now(), agreed=self._agreed(way))

    def _agreed(self, way: Way) -> bool | None:
        if self.row.items.filter(state=ItemState.REFUSED).exists():
            return None  # it has failed, whatever the other side counts
        return way.agreed(self.row)

    def _way(self, destination: Destination) -> AbstractContextManager[Way]:
        return way_to(destination, self._kinds, self.row.pk, self._terms)

    def _terms(self) -> HandoverTerms:
        """Return what the patient agreed to, as the other side is told it.

        It is the consent that lets it leave now, and the last one where all has left.
        """
        told = terms_under(self.row, self.consent_id or announced_under(self.row))
        if told is None:
            raise _NotNowError(Reason.NO_RELATION.value)
        return told

    def _left(self) -> QuerySet[TransferItem]:
        rows = TransferItem.objects.filter(
            transfer=self.row, state__in=(ItemState.WAITING, ItemState.LEAVING)
        )
        return rows.order_by("number")

    def _kinds(self) -> set[Kind]:
        """Return the SOP classes and transfer syntaxes of what is left."""
        rows = Instance.objects.filter(id__in=self._left().values("instance_id"))
        cards = map(card_of, rows.iterator(chunk_size=500))
        return {(each.sop_class_uid, each.transfer_syntax) for each in cards}

    def _may_leave(self) -> tuple[Destination, Found]:
        """Ask anew where it goes, and whether the other side may have it."""
        at = self.now()
        destination, party = receiver_of(self.row.connection_id, at=at)
        decision = decide(party, Action.DOWNLOAD, self.row.study_id, at=at)
        if not decision.allowed:
            raise _NotNowError(decision.reason)
        study = Study.objects.get(pk=self.row.study_id)
        return destination, Found(study, decision, Action.DOWNLOAD)

    def _receiver(self, at: datetime) -> Party:
        return receiver_of(self.row.connection_id, at=at)[1]

    def _send(self, item: TransferItem, way: Way, to: Destination) -> bool:
        """Send one object; no says that the connection must be made anew first."""
        destination, found = self._may_leave()
        if destination != to or found.decision.consent_id != self.consent_id:
            return False
        instance = Instance.objects.filter(id=item.instance_id).first()
        if instance is None or not found.covers(instance):
            refused(self.row, item, REMOVED, at=self.now())
            return True
        try:
            file = as_it_goes(open_instance(instance), self.wish, self.row.ordered_at)
        except (QuarantinedError, RecordBrokenError):
            refused(self.row, item, DAMAGED, at=self.now())
            return True
        except UnreadableError:
            refused(self.row, item, CANNOT_BE_COERCED, at=self.now())
            return True
        leaving = Leaving(file, Watch(self._receiver, found, self.now))
        try:
            began(self.row, item, found, self._receiver(self.now()), at=self.now())
            leaving.watch.ask()
            answer = way.send(leaving)
        except RecordBrokenError:
            refused(self.row, item, DAMAGED, at=self.now())
            return False
        except (TakenBackError, NotFoundError):
            self._may_leave()  # says why
            return False
        return self._became(item, leaving, answer)

    def _became(self, item: TransferItem, leaving: Leaving, answer: Answer) -> bool:
        if answer.fate is Fate.LATER:
            raise _LaterError(answer)
        if answer.fate is Fate.REFUSED:
            refused(self.row, item, answer.cause, at=self.now())
        else:
            arrived(self.row, item, leaving, answer.cause, at=self.now())
        return True
