"""How do two people make a recorded paper a consent?

Whoever recorded it confirms it, then somebody else of the same desk compares paper and
words and confirms it too: each by an Authenticated Authorization over exactly this record,
these words and this scan. Only the second opens the way in. The patient, where they have
an account, is told of the first and can refuse, and take back what became of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import transaction

from safelight.exchange.access.actions import turn_for_consents
from safelight.exchange.access.facts import Party
from safelight.exchange.access.link_secrets import new_passphrase
from safelight.exchange.access.parties import session_id
from safelight.exchange.access.sensitive import classes_of
from safelight.exchange.consent.events import ConsentEvent
from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.paper import OPEN, PaperState, paper_as_data
from safelight.exchange.consent.terms import Terms
from safelight.exchange.release.errors import ManifestChangedError
from safelight.exchange.release.events import ReleaseEvent
from safelight.exchange.release.on_paper.content import Content, content_of
from safelight.exchange.release.on_paper.events import PaperEvent
from safelight.exchange.release.on_paper.models import SignedPaper
from safelight.exchange.release.on_paper.reading import is_at_desk, note, paper_for, state_of
from safelight.exchange.release.people import address_of_account, tell_account
from safelight.exchange.release.sharing.items import items_of
from safelight.exchange.release.sharing.signing import write_consent
from safelight.exchange.release.sharing.ways import open_way, tell_recipient
from safelight.exchange.release.sharing.withdraw import EndedBy, end_consent
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.kernel.ids import to_text
from safelight.platform.audit.actions import record
from safelight.platform.keys.cipher import seal, unseal
from safelight.platform.keys.ring import ring
from safelight.records.accounts.authorization.actions import SignatureRecord, begin, consume
from safelight.records.accounts.models import Account
from safelight.records.imaging.models import Study

MEANING_FIRST: Final = "I have the signed paper before me, and it says exactly this"
MEANING_SECOND: Final = "I have compared the signed paper with this, and it says exactly this"
_NOT_THEIRS: Final = "Somebody else at the desk must compare it with the paper."


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What came of a second confirmation. The passphrase is shown once and not kept."""

    consent_id: UUID
    share_id: UUID
    passphrase: str = field(repr=False)


def may_confirm(party: Party, row: SignedPaper, *, at: datetime) -> bool:
    """Say whether it is this party's turn: the first confirms, then anybody else at the desk."""
    if not is_at_desk(party, row) or party.account == row.subject_account_id:
        return False
    is_first = party.account == row.first_by_id
    turns = {PaperState.PREPARED: is_first, PaperState.WAITING: not is_first}
    return turns.get(state_of(row, at=at), False)


def ask_to_confirm(party: Party, paper_id: UUID, *, at: datetime) -> UUID:
    """Open the question whose answer confirms a paper, and return its id.

    Raises:
        NotFoundError: it is not for this party.
        StateConflictError: it is not this party's turn.
    """
    row = _in_turn(party, paper_id, at=at)
    is_first = row.state == PaperState.PREPARED
    return begin(
        Account.objects.get(pk=party.account),
        session_id=session_id(party),
        digest=bytes(row.signed_digest),
        meaning=MEANING_FIRST if is_first else MEANING_SECOND,
        at=at,
    ).pk


def confirm_first(party: Party, paper_id: UUID, authorization_id: UUID, *, at: datetime) -> None:
    """Confirm what one has recorded; from now on somebody else may compare it.

    Raises:
        NotFoundError: it is not for this party.
        StateConflictError: it is not this party's turn.
        StepUpRequiredError and its kin: the authorization does not cover this.
    """
    row = _in_turn(party, paper_id, at=at)
    if row.state != PaperState.PREPARED:
        raise StateConflictError(_NOT_THEIRS)
    with transaction.atomic():
        signature = _used(party, row, authorization_id, at=at)
        said = orjson.dumps(_as_said(signature))
        ledger = ring().ledger_key(row.vault_id)
        changed = SignedPaper.objects.filter(pk=row.id, state=PaperState.PREPARED).update(
            state=PaperState.WAITING,
            first_at=at,
            first_authorization_id=signature.authorization_id,
            sealed_first=seal(ledger, said, bound_to=f"first|{row.id}"),
        )
        if not changed:
            raise StateConflictError
        note(PaperEvent.CONFIRMED, party, row, at=at)
        if row.subject_account_id is not None:
            tell_account(row.subject_account_id, "consent-on-paper", at=at)


def confirm_second(party: Party, paper_id: UUID, authorization_id: UUID, *, at: datetime) -> Opened:
    """Confirm, having compared it, what somebody else recorded; the consent is live by this.

    Raises:
        NotFoundError: it is not for this party.
        StateConflictError: it is not this party's turn, they would be its recipient, or
            its last day is over.
        ManifestChangedError: the exam is no longer what was recorded.
        StepUpRequiredError and its kin: the authorization does not cover this.
    """
    row = _in_turn(party, paper_id, at=at)
    if row.state != PaperState.WAITING:
        raise StateConflictError(_NOT_THEIRS)
    content = content_of(row)
    terms = content.terms
    if terms.recipient.address == address_of_account(party.account):
        raise StateConflictError("Whoever is to receive it does not confirm it.")
    if terms.ends_at <= at:
        raise StateConflictError("What the paper agrees to is over already.")
    _require_unchanged(terms)
    passphrase = new_passphrase()
    with transaction.atomic():
        signature = _used(party, row, authorization_id, at=at)
        changed = SignedPaper.objects.filter(pk=row.id, state=PaperState.WAITING).update(
            state=PaperState.LIVE,
            second_by_id=party.account,
            second_at=at,
            second_authorization_id=signature.authorization_id,
        )
        if not changed:
            raise StateConflictError
        consent_id = write_consent(
            terms, content.html, signature, on_paper=_record_of(row, content), at=at
        )
        way = open_way(terms, consent_id, passphrase=passphrase, at=at)
        SignedPaper.objects.filter(pk=row.id).update(consent_id=consent_id)
        turn_for_consents([consent_id])
        note(PaperEvent.COMPARED, party, SignedPaper.objects.get(pk=row.id), at=at)
        _record_sharing(party, terms, consent_id, way.share_id, at=at)
        tell_recipient(terms, way, at=at)
        tell_account(terms.grantor_id, "consent-copy", at=at)
        if row.subject_account_id is not None:
            tell_account(row.subject_account_id, "consent-for-you", at=at)
    return Opened(consent_id=consent_id, share_id=way.share_id, passphrase=passphrase)


def refuse_paper(party: Party, paper_id: UUID, *, at: datetime) -> None:
    """Say that it is not as the paper says, or was never signed; that is final.

    Raises:
        NotFoundError: it is not for this party.
        StateConflictError: it waits no more.
    """
    row = paper_for(party, paper_id)
    with transaction.atomic():
        waiting = SignedPaper.objects.filter(pk=row.id, state__in=OPEN, lapses_at__gt=at)
        refused = {"refused_by_id": party.account, "refused_at": at}
        if not waiting.update(state=PaperState.REFUSED, **refused):
            raise StateConflictError
        note(PaperEvent.REFUSED, party, row, at=at)


def end_for_patient(party: Party, paper_id: UUID, *, at: datetime) -> None:
    """End what became of a paper: the patient does, or the desk that the patient told.

    Raises:
        NotFoundError: it is not for this party, or nothing became of it.
    """
    row = paper_for(party, paper_id)
    if row.consent_id is None:
        raise NotFoundError
    with transaction.atomic():
        end_consent(party, Consent.objects.get(pk=row.consent_id), EndedBy.GIVER, at=at)


def _in_turn(party: Party, paper_id: UUID, *, at: datetime) -> SignedPaper:
    row = paper_for(party, paper_id)
    if not may_confirm(party, row, at=at):
        raise StateConflictError(_NOT_THEIRS)
    return row


def _used(
    party: Party, row: SignedPaper, authorization_id: UUID, *, at: datetime
) -> SignatureRecord:
    return consume(
        authorization_id,
        account=Account.objects.get(pk=party.account),
        session_id=session_id(party),
        digest=bytes(row.signed_digest),
        with_question=True,
        at=at,
    )


def _require_unchanged(terms: Terms) -> None:
    """Make sure that the exam is what both have read about: the same objects, no new mark."""
    studies = {item.study_id for item in terms.items}
    series = frozenset(item.series_id for item in terms.items)
    marked = {kind for kinds in classes_of(studies).values() for kind in kinds}
    now = items_of(Study.objects.filter(pk__in=studies).order_by("id"), series)
    if now != terms.items or not marked <= terms.sensitive:
        raise ManifestChangedError


def _as_said(signature: SignatureRecord) -> dict[str, Any]:
    """Write down who confirmed first, as the signature record of the consent will name them."""
    return {
        "printed_name": signature.printed_name,
        "given_at": signature.given_at.isoformat(),
        "meaning": signature.meaning,
        "method": signature.method,
        "aal": signature.aal,
        "factor": str(signature.factor_id),
        "account": str(signature.account_id),
        "authorization": str(signature.authorization_id),
    }


def _record_of(row: SignedPaper, content: Content) -> dict[str, Any]:
    """Say in the signature record what stands on paper, and who recorded it (status of R03)."""
    ledger = ring().ledger_key(row.vault_id)
    first = unseal(ledger, bytes(row.sealed_first or b""), bound_to=f"first|{row.id}")
    return paper_as_data(content.paper) | {
        "number": to_text(row.id),
        "status": "paper_verified",
        "signed_by": content.terms.authority.subject_name,
        "recorded": orjson.loads(first),
    }


def _record_sharing(
    party: Party, terms: Terms, consent_id: UUID, share_id: UUID, *, at: datetime
) -> None:
    for kind, subject in (
        (ConsentEvent.GRANTED, f"consent/{consent_id}"),
        (ReleaseEvent.SHARED, f"share/{share_id}"),
    ):
        record(
            kind,
            actor=party.name,
            session=party.session,
            subject=subject,
            vault_id=terms.vault_id,
            consent_id=consent_id,
            purpose=terms.purpose,
            count=sum(item.pictures for item in terms.items),
            at=at,
        )
