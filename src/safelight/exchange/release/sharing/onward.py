"""How does a recipient pass on what the patient agreed may be passed on? (L41, R09)

By a consent of its own that rests on the patient's: the recipient signs it in the
same ceremony, it says no more than its parent, and it ends with its parent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action, Part, Reason
from safelight.exchange.access.facts import Party
from safelight.exchange.access.load import granted
from safelight.exchange.access.naming import consents_naming
from safelight.exchange.access.study_rows import study_rows
from safelight.exchange.consent.models import Consent, ConsentDraft
from safelight.exchange.consent.onward import OnwardRefusal, onward_refusal
from safelight.exchange.consent.rules import refusal
from safelight.exchange.consent.terms import Act, Authority, Permission, Terms
from safelight.exchange.release.errors import ManifestChangedError
from safelight.exchange.release.refused import refuse_release
from safelight.exchange.release.sharing.drafts import Choices, new_draft
from safelight.exchange.release.signed import terms_of
from safelight.kernel.errors import NotFoundError, StateConflictError

AS_RECIPIENT: Final = "onward"
_NOT_NOW: Final = "This cannot be passed on just now. Try again later."


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """A live consent under which its recipient may pass something on."""

    consent_id: UUID
    patient_id: UUID
    terms: Terms

    @property
    def parts(self) -> Mapping[UUID, Part]:
        """What of each series may be passed on."""
        return {item.series_id: Part(item.up_to, frozenset(item.only)) for item in self.terms.items}


def parents_of(party: Party, study_id: UUID, *, at: datetime) -> list[Parent]:
    """List the live consents that let this party pass on something of an exam, newest first."""
    if not decide(party, Action.PASS_ON, study_id, at=at).allowed:
        return []
    naming = consents_naming(party, studies=study_rows([study_id]))
    return [_parent(row) for row in reversed(naming) if _lets_pass_on(row, at=at)]


def _lets_pass_on(row: Consent, *, at: datetime) -> bool:
    facts = granted(row)
    live = refusal(facts, Permission.VIEW, at=at) is None
    return facts.may_pass_on and live and not facts.is_in_dispute


def start_onward(
    party: Party, study_id: UUID, parent_id: UUID | None = None, *, at: datetime
) -> ConsentDraft:
    """Begin to pass on an exam; nothing leaves by this.

    Where several consents allow it, `parent_id` chooses; else it is the newest.

    Raises:
        FurtherReleaseError: no consent contemplates it; the attempt is on record.
        NotFoundError: this party may not know of the exam.
        StateConflictError: those who act for the patient disagree, which is not told.
    """
    if decide(party, Action.PASS_ON, study_id, at=at).reason == Reason.IN_DISPUTE:
        raise StateConflictError(_NOT_NOW)
    parents = parents_of(party, study_id, at=at)
    chosen = next((each for each in parents if parent_id in {None, each.consent_id}), None)
    if chosen is None:
        refuse_release(party, study_id, OnwardRefusal.NOT_CONTEMPLATED, at=at)
    choices = Choices(act=Act.ONWARD, parent_id=str(chosen.consent_id))
    return new_draft(party, study_id, choices, at=at)


def parent_of(party: Party, choices: Choices, *, at: datetime) -> Parent | None:
    """Return the consent that a draft rests on; None where it is the giver's own exam.

    Raises:
        NotFoundError: the consent is over, or lets this party pass nothing on.
    """
    if choices.act != Act.ONWARD:
        return None
    for each in parents_of(party, UUID(choices.study_ids[0]), at=at):
        if str(each.consent_id) == choices.parent_id:
            return each
    raise NotFoundError


def resting_on(parent: Parent | None, terms: Terms) -> Terms:
    """Write into terms on what they rest and whom they are about."""
    if parent is None:
        return terms
    patient = parent.terms.authority.subject_name or parent.terms.grantor_name
    authority = Authority(
        kind=AS_RECIPIENT, subject_account_id=parent.patient_id, subject_name=patient
    )
    return replace(terms, parent_id=parent.consent_id, authority=authority)


def require_covered(party: Party, parent: Parent | None, terms: Terms, *, at: datetime) -> None:
    """Make sure that terms go in nothing beyond the consent they rest on.

    Raises:
        FurtherReleaseError: they do; the attempt is on record.
    """
    if parent is None:
        return
    beyond = onward_refusal(terms, parent.terms, parent_id=parent.consent_id)
    if beyond is not None:
        refuse_release(party, terms.items[0].study_id, beyond, at=at)


def hold_parent(terms: Terms) -> None:
    """Keep the parent as it is until the caller's transaction ends.

    A withdrawal that comes first is seen here; one that comes later finds the child.

    Raises:
        ManifestChangedError: the parent was taken back meanwhile, or is in dispute.
    """
    if terms.parent_id is None:
        return
    live = Consent.objects.select_for_update().filter(
        pk=terms.parent_id, revoked_at__isnull=True, suspended_at__isnull=True
    )
    parent = live.first()
    if parent is None or granted(parent).is_in_dispute:
        raise ManifestChangedError


def _parent(row: Consent) -> Parent:
    return Parent(
        consent_id=row.id,
        patient_id=row.subject_account_id or row.grantor_id,
        terms=terms_of(row),
    )
