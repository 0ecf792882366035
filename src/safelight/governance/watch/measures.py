"""What can be done at once about something that looks like misuse, and how is it taken back?

Each measure is a row with who took it, why and until when, and lifting it needs a reason.
What a rule takes by itself is short, or touches only the one who misbehaved: it never
shuts a victim out, because nobody may be locked out by a stranger who fails on purpose.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.epoch import turn_epoch
from safelight.exchange.access.facts import Party
from safelight.exchange.access.mode import Mode, set_mode
from safelight.exchange.access.staff import require_staff
from safelight.exchange.release.sharing.holding import hold_link, release_link
from safelight.governance.watch.errors import MeasureUnfitError, WordsMissingError
from safelight.governance.watch.events import WatchEvent
from safelight.governance.watch.models import Alert, Measure
from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.actions import record
from safelight.records.accounts.actions.suspend import reinstate, suspend
from safelight.records.accounts.holds import hold, lift
from safelight.records.accounts.models import HoldKind, StaffRole

_BY: Final = (StaffRole.SECURITY_OFFICER, StaffRole.PRIVACY_OFFICIAL, StaffRole.SYSTEM_ADMIN)


_WHY_READ_ONLY: Final = "An alert about the record of what happened."
_Deed = Callable[[UUID, datetime], None]


class Act(StrEnum):
    """What can be done."""

    THROTTLE = "throttle"
    STEP_UP = "step-up"
    SUSPEND_SESSION = "suspend-session"
    DROP_TOKEN = "drop-token"  # noqa: S105 (an act)
    SUSPEND_ACCOUNT = "suspend-account"
    SUSPEND_LINK = "suspend-link"
    FREEZE_DELETES = "freeze-deletes"
    QUARANTINE = "quarantine"
    READ_ONLY = "read-only"


LASTS: Final = {
    Act.THROTTLE: timedelta(hours=1),
    Act.STEP_UP: timedelta(days=7),
    Act.SUSPEND_LINK: timedelta(minutes=15),
}
_HOLDS: Final = {
    Act.THROTTLE: HoldKind.SOURCE,
    Act.STEP_UP: HoldKind.STEP_UP,
    Act.SUSPEND_SESSION: HoldKind.CLOSED,
    Act.DROP_TOKEN: HoldKind.CLOSED,
    Act.FREEZE_DELETES: HoldKind.DELETES,
    Act.QUARANTINE: HoldKind.UPLOADS,
}
_FITS: Final = {
    Act.THROTTLE: ("network/",),
    Act.STEP_UP: ("account/",),
    Act.SUSPEND_SESSION: ("session/", "token/"),
    Act.DROP_TOKEN: ("token/",),
    Act.SUSPEND_ACCOUNT: ("account/",),
    Act.SUSPEND_LINK: ("share/",),
    Act.FREEZE_DELETES: ("instance", "account/"),
    Act.QUARANTINE: ("account/",),
    Act.READ_ONLY: ("instance",),
}


def fits(act: Act, subject: str) -> bool:
    """Say whether an act can be done to a subject at all."""
    return subject.startswith(_FITS[act])


def take(
    alert: Alert, act: Act, subject: str, *, by: str, words: str = "", at: datetime
) -> Measure:
    """Do one thing because of an alert, in the caller's transaction; again is harmless.

    Raises:
        MeasureUnfitError: this cannot be done to that.
        NotFoundError: there is no such account or link.
    """
    if not fits(act, subject):
        raise MeasureUnfitError
    known = Measure.objects.filter(alert=alert, kind=act, subject=subject, lifted_at=None)
    for each in known:
        if each.until is None or each.until > at:
            return each
    until = at + LASTS[act] if act in LASTS else None
    _do(act, subject, until, at)
    made = Measure.objects.create(
        alert=alert,
        kind=act,
        subject=subject,
        taken_by=by,
        taken_at=at,
        until=until,
        words=words,
        lifted_words="",
    )
    _note(WatchEvent.MEASURE_TAKEN, made, by, at=at)
    return made


def take_by_hand(
    party: Party, alert_id: UUID, act: Act, subject: str, words: str, *, at: datetime
) -> None:
    """Let staff do one thing because of an alert.

    Raises:
        NotFoundError: no such alert, not for this party, or nothing to do it to.
        MeasureUnfitError: this cannot be done to that.
        WordsMissingError: nothing is said.
    """
    require_staff(party, *_BY)
    if not words.strip():
        raise WordsMissingError
    with transaction.atomic():
        alert = Alert.objects.select_for_update().filter(pk=alert_id).first()
        if alert is None:
            raise NotFoundError
        take(alert, act, subject, by=party.name, words=words.strip(), at=at)


def lift_by_hand(party: Party, measure_id: UUID, words: str, *, at: datetime) -> None:
    """Take a measure back, and say why.

    Raises:
        NotFoundError: no such measure, it is lifted, or not for this party.
        WordsMissingError: nothing is said.
    """
    require_staff(party, *_BY)
    if not words.strip():
        raise WordsMissingError
    with transaction.atomic():
        row = Measure.objects.select_for_update().filter(pk=measure_id, lifted_at=None).first()
        if row is None:
            raise NotFoundError
        _end(row, party.name, words.strip(), at=at)


def lift_due(*, at: datetime) -> int:
    """Take back the measures whose time is over, and say how many."""
    due = Measure.objects.filter(lifted_at=None, until__lte=at).values_list("pk", flat=True)
    lifted = 0
    for measure_id in list(due):
        with transaction.atomic():
            row = Measure.objects.select_for_update().filter(pk=measure_id, lifted_at=None).first()
            if row is not None:
                _end(row, "system", "", at=at)
                lifted += 1
    return lifted


def _do(act: Act, subject: str, until: datetime | None, at: datetime) -> None:
    if (kind := _HOLDS.get(act)) is not None:
        hold(kind, subject, until=until, at=at)
        turn_epoch()  # what was remembered of this party is void
        return
    if act is Act.READ_ONLY:
        set_mode(Mode.READ_ONLY, _WHY_READ_ONLY, actor="system", at=at)
        return
    _ACTS[act][0](_id_in(subject), at)


def _end(row: Measure, by: str, words: str, *, at: datetime) -> None:
    row.lifted_by, row.lifted_at, row.lifted_words = by, at, words
    row.save(update_fields=["lifted_by", "lifted_at", "lifted_words"])
    act = Act(row.kind)
    others = Measure.objects.filter(kind=act, subject=row.subject, lifted_at=None)
    if not others.exists():
        if (kind := _HOLDS.get(act)) is not None:
            lift(kind, row.subject, at=at)
            turn_epoch()
        elif act is Act.READ_ONLY:
            set_mode(Mode.NORMAL, words or "The alert is lifted.", actor=by, at=at)
        else:
            _ACTS[act][1](_id_in(row.subject), at)
    _note(WatchEvent.MEASURE_LIFTED, row, by, at=at)


def _id_in(subject: str) -> UUID:
    try:
        return UUID(subject.partition("/")[2])
    except ValueError:
        raise NotFoundError from None


_ACTS: Final[dict[Act, tuple[_Deed, _Deed]]] = {
    Act.SUSPEND_ACCOUNT: (
        lambda account_id, at: suspend(account_id, at=at),
        lambda account_id, at: reinstate(account_id, at=at),
    ),
    Act.SUSPEND_LINK: (
        lambda share_id, at: hold_link(share_id, at=at),
        lambda share_id, at: release_link(share_id, at=at),
    ),
}


def _note(event: WatchEvent, row: Measure, by: str, *, at: datetime) -> None:
    record(
        event,
        actor=by,
        subject=row.subject,
        reason=f"{row.kind}:alert/{row.alert_id}",
        at=at,
    )
