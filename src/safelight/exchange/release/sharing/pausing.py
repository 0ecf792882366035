"""How is a share paused by hand, and how does it go on?

Pausing is as easy as taking back, and as prompt: nothing that starts after it is
served, nor what was passed on under it. What goes on is what was signed, until the
end that was signed: nothing is added, so it takes no new signature, but only whoever
paused it, or the person it is about, can let it go on, and only while they may share.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.actions import turn_for_consents
from safelight.exchange.access.decide import decide_all
from safelight.exchange.access.decision import Action, Reason
from safelight.exchange.access.facts import Party
from safelight.exchange.consent.events import ConsentEvent
from safelight.exchange.consent.models import Consent, ConsentPause
from safelight.exchange.consent.terms import Act
from safelight.exchange.release.sharing.keeping import rests_on_nothing, with_passed_on
from safelight.exchange.release.sharing.withdraw import after_the_last, may_end
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.platform.audit.actions import record


class PausedBy(StrEnum):
    """What a consent was paused by. Values are stable codes."""

    HAND = "hand"
    DEATH = "death"
    WATCH = "watch"
    COMPROMISE = "compromise"


_NOT_PAUSED = "This is not paused by hand, or it has ended. Look at the list again."
_NOT_LIVE = "This has ended, so there is nothing to pause. Look at the list again."


def pause_share(party: Party, consent_id: UUID, *, at: datetime) -> None:
    """Pause a consent by hand, at once. Doing it twice is not an error.

    Raises:
        NotFoundError: there is no such consent of this party; a token pauses nothing.
        StateConflictError: it has ended.
    """
    consent = _of_theirs(party, consent_id, at=at)
    with transaction.atomic():
        live = Consent.objects.select_for_update().filter(
            pk=consent.pk, revoked_at__isnull=True, ends_at__gt=at
        )
        if (row := live.first()) is None:
            raise StateConflictError(_NOT_LIVE)
        pause(row, PausedBy.HAND, party, at=at)
        turn_for_consents(with_passed_on(row))


def pause(row: Consent, by: PausedBy, party: Party | None, *, at: datetime) -> None:
    """Note that a live consent is paused, inside a transaction that holds its row."""
    _, is_new = ConsentPause.objects.get_or_create(
        consent=row,
        by=by,
        ended_at=None,
        defaults={"account_id": party.account_id if party else None, "since": at},
    )
    if not is_new:
        return
    if row.suspended_at is None:
        Consent.objects.filter(pk=row.pk).update(suspended_at=after_the_last(row, at))
    _record(ConsentEvent.SUSPENDED, row, by, party, at=at)


def resume_share(
    party: Party, consent_id: UUID, *, by: PausedBy = PausedBy.HAND, at: datetime
) -> None:
    """Let a consent that was paused by hand go on, as it was signed and until the same end.

    `by` names another pause that its giver may end, once they have proved to be the one.

    Raises:
        NotFoundError: it is not this party's to let go on.
        StateConflictError: it is not paused by hand, it has ended, or they may not share now.
    """
    consent = _of_theirs(party, consent_id, at=at)
    with transaction.atomic():
        live = Consent.objects.select_for_update().filter(
            pk=consent.pk, revoked_at__isnull=True, ends_at__gt=at
        )
        row = live.first()
        paused = ConsentPause.objects.filter(consent=consent, by=by, ended_at__isnull=True).first()
        if row is None or paused is None or rests_on_nothing(row):
            raise StateConflictError(_NOT_PAUSED)
        _require_authority(party, row, paused, at=at)
        unpause(row, by, party, at=at)
        turn_for_consents(with_passed_on(row))


def unpause(row: Consent, by: PausedBy, party: Party | None, *, at: datetime) -> None:
    """End one pause, inside a transaction that holds the row; others of its pauses stay.

    So does a consent whose giver acts for nobody any more: only a signature takes it up again.
    """
    pauses = ConsentPause.objects.filter(consent=row, ended_at__isnull=True)
    pauses.filter(by=by).update(ended_at=at)
    if not (pauses.exists() or rests_on_nothing(row)):
        Consent.objects.filter(pk=row.pk).update(suspended_at=None)
    _record(ConsentEvent.RESUMED, row, by, party, at=at)


def may_go_on(party: Party, consents: Collection[UUID]) -> frozenset[UUID]:
    """Say which of some paused consents this party can let go on, as far as rows tell."""
    paused = ConsentPause.objects.filter(
        consent_id__in=list(consents), by=PausedBy.HAND, ended_at__isnull=True
    ).select_related("consent")
    return frozenset(
        each.consent_id
        for each in paused
        if party.account_id in {each.account_id, each.consent.subject_account_id}
    )


def _of_theirs(party: Party, consent_id: UUID, *, at: datetime) -> Consent:
    consent = Consent.objects.filter(pk=consent_id).first()
    if consent is None or party.token_scopes is not None or not may_end(party, consent, at=at):
        raise NotFoundError
    return consent


def _require_authority(party: Party, row: Consent, paused: ConsentPause, *, at: datetime) -> None:
    """Let nobody go on with it whom the person it is about, or another giver, has stopped."""
    studies = list(row.items.values_list("study_id", flat=True).distinct())
    action = Action.SHARE
    if row.act == Act.ONWARD and party.account_id == row.grantor_id:
        action = Action.PASS_ON
    decisions = decide_all(party, action, studies, at=at).values()
    is_owner = all(each.allowed and each.reason == Reason.OWNER for each in decisions)
    if not is_owner and paused.account_id != party.account_id:
        raise NotFoundError
    if not all(each.allowed for each in decisions):
        raise StateConflictError(_NOT_PAUSED)


def _record(
    event: ConsentEvent, row: Consent, by: PausedBy, party: Party | None, *, at: datetime
) -> None:
    record(
        event,
        actor=party.name if party else "system",
        session=party.session if party else "",
        subject=f"consent/{row.pk}",
        vault_id=row.vault_id,
        consent_id=row.pk,
        reason=by.value,
        at=at,
    )
