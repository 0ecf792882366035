"""Who looked at what, and when did it begin?

A look is one actor, one session, one study, at most 15 minutes. Its opening is
committed, with its audit entry and, for a recipient, its disclosure, before the
first byte leaves (I2, I4). A yes answered inside an open look is recorded by
that look, whichever process opened it; the different pictures in it are written
down once a second, and a picture that two processes showed is one picture.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import DatabaseError, connections, transaction

from safelight.exchange.access.decision import Action, Decision, Reason
from safelight.exchange.access.facts import Party
from safelight.exchange.access.volume import takes_objects
from safelight.exchange.release.budgets import spend_copy
from safelight.exchange.release.disclosures import TO_ANOTHER, Ground, disclose
from safelight.exchange.release.events import ReleaseEvent
from safelight.exchange.release.models import Disclosure, Listed, Look, Shown
from safelight.exchange.release.openings import note_opening
from safelight.exchange.release.viewing.asked_why import require_reason
from safelight.exchange.release.viewing.find import Found
from safelight.platform.audit.actions import record
from safelight.platform.database.turns import take_turn
from safelight.platform.database.writing import insert

logger = logging.getLogger(__name__)
LOOK_LASTS: Final = timedelta(minutes=15)
_WRITE_EVERY: Final = 1.0
_REMEMBERED: Final = 4096
_LIST: Final = UUID(int=0)  # stands for the list of exams where a study's id would
_MOST_NUMBER: Final = (1 << 63) - 1

# Somebody, through what, of which exam, by which consent or timed access, to do what; a glimpse.
_Key = tuple[str, str, UUID, UUID | None, Action, bool]
Picture = tuple[UUID, int]  # an object's row, and a frame of it counted from 1


@dataclass(frozen=True, slots=True)
class _OpenLook:
    """One look that is open, and what was shown in it."""

    look_id: UUID
    disclosure_id: UUID | None
    opened_at: datetime
    shown: set[int] = field(default_factory=set)
    objects: set[UUID] = field(default_factory=set)


class _OpenLooks:
    """The looks that are open in this process, and the pictures not yet written down."""

    def __init__(self) -> None:
        self._looks: OrderedDict[_Key, _OpenLook] = OrderedDict()
        self._pictures: dict[tuple[UUID, UUID | None], set[int]] = {}
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def find(self, key: _Key, at: datetime) -> _OpenLook | None:
        with self._lock:
            found = self._looks.get(key)
            if found is None or not found.opened_at <= at < found.opened_at + LOOK_LASTS:
                return None
            return found

    def open(self, key: _Key, look: Look) -> _OpenLook:
        opened = _OpenLook(look.id, look.disclosure_id, look.opened_at)
        with self._lock:
            self._looks[key] = opened
            self._looks.move_to_end(key)
            if len(self._looks) > _REMEMBERED:
                self._looks.popitem(last=False)
        return opened

    def count(self, look: _OpenLook, pictures: Iterable[Picture]) -> None:
        with self._lock:
            fresh = {_number(*picture) for picture in pictures} - look.shown
            if not fresh:
                return
            look.shown.update(fresh)
            self._pictures.setdefault((look.look_id, look.disclosure_id), set()).update(fresh)
            if self._timer is None:
                self._timer = threading.Timer(_WRITE_EVERY, self._write_down_later)
                self._timer.daemon = True
                self._timer.start()

    def write_down(self) -> None:
        with self._lock:
            pictures, self._pictures = self._pictures, {}
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        for (look_id, disclosure_id), numbers in pictures.items():
            with transaction.atomic():
                rows = [Shown(look_id=look_id, picture=number) for number in sorted(numbers)]
                insert(rows, unless_there=True)
                count = Shown.objects.filter(look_id=look_id).count()
                Look.objects.filter(pk=look_id).update(pictures=count)
                if disclosure_id is not None:
                    Disclosure.objects.filter(pk=disclosure_id).update(pictures=count)

    def _write_down_later(self) -> None:
        """Write in the timer's own thread, which owns its connections and lets go of them."""
        try:
            self.write_down()
        except DatabaseError as error:
            # The look itself is on record; only its count of pictures is short.
            logger.warning("pictures were not counted: %s", type(error).__name__)
        finally:
            connections.close_all()


_open_looks = _OpenLooks()


def _number(object_id: UUID, frame: int) -> int:
    """Return a picture's number, the same in every process: ids are random in their low bits."""
    return (object_id.int + frame) & _MOST_NUMBER


def look(
    party: Party,
    found: Found,
    *,
    at: datetime,
    pictures: Collection[Picture] = (),
    is_thumbnail: bool = False,
    is_copy: bool = False,
) -> None:
    """Make sure that this look is on record, then count the pictures about to leave.

    One that leaves a second time within the same look is not counted again. A
    thumbnail alone, in the owner's own list, is a look of its own kind: a glimpse.

    Raises whatever keeps the record from being written: then nothing may leave.

    Raises:
        CareReasonMissingError: one of the care team has not said why they look.
        BudgetSpentError: `is_copy`, and this party took too many exams this hour.
        RateLimitedError: more objects within the hour than this party may take.
    """
    decision = found.decision
    by = decision.timed_access_id or decision.consent_id
    who = (party.name, party.session, found.study.id, by, found.action)
    open_look = _open_looks.find((*who, False), at)
    is_glimpse = is_thumbnail and decision.reason == Reason.OWNER
    if open_look is None and is_glimpse:
        open_look = _open_looks.find((*who, True), at)
    objects = {object_id for object_id, _ in pictures}
    if open_look is not None:
        objects -= open_look.objects
    takes_objects(party, len(objects), at=at)
    if open_look is None:
        require_reason(party, found, at=at)
        if is_copy:
            spend_copy(party, found, at=at)
        opened = _open_look(party, found, at, is_glimpse=is_glimpse)
        open_look = _open_looks.open((*who, is_glimpse), opened)
    if pictures:
        open_look.objects.update(objects)
        _open_looks.count(open_look, pictures)


def listed(party: Party, *, at: datetime) -> None:
    """Put it on record that a party read the list of what it may see; once a quarter of an hour."""
    key = (party.name, party.session, _LIST, None, Action.VIEW, False)
    if _open_looks.find(key, at) is not None:
        return
    with transaction.atomic():
        take_turn(f"listed/{party.name}")
        told = Listed.objects.filter(
            actor=party.name, session=party.session, at__gt=at - LOOK_LASTS, at__lte=at
        ).order_by("-at")
        since = told.values_list("at", flat=True).first()
        if since is None:
            Listed.objects.create(actor=party.name, session=party.session, at=at)
            record(ReleaseEvent.LISTED, actor=party.name, session=party.session, at=at)
    _open_looks.open(key, Look(id=_LIST, opened_at=since or at))


def write_down_counts() -> None:
    """Write the counted pictures now; called when the process ends and before reports."""
    _open_looks.write_down()


def forget_shown(*, at: datetime) -> None:
    """Delete which pictures were shown in looks that are over; how many there were stays."""
    over = at - 2 * LOOK_LASTS
    Shown.objects.filter(look__opened_at__lt=over).delete()
    Listed.objects.filter(at__lt=over).delete()


def _open_look(party: Party, found: Found, at: datetime, *, is_glimpse: bool) -> Look:
    decision: Decision = found.decision
    with transaction.atomic():
        elsewhere = _opened_elsewhere(party, found, at, is_glimpse=is_glimpse)
        if elsewhere is not None:
            return elsewhere
        disclosure = None
        if decision.reason == Reason.CONSENT and decision.consent_id is not None:
            # The share before its consent, as everywhere: two that lock both cannot cross.
            note_opening(decision.consent_id, at=at)
        entry_id = record(
            ReleaseEvent.LOOKED,
            actor=party.name,
            session=party.session,
            subject=f"study/{found.study.id}",
            vault_id=found.study.vault_id,
            consent_id=decision.consent_id,
            reason=decision.reason,
            at=at,
        )
        if decision.reason in TO_ANOTHER:
            disclosure = disclose(
                party,
                found,
                Ground.of(decision.reason),
                channel=found.action.value,
                entry_id=entry_id,
                at=at,
            )
        return Look.objects.create(
            vault_id=found.study.vault_id,
            study_id=found.study.id,
            actor=party.name,
            session=party.session,
            action=found.action,
            basis=decision.reason,
            consent_id=decision.consent_id,
            disclosure_id=disclosure.id if disclosure else None,
            timed_access_id=decision.timed_access_id,
            opened_at=at,
            is_glimpse=is_glimpse,
            entry_id=entry_id,
        )


def _opened_elsewhere(party: Party, found: Found, at: datetime, *, is_glimpse: bool) -> Look | None:
    """Return the look that another process opened for this, if it is open still."""
    take_turn(f"look/{party.name}/{found.study.id}")
    return (
        Look.objects.filter(
            actor=party.name,
            session=party.session,
            study_id=found.study.id,
            consent_id=found.decision.consent_id,
            timed_access_id=found.decision.timed_access_id,
            action=found.action,
            is_glimpse=is_glimpse,
            opened_at__gt=at - LOOK_LASTS,
            opened_at__lte=at,
        )
        .order_by("-opened_at")
        .first()
    )
