"""How does acting for somebody end, pause or come into dispute?

Ended is final, and pauses what they had agreed to in that name (`pausing.py`). A
dispute pauses new disclosures by all who act for the same person
until it is settled. A block does what an end does, opens nothing to the one it is
about and gives no reason: it protects somebody who may be in danger.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.epoch import turn_epoch
from safelight.exchange.access.events import AccessEvent
from safelight.exchange.access.facts import Party
from safelight.exchange.access.mandates import ACTING
from safelight.exchange.access.representing.asking import add_evidence
from safelight.exchange.access.representing.pausing import AUTHORITY_OVER, pause_what_rests_on
from safelight.exchange.access.representing.recording import in_person, note, tell
from safelight.exchange.access.representing.verifying import row_to_verify, verifies_for
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.records.accounts.models import (
    Representative,
    RepresentativeKind,
    RepresentativeState,
    Role,
)

MAJORITY: Final = "majority"
# Whom the represented chose themselves, or may dismiss; the others' right is not theirs to end.
_CHOSEN: Final = frozenset({RepresentativeKind.HELPER, RepresentativeKind.PROXY})
_LIVE: Final = (
    RepresentativeState.INVITED,
    RepresentativeState.PENDING,
    RepresentativeState.VERIFIED,
    RepresentativeState.DISPUTED,
)


def may_end(party: Party, row: Representative) -> bool:
    """Say whether a party may end this: who acts always, who is acted for where they chose it."""
    if party.account_id is None or row.state not in _LIVE:
        return False
    return row.account_id == party.account_id or (
        row.represented_id == party.account_id and row.kind in _CHOSEN
    )


def end_acting(party: Party, representative_id: UUID, *, at: datetime) -> None:
    """End it, at once and for good; what was done until then stays on record.

    Raises:
        NotFoundError: it is not this party's to end.
    """
    in_person(party)
    row = Representative.objects.filter(pk=representative_id).first()
    if row is None:
        raise NotFoundError
    is_over = row.state == RepresentativeState.ENDED
    by_staff = row.organization_id in verifies_for(party) and not is_over
    if not (may_end(party, row) or by_staff):
        raise NotFoundError
    by = "represented" if row.represented_id == party.account_id else "representative"
    if row.account_id != party.account_id and by == "representative":
        by = "staff"
    finish(party, row, by, at=at)
    for account_id in {row.account_id, row.represented_id} - {party.account_id, None}:
        tell(account_id, "acting-ended", at=at)


def finish(party: Party | None, row: Representative, by: str, *, at: datetime) -> bool:
    """Write the end of an authority; False where another was faster. `by` is a stable code."""
    with transaction.atomic():
        live = Representative.objects.filter(pk=row.pk).exclude(state=RepresentativeState.ENDED)
        if not live.update(state=RepresentativeState.ENDED, ended_at=at, ended_by=by):
            return False
        if row.starts_at is not None:
            reason = MAJORITY if by == MAJORITY else AUTHORITY_OVER
            pause_what_rests_on(row.pk, reason, at=at)
        turn_epoch()
        note(AccessEvent.REPRESENTATIVE_ENDED, party, row, at=at, reason=by)
    return True


def raise_dispute(party: Party, representative_id: UUID, words: str, *, at: datetime) -> None:
    """Say that one disagrees: nothing new is disclosed by anybody who acts, until it is settled.

    One's own authority is named, or, by the person acted for, the one in question.

    Raises:
        NotFoundError: it is not this party's.
        StateConflictError: it is in dispute already.
    """
    account_id = in_person(party)
    row = Representative.objects.filter(pk=representative_id, state__in=ACTING).first()
    if row is None or account_id not in {row.account_id, row.represented_id}:
        raise NotFoundError
    with transaction.atomic():
        add_evidence(party, row, words, at=at)
        _step(row, RepresentativeState.VERIFIED, RepresentativeState.DISPUTED)
        note(AccessEvent.REPRESENTATIVE_DISPUTED, party, row, at=at)


def settle_dispute(
    party: Party, representative_id: UUID, words: str, *, paper: bytes = b"", at: datetime
) -> None:
    """Say what settled a dispute, such as a court's order: staff, or whoever raised it.

    Nobody settles what another has raised about them, staff of the institution or not.

    Raises:
        NotFoundError: it is not this party's to settle.
        StateConflictError: there is no dispute.
    """
    account_id = in_person(party)
    row = Representative.objects.filter(pk=representative_id).first()
    if row is None:
        raise NotFoundError
    is_concerned = account_id in {row.account_id, row.represented_id}
    by_staff = row.organization_id in verifies_for(party) and not is_concerned
    if not (by_staff or _raised(row) == account_id):
        raise NotFoundError
    with transaction.atomic():
        add_evidence(party, row, words, paper=paper, at=at)
        _step(row, RepresentativeState.DISPUTED, RepresentativeState.VERIFIED)
        note(AccessEvent.DISPUTE_SETTLED, party, row, at=at)


def block(party: Party, representative_id: UUID, words: str, *, at: datetime) -> None:
    """Close everything to a representative at once, without a word to them (endangerment).

    Raises:
        NotFoundError: this party is no privacy officer of the institution.
        StateConflictError: nothing is open to close.
    """
    row = row_to_verify(party, representative_id, frozenset({Role.PRIVACY_OFFICER}))
    with transaction.atomic():
        add_evidence(party, row, words, at=at)
        open_now = Representative.objects.filter(pk=row.pk, state__in=ACTING)
        if not open_now.update(state=RepresentativeState.BLOCKED):
            raise StateConflictError
        pause_what_rests_on(row.pk, AUTHORITY_OVER, at=at)
        turn_epoch()
        note(AccessEvent.REPRESENTATIVE_BLOCKED, party, row, at=at)


def _raised(row: Representative) -> UUID | None:
    """Return who raised the dispute that is open; what they said is the last that was added."""
    if row.state != RepresentativeState.DISPUTED:
        return None
    return row.evidence.order_by("-added_at", "-id").values_list("by_id", flat=True).first()


def _step(row: Representative, old: RepresentativeState, new: RepresentativeState) -> None:
    if not Representative.objects.filter(pk=row.pk, state=old).update(state=new):
        raise StateConflictError
    turn_epoch()
