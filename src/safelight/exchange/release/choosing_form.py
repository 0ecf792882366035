"""In which form does a draft let its exams be seen, and what becomes of a copy not wanted?

Pages and programs choose by the same acts. Nothing is shared by any of them.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.facts import Party
from safelight.exchange.consent.events import ConsentEvent
from safelight.exchange.consent.terms import Act
from safelight.exchange.release.copies.discarding import discard_copies
from safelight.exchange.release.errors import TermsNotFitError
from safelight.exchange.release.sharing.copying import (
    CopyInHand,
    ask_for_copy,
    copy_in_hand,
    leave_names,
    require_no_copies,
)
from safelight.exchange.release.sharing.drafts import Choices, drop_draft, find_draft
from safelight.exchange.release.sharing.wording import own_studies
from safelight.kernel.errors import StateConflictError
from safelight.platform.audit.actions import record

_NOTHING_CHOSEN = "Choose first what is to be in the copy."
_SEVERAL_PLACES = "Exams from different places are shared one place at a time."
_OF_OTHERS = "What others shared is passed on as it is."


def share_as_copy(party: Party, draft_id: UUID, *, looked_at: bool, at: datetime) -> Choices:
    """Have a copy without a name made of what is chosen; the same asked again is the same copy.

    `looked_at`: the person has looked at the pictures in which words are common.

    Raises:
        NotFoundError: the draft, or one of its exams, is not this party's.
        StateConflictError: it is signed, of copies already, passed on, or in dispute.
        TermsNotFitError: nothing is chosen that could be copied.
    """
    draft, choices = find_draft(party, draft_id)
    if choices.act == Act.ONWARD:
        raise StateConflictError(_OF_OTHERS)
    studies = own_studies(party, choices, at=at)
    require_no_copies(studies)
    if not (choices.series_ids or choices.instance_ids):
        raise TermsNotFitError({"items": _NOTHING_CHOSEN})
    if {study.vault_id for study in studies} != {draft.vault_id}:
        raise TermsNotFitError({"items": _SEVERAL_PLACES})
    before = copy_in_hand(party, choices)
    changed = ask_for_copy(party, draft, choices, studies, looked_at=looked_at, at=at)
    if changed.copying_id != choices.copying_id:
        _discard(party, before, at=at)
    return changed


def share_as_it_is(party: Party, draft_id: UUID, *, at: datetime) -> Choices:
    """Share the exams as they are; a copy that nobody was shown goes."""
    draft, choices = find_draft(party, draft_id)
    before = copy_in_hand(party, choices)
    changed = leave_names(draft, choices, at=at) if before else choices
    _discard(party, before, at=at)
    return changed


def give_up(party: Party, draft_id: UUID, *, at: datetime) -> Choices:
    """Forget a draft whose author decided not to share, and a copy that nobody was shown.

    That the consent was shown and not given stays on record.
    """
    draft, choices = find_draft(party, draft_id)
    before = copy_in_hand(party, choices)
    with transaction.atomic():
        if drop_draft(draft) and draft.presented_at is not None:
            record(
                ConsentEvent.REFUSED,
                actor=party.name,
                session=party.session,
                subject=f"draft/{draft_id}",
                vault_id=draft.vault_id,
                at=at,
            )
    _discard(party, before, at=at)
    return choices


def _discard(party: Party, held: CopyInHand | None, *, at: datetime) -> None:
    discard_copies(party, held.studies if held else (), at=at)
