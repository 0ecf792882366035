"""How does somebody who may look at an exam ask its owner for a consent? (C5, R09)

A request is a suggestion: the owner, or who may share for them, can change all of
it, goes through the ordinary ceremony, and owes no reason for saying no.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from safelight.exchange.access.actions import admit_account
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action, Decision, Reason, Scope
from safelight.exchange.access.facts import Party, PartyKind, StudyFacts
from safelight.exchange.access.load import study_facts
from safelight.exchange.access.representing.scope import who_shares_for
from safelight.exchange.consent.events import ConsentEvent
from safelight.exchange.consent.models import Consent, ConsentDraft, ConsentRequest
from safelight.exchange.consent.requests import (
    LASTS,
    OPEN,
    Answer,
    RequestState,
    answer_to_asker,
    state_at,
)
from safelight.exchange.release.people import address_of_account, name_of, tell_account
from safelight.exchange.release.sharing.answering import (
    addressed_to,
    name_behind,
    right_to_answer,
)
from safelight.exchange.release.sharing.authority import require_undisputed
from safelight.exchange.release.sharing.drafts import new_draft
from safelight.exchange.release.sharing.signing import recipient_token
from safelight.exchange.release.sharing.wishes import (
    Wish,
    choices_of,
    judged,
    sealed_wish,
    wish_of,
)
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.kernel.ids import new_id
from safelight.platform.audit.actions import record
from safelight.records.accounts.queries import memberships_of
from safelight.records.imaging.models import Series

_NOBODY: Final = "Nobody here can be asked: neither the patient nor who acts for them is known."
_ASKED: Final = "You have asked already, and there is no answer yet."


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as its two sides see it; `answer` is the asker's view, `state` the owner's.

    `for_whom` names the person whose exam it is, to somebody who acts for them.
    """

    id: UUID
    study_id: UUID
    asker: str
    asker_address: str
    places: tuple[str, ...]
    asked_at: datetime
    ends_at: datetime
    state: RequestState
    answer: Answer
    wish: Wish
    consent_id: UUID | None
    for_whom: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it can still be answered."""
        return self.state in OPEN


def may_ask(party: Party, study_id: UUID, *, at: datetime) -> bool:
    """Say whether this party, who looks at an exam, has somebody to ask for a consent."""
    if _seen_by_others(party, study_id, at=at) is None:
        return False
    return bool(_whom_to_ask(study_facts(party, [study_id])[study_id], at=at))


def ask_patient(party: Party, study_id: UUID, wish: Wish, *, at: datetime) -> UUID:
    """Ask the owner of an exam for a consent, and return the request's id.

    Raises:
        NotFoundError: this party may not look at the exam, or need not ask.
        InvalidFieldError: see `judged`.
        StateConflictError: there is nobody to ask, or a request is open already.
    """
    seen = _seen_by_others(party, study_id, at=at)
    if seen is None:
        raise NotFoundError
    facts = study_facts(party, [study_id])[study_id]
    told = _whom_to_ask(facts, at=at)
    if not told:
        raise StateConflictError(_NOBODY)
    wish = replace(judged(wish, at), series_ids=_series_seen(study_id, seen.scope))
    request_id = new_id()
    with transaction.atomic():
        _end_lapsed(party.account, study_id, at=at)
        try:
            with transaction.atomic():
                ConsentRequest.objects.create(
                    id=request_id,
                    vault_id=facts.vault_id,
                    study_id=study_id,
                    asker_id=party.account,
                    asked_id=told[0],
                    asked_at=at,
                    sealed_wish=sealed_wish(request_id, wish),
                )
        except IntegrityError:
            raise StateConflictError(_ASKED) from None
        _note(ConsentEvent.ASKED, party, request_id, facts.vault_id, at=at)
        for account_id in told:
            tell_account(account_id, "consent-asked", at=at)
    return request_id


def _seen_by_others(party: Party, study_id: UUID, *, at: datetime) -> Decision | None:
    """Return under which decision somebody else than the patient looks; None where nobody does."""
    seen = decide(party, Action.VIEW, study_id, at=at)
    can_ask = seen.reason in {Reason.CONSENT, Reason.CARE_RELATION}
    return seen if seen.allowed and can_ask and party.kind is not PartyKind.GUEST else None


def _whom_to_ask(facts: StudyFacts, *, at: datetime) -> list[UUID]:
    owner = [facts.owner] if facts.owner else []
    return [*owner, *who_shares_for(facts.study_id, at=at)]


def asked_of(party: Party, *, at: datetime) -> list[Asked]:
    """List the requests that wait for this party's answer, the newest first.

    Those to somebody whom they act for, and may share for, are among them.
    """
    if party.account_id is None:
        return []
    rows = ConsentRequest.objects.filter(addressed_to(party), ended_at__isnull=True)
    judged = [(row, right_to_answer(party, row, at=at)) for row in rows.order_by("-asked_at")]
    found = [_asked(row, at, right) for row, right in judged if right is not None]
    return [each for each in found if each.is_open]


def asked_by(party: Party, *, at: datetime) -> list[Asked]:
    """List what this party has asked for, the newest first."""
    rows = ConsentRequest.objects.filter(asker_id=party.account)
    return [_asked(row, at) for row in rows.order_by("-asked_at")]


def request_to(party: Party, request_id: UUID, *, at: datetime) -> Asked:
    """Return an open request to this party.

    Raises:
        NotFoundError: there is none, or it is over.
    """
    row = _open_request(party, request_id, at=at)
    return _asked(row, at, right_to_answer(party, row, at=at))


def begin_request(party: Party, request_id: UUID, *, at: datetime) -> ConsentDraft:
    """Begin the ordinary ceremony with everything filled in as it was asked for.

    Raises:
        NotFoundError: there is no such open request to this party, or the exam is not
            theirs to share.
        StateConflictError: those who act for the same person are in dispute.
    """
    row = _open_request(party, request_id, at=at)
    decision = decide(party, Action.PREPARE, row.study_id, at=at)
    require_undisputed([decision])
    if not decision.allowed:
        raise NotFoundError
    with transaction.atomic():
        if row.state == RequestState.REQUESTED:
            fresh = ConsentRequest.objects.filter(pk=row.pk, state=RequestState.REQUESTED)
            fresh.update(state=RequestState.VIEWED, viewed_at=at)
            _note(ConsentEvent.ASKING_VIEWED, party, row.id, row.vault_id, at=at)
        return new_draft(party, row.study_id, choices_of(row), at=at)


def decline_request(party: Party, request_id: UUID, *, at: datetime) -> None:
    """Say no; no reason is asked, and the asker is told no more than that it was not granted.

    Raises:
        NotFoundError: there is no such open request to this party.
    """
    row = _open_request(party, request_id, at=at)
    with transaction.atomic():
        if _end(row, RequestState.DECLINED, at=at):
            _note(ConsentEvent.ASKING_DECLINED, party, row.id, row.vault_id, at=at)


def withdraw_request(party: Party, request_id: UUID, *, at: datetime) -> None:
    """Take back a question of one's own.

    Raises:
        NotFoundError: this party has asked no such thing, or it is over.
    """
    row = ConsentRequest.objects.filter(
        pk=request_id, asker_id=party.account, ended_at__isnull=True
    ).first()
    if row is None or party.token_scopes is not None:
        raise NotFoundError
    with transaction.atomic():
        if _end(row, RequestState.WITHDRAWN, at=at):
            _note(ConsentEvent.ASKING_WITHDRAWN, party, row.id, row.vault_id, at=at)


def fulfil_request(party: Party, request_id: str, consent_id: UUID, *, at: datetime) -> None:
    """Note that a consent answers a request, inside the transaction that signs it.

    Where it names the asker, by the address their account has proved, it is theirs at once.
    """
    row = ConsentRequest.objects.filter(pk=UUID(request_id), ended_at__isnull=True).first()
    if row is None or right_to_answer(party, row, at=at) is None:
        return
    if not _end(row, RequestState.GRANTED, consent_id=consent_id, at=at):
        return
    named = bytes(Consent.objects.get(pk=consent_id).recipient_token)
    if named == recipient_token(address_of_account(row.asker_id)):
        admit_account(consent_id, row.asker_id)


def _series_seen(study_id: UUID, scope: Scope) -> tuple[str, ...]:
    rows = Series.objects.filter(study_id=study_id).order_by("received_at", "id")
    ids = rows.values_list("id", flat=True)
    return tuple(str(each) for each in ids if scope.whole or each in scope.series)


def _open_request(party: Party, request_id: UUID, *, at: datetime) -> ConsentRequest:
    row = ConsentRequest.objects.filter(pk=request_id, ended_at__isnull=True).first()
    if row is None or party.token_scopes is not None:
        raise NotFoundError
    if state_at(RequestState(row.state), asked_at=row.asked_at, at=at) not in OPEN:
        raise NotFoundError
    if right_to_answer(party, row, at=at) is None:
        raise NotFoundError
    return row


def _end(
    row: ConsentRequest, state: RequestState, *, consent_id: UUID | None = None, at: datetime
) -> bool:
    """End a request that is still open; say whether this did it."""
    still_open = ConsentRequest.objects.filter(pk=row.pk, ended_at__isnull=True)
    return bool(still_open.update(state=state, ended_at=at, consent_id=consent_id))


def _end_lapsed(asker_id: UUID, study_id: UUID, *, at: datetime) -> None:
    """Write down that an earlier request was not answered in its time."""
    ConsentRequest.objects.filter(
        asker_id=asker_id, study_id=study_id, ended_at__isnull=True, asked_at__lte=at - LASTS
    ).update(state=RequestState.EXPIRED, ended_at=at)


def _asked(row: ConsentRequest, at: datetime, right: Decision | None = None) -> Asked:
    state = RequestState(row.state)
    places = {each.organization.name for each in memberships_of(row.asker_id)}
    return Asked(
        id=row.id,
        study_id=row.study_id,
        asker=name_of(row.asker_id),
        asker_address=address_of_account(row.asker_id),
        places=tuple(sorted(places)),
        asked_at=row.asked_at,
        ends_at=row.asked_at + LASTS,
        state=state_at(state, asked_at=row.asked_at, at=at),
        answer=answer_to_asker(state, asked_at=row.asked_at, at=at),
        wish=wish_of(row),
        consent_id=row.consent_id,
        for_whom=name_behind(right),
    )


def _note(
    event: ConsentEvent, party: Party, request_id: UUID, vault_id: UUID, *, at: datetime
) -> None:
    record(
        event,
        actor=party.name,
        session=party.session,
        subject=f"request/{request_id}",
        vault_id=vault_id,
        at=at,
    )
