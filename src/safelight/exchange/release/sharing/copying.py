"""How does a giver choose to let somebody see a copy that does not say whose it is?

The copy is made before anything is signed, so that it can be looked at, and so that the
consent names exactly what will leave. From the choices alone nothing is told: until the
copies are ready, and of exactly what is chosen, there are no terms to sign.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.dicom.deidentifying.profile import EDITION, PROFILE
from safelight.exchange.access.facts import Party
from safelight.exchange.consent.models import ConsentDraft
from safelight.exchange.consent.terms import Act, Form, Further
from safelight.exchange.release.copies.jobs import make_copies_later
from safelight.exchange.release.copies.known import copying_of, profiles_of
from safelight.exchange.release.copies.making import make_copies
from safelight.exchange.release.copies.wanted import Wanted
from safelight.exchange.release.errors import TermsNotFitError
from safelight.exchange.release.events import ReleaseEvent
from safelight.exchange.release.models import Copying, CopyingState
from safelight.exchange.release.sharing.drafts import Choices, choose
from safelight.kernel.errors import StateConflictError
from safelight.kernel.ids import new_id
from safelight.platform.audit.actions import record
from safelight.records.imaging.models import Series, Study

AT_ONCE_OBJECTS: Final = 48
AT_ONCE_BYTES: Final = 48 << 20
"""So much is made while the giver waits; more is made by a job."""

_IF_NOT_AT_ONCE: Final = timedelta(minutes=10)
_NOT_READY: Final = "The copy without your name is not ready yet."
_NOTHING: Final = "Nothing of what you chose can be in a copy without a name."
_COPIED: Final = "This is a copy without a name already. It is shared as it is."
_MIXED: Final = "Copies without a name are shared by themselves."


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyInHand:
    """How far the copy of a draft is. Counts are of objects.

    It has failed where it is not made and nobody goes on with it.
    """

    state: CopyingState
    looked_at: bool
    wanted: int
    copied: int
    not_looked_at: int
    never_copied: int
    unreadable: int
    studies: tuple[UUID, ...]
    is_current: bool
    has_failed: bool


def leave_names(draft: ConsentDraft, choices: Choices, *, at: datetime) -> Choices:
    """Share the exams as they are."""
    return choose(draft, choices, at=at, copying_id="")


def ask_for_copy(
    party: Party,
    draft: ConsentDraft,
    choices: Choices,
    studies: list[Study],
    *,
    looked_at: bool,
    at: datetime,
) -> Choices:
    """Have a copy without a name made of what is chosen; `studies` were found to be theirs.

    What a copy cannot have is no longer chosen: passing on, and results to come.
    """
    wanted = _wanted(choices)
    held = copy_in_hand(party, choices)
    if held and held.is_current and held.looked_at == looked_at and not held.has_failed:
        return choices
    copying_id = new_id()
    rows = wanted.rows()
    is_small = rows.count() <= AT_ONCE_OBJECTS and _bytes(wanted) <= AT_ONCE_BYTES
    with transaction.atomic():
        Copying.objects.create(
            id=copying_id,
            vault_id=draft.vault_id,
            account_id=party.account,
            wanted=wanted.as_data(),
            looked_at=looked_at,
            profile=f"{PROFILE}/{EDITION}",
            asked_at=at,
            objects_wanted=rows.count(),
        )
        for study in studies:
            record(
                ReleaseEvent.COPY_ASKED_FOR,
                actor=party.name,
                session=party.session,
                subject=f"study/{study.id}",
                vault_id=study.vault_id,
                at=at,
            )
        # What a crash keeps from being made at once is made later, too.
        run_after = at + _IF_NOT_AT_ONCE if is_small else None
        make_copies_later.enqueue(run_after=run_after, copying_id=str(copying_id))
        changed = choose(
            draft,
            choices,
            at=at,
            copying_id=str(copying_id),
            standing_until="",
            further=Further.NONE.value,
            further_named=(),
            further_classes=(),
            further_purposes=(),
        )
    if is_small:
        make_copies(copying_id)
    return changed


def copy_in_hand(party: Party, choices: Choices) -> CopyInHand | None:
    """Say how far the copy of a draft is; None where the exams are shared as they are."""
    if not choices.copying_id:
        return None
    row = copying_of(party, choices.copying_id)
    return CopyInHand(
        state=CopyingState(row.state),
        looked_at=row.looked_at,
        wanted=row.objects_wanted,
        copied=row.copied,
        not_looked_at=row.not_looked_at,
        never_copied=row.never_copied,
        unreadable=row.unreadable,
        studies=tuple(UUID(each) for each in row.studies),
        is_current=row.wanted == _wanted(choices).as_data(),
        has_failed=row.state == CopyingState.MAKING
        and not make_copies_later.is_under_way(copying_id=str(row.id)),
    )


def with_copies(party: Party, choices: Choices) -> Choices:
    """Put the copies in the place of the exams they are of, where copies are to be shared.

    Raises:
        TermsNotFitError: they are not ready, or not of what is chosen.
    """
    held = copy_in_hand(party, choices)
    if held is None:
        return choices
    if held.state is CopyingState.NOTHING:
        raise TermsNotFitError({"form": _NOTHING})
    if held.state is not CopyingState.READY or not held.is_current or choices.act == Act.ONWARD:
        raise TermsNotFitError({"form": _NOT_READY})
    series = Series.objects.filter(study_id__in=held.studies).values_list("id", flat=True)
    return replace(
        choices,
        study_ids=tuple(map(str, held.studies)),
        series_ids=tuple(map(str, series)),
        instance_ids=(),
    )


def form_of(studies: list[Study], faults: dict[str, str]) -> tuple[Form, str]:
    """Say in which form exams are shown: it follows from what they are, and is not chosen."""
    profiles = profiles_of(study.id for study in studies)
    if not profiles:
        return Form.IDENTIFIED, ""
    if len(profiles) != len(studies) or len(set(profiles.values())) > 1:
        faults["form"] = _MIXED
    return Form.DEIDENTIFIED, next(iter(profiles.values()))


def require_no_copies(studies: list[Study]) -> None:
    """Make no copies of copies.

    Raises:
        StateConflictError: one of the exams is a copy already.
    """
    if profiles_of(study.id for study in studies):
        raise StateConflictError(_COPIED)


def _wanted(choices: Choices) -> Wanted:
    return Wanted.chosen(choices.study_ids, choices.series_ids, choices.instance_ids)


def _bytes(wanted: Wanted) -> int:
    rows: list[int] = list(wanted.rows().values_list("length", flat=True)[: AT_ONCE_OBJECTS + 1])
    return sum(rows)
