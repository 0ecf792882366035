"""How does a parent, guardian, proxy or executor ask to act for somebody?

They say by what right, for whom, and show a paper. It goes to one institution,
whose staff verify it; until two of them have, nothing opens. Whether there is an
account or a record of that name is not told.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action, Reason
from safelight.exchange.access.events import AccessEvent
from safelight.exchange.access.facts import Party, PartyKind
from safelight.exchange.access.models import DeathNotice
from safelight.exchange.access.representing.recording import in_person, note, tell
from safelight.kernel.errors import InvalidFieldError, NotFoundError, StateConflictError
from safelight.kernel.ids import new_id
from safelight.records.accounts.addresses import normalised
from safelight.records.accounts.models import (
    Account,
    Evidence,
    Kind,
    Organization,
    Representative,
    RepresentativeKind,
    RepresentativeState,
)
from safelight.records.accounts.queries import (
    account_of_address,
    account_to_sign_in,
    has_verified_address,
)
from safelight.records.imaging.models import SearchToken, Study, Vault
from safelight.records.imaging.tokens import word_token

MOST_WAITING: Final = 5
LARGEST_PAPER: Final = 5 * 1024 * 1024
_LONGEST_TEXT: Final = 2000
_LONGEST_NAME: Final = 120
_BY_PAPER: Final = frozenset(RepresentativeKind) - {RepresentativeKind.HELPER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What somebody says of their right to act for another, as they typed it.

    For whom: the address of that person's account, or the number under which the
    institution knows them, or an exam that one added oneself. `born_on` and the
    jurisdiction ("DE", "US-AL") say when a child will be of age.
    """

    kind: str
    name: str
    organization_id: str
    address: str = ""
    number: str = ""
    study_id: UUID | None = None
    may_share: bool = False
    may_manage: bool = False
    may_use_rights: bool = False
    born_on: str = ""
    jurisdiction: str = ""
    words: str = ""
    paper: bytes = field(default=b"", repr=False)
    paper_name: str = ""


def ask_to_act(party: Party, claim: Claim, *, at: datetime) -> Representative:
    """Ask to act for somebody; the institution's staff see it, and who it is about is told.

    Raises:
        NotFoundError: this party acts for no one but itself, or the exam is not theirs.
        InvalidFieldError: something is missing or wrong.
        StateConflictError: too many requests of theirs wait already.
    """
    account_id = in_person(party)
    if party.kind is not PartyKind.INDIVIDUAL:
        raise NotFoundError
    organization = _judge(claim)
    waiting = Representative.objects.filter(
        account_id=account_id, state=RepresentativeState.PENDING
    )
    if waiting.count() >= MOST_WAITING:
        raise StateConflictError("Five requests of yours wait to be verified already.")
    represented_id, patient_id = _for_whom(party, claim, organization, at=at)
    with transaction.atomic():
        row = Representative.objects.create(
            id=new_id(),
            kind=claim.kind,
            state=RepresentativeState.PENDING,
            account_id=account_id,
            represented_id=represented_id,
            patient_id=patient_id,
            organization=organization,
            may_share=claim.may_share,
            may_manage=claim.may_manage,
            may_use_rights=claim.may_use_rights,
            represented_name=" ".join(claim.name.split()),
            represented_address=claim.address.strip(),
            jurisdiction=claim.jurisdiction.strip().upper(),
            born_on=claim.born_on,
            ends_on="",
            asked_at=at,
        )
        _keep(row, account_id, claim.words, claim.paper, claim.paper_name, at=at)
        note(AccessEvent.REPRESENTATIVE_ASKED, party, row, at=at)
        tell(represented_id, "acting-asked", at=at)
    return row


def add_evidence(
    party: Party,
    row: Representative,
    words: str,
    *,
    paper: bytes = b"",
    paper_name: str = "",
    at: datetime,
) -> None:
    """Add a paper, such as what a court has decided. Call with a row that is this party's."""
    account_id = in_person(party)
    _judge_paper(words, paper)
    with transaction.atomic():
        _keep(row, account_id, words, paper, paper_name, at=at)
        note(AccessEvent.EVIDENCE_ADDED, party, row, at=at)


def _keep(
    row: Representative, by_id: UUID, words: str, paper: bytes, name: str, *, at: datetime
) -> None:
    Evidence.objects.create(
        representative=row,
        by_id=by_id,
        note=words.strip(),
        paper=paper,
        paper_name=name[:_LONGEST_NAME],
        added_at=at,
    )


def _judge(claim: Claim) -> Organization:
    if claim.kind not in _BY_PAPER:
        raise InvalidFieldError("kind", "Choose by what right you act.")
    if not 1 <= len(claim.name.strip()) <= _LONGEST_NAME:
        raise InvalidFieldError("name", "Give the name of the person for whom you act.")
    if not (claim.address.strip() or claim.number.strip() or claim.study_id):
        raise InvalidFieldError("address", "Say for whom, by address or by number.")
    if claim.kind == RepresentativeKind.PARENT and not claim.born_on:
        raise InvalidFieldError("born_on", "Give the day on which your child was born.")
    if claim.born_on:
        try:
            date.fromisoformat(claim.born_on)
        except ValueError:
            raise InvalidFieldError("born_on", "Give the day of birth as a date.") from None
    _judge_paper(claim.words, claim.paper)
    try:
        return Organization.objects.get(pk=UUID(claim.organization_id))
    except (ValueError, Organization.DoesNotExist):
        message = "Choose the institution that shall verify it."
        raise InvalidFieldError("organization", message) from None


def _judge_paper(words: str, paper: bytes) -> None:
    if not words.strip() and not paper:
        raise InvalidFieldError("words", "Say what shows your right to act, or add a paper.")
    if len(words) > _LONGEST_TEXT:
        raise InvalidFieldError("words", "Use up to 2,000 letters.")
    if len(paper) > LARGEST_PAPER:
        raise InvalidFieldError("paper", "The paper may have up to 5 MB.")


def _for_whom(
    party: Party, claim: Claim, organization: Organization, *, at: datetime
) -> tuple[UUID | None, UUID | None]:
    """Resolve quietly who is meant: an account or a patient record, or nobody known here."""
    if claim.study_id is not None:
        decision = decide(party, Action.SHARE, claim.study_id, at=at)
        if not decision.allowed or decision.reason != Reason.OWNER:
            raise NotFoundError
        return None, Study.objects.get(pk=claim.study_id).patient_id
    if claim.address.strip():
        try:
            account = account_of_address(normalised(claim.address))
            if account is None and claim.kind == RepresentativeKind.EXECUTOR:
                account = _deceased_at(normalised(claim.address))
        except InvalidFieldError:
            message = "Give one complete e-mail address."
            raise InvalidFieldError("address", message) from None
        is_other = account is not None and account.pk != party.account_id
        fits = is_other and account is not None and account.kind == Kind.INDIVIDUAL
        return (account.pk if account is not None and fits else None), None
    return None, _patient_numbered(organization, claim.number.strip())


def _deceased_at(address: str) -> Account | None:
    """Return whose address it was, proved, where two of an institution noted their death."""
    account = account_to_sign_in(address)
    if account is None or not has_verified_address(account):
        return None
    noted = DeathNotice.objects.filter(
        account_id=account.pk, second_at__isnull=False, undone_at__isnull=True
    )
    return account if noted.exists() else None


def _patient_numbered(organization: Organization, number: str) -> UUID | None:
    """Return the one patient whom the institution knows under a number, if there is exactly one."""
    vault = Vault.objects.filter(organization_id=organization.pk).first()
    if vault is None:
        return None
    tokens = SearchToken.objects.filter(
        vault_id=vault.pk, token=word_token(vault.pk, "patient-id", number)
    )
    studies = Study.objects.filter(pk__in=tokens.values("study_id"))
    patients = set(studies.values_list("patient_id", flat=True))
    return patients.pop() if len(patients) == 1 else None
