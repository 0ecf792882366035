"""How does the imaging desk record a consent that a patient signed on paper? (R03, R05)

Somebody at the desk of the institution that keeps the exam, and who may look at it, says
what stands on the paper and who saw it signed, and hands in its scan. The scan is opened in
the cage, to know that it is what it seems. Nothing is agreed or opened by recording.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.dicom.documents.declared import Declared, DocumentKind
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action, Reason
from safelight.exchange.access.facts import Party
from safelight.exchange.access.representing.recording import in_person
from safelight.exchange.access.sensitive import classes_of
from safelight.exchange.access.study_rows import StudyRow, study_rows
from safelight.exchange.consent.paper import (
    LASTS,
    LONGEST_LINE,
    ON_PAPER,
    KnownBy,
    Paper,
    paper_faults,
)
from safelight.exchange.consent.paper_text import paper_html
from safelight.exchange.consent.rules import faults as unfit
from safelight.exchange.consent.terms import (
    Authority,
    Permission,
    Purpose,
    SecondCheck,
    Sensitive,
    Terms,
)
from safelight.exchange.release.errors import TermsNotFitError
from safelight.exchange.release.on_paper.content import Content, sealed_content, sealed_scan
from safelight.exchange.release.on_paper.events import PaperEvent
from safelight.exchange.release.on_paper.models import SignedPaper
from safelight.exchange.release.people import address_of_account, name_of
from safelight.exchange.release.sharing.drafts import Choices
from safelight.exchange.release.sharing.items import items_of
from safelight.exchange.release.sharing.recipients import recipient_of
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import new_id
from safelight.platform.audit.actions import record
from safelight.platform.cage.cage import cage
from safelight.platform.cage.errors import CageError, CageReason
from safelight.records.accounts.models import Organization
from safelight.records.imaging.models import PatientRecord, Study

LARGEST_SCAN: Final = 10 * 1024 * 1024
_NO_SCAN: Final = "Add the scanned paper: a PDF, a JPEG or a PNG of up to 10 MB."
_SIGNS: Final = (
    (b"%PDF-", DocumentKind.PDF),
    (b"\xff\xd8\xff", DocumentKind.JPEG),
    (b"\x89PNG\r\n\x1a\n", DocumentKind.PNG),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What somebody says that stands on a paper, as they typed it; days are ISO dates."""

    series_ids: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()
    patient: str = ""
    name: str = ""
    address: str = ""
    kind: str = ""
    purpose: str = ""
    purpose_words: str = ""
    may_download: bool = False
    ends_on: str = ""
    signed_on: str = ""
    seen_by: str = ""
    seen_as: str = ""
    known_by: str = ""
    scan: bytes = field(default=b"", repr=False)


def may_record(party: Party, study_id: UUID, *, at: datetime) -> bool:
    """Say whether this party may record a paper about an exam."""
    try:
        _exam(party, study_id, at=at)
    except NotFoundError:
        return False
    return True


def marks_on(party: Party, study_id: UUID, *, at: datetime) -> list[Sensitive]:
    """Return the sensitive classes of an exam, each of which a paper must name by itself.

    Raises:
        NotFoundError: this party may not record a paper about it.
    """
    exam = _exam(party, study_id, at=at)
    return sorted(classes_of([exam.id]).get(exam.id, frozenset()))


def record_paper(
    party: Party, study_id: UUID, said: Said, *, statement_version: str, at: datetime
) -> UUID:
    """Write down what a paper says, with its scan, and return its id; it waits for approval.

    Raises:
        NotFoundError: this party is not at the desk that keeps the exam, or may not see it.
        TermsNotFitError: something is missing or wrong; it names each part.
        CageError: the scan could not be looked at just now.
    """
    exam = _exam(party, study_id, at=at)
    faults: dict[str, str] = {}
    paper = _paper(exam, said, faults, at=at)
    terms = _terms(party, exam, said, faults, statement_version=statement_version, at=at)
    kind = _scan_kind(said.scan, faults)
    if faults or paper is None or terms is None or kind is None:
        raise TermsNotFitError(faults)
    content = Content(terms=terms, paper=paper, html=paper_html(terms, paper))
    paper_id = new_id()
    with transaction.atomic():
        SignedPaper.objects.create(
            id=paper_id,
            vault_id=exam.vault_id,
            organization_id=paper.organization_id,
            subject_account_id=terms.authority.subject_account_id,
            scan_kind=kind,
            recorded_at=at,
            lapses_at=at + LASTS,
            signed_digest=content.digest(paper_id),
            first_by_id=party.account,
            sealed_content=sealed_content(paper_id, content),
            sealed_scan=sealed_scan(paper_id, exam.vault_id, said.scan),
        )
        record(
            PaperEvent.RECORDED,
            actor=party.name,
            session=party.session,
            subject=f"paper/{paper_id}",
            vault_id=exam.vault_id,
            at=at,
        )
    return paper_id


def _exam(party: Party, study_id: UUID, *, at: datetime) -> StudyRow:
    in_person(party)
    decision = decide(party, Action.VIEW, study_id, at=at)
    if not decision.allowed or decision.reason != Reason.CARE_RELATION:
        raise NotFoundError
    (row,) = study_rows([study_id])
    if row.custodian_organization not in party.desks:
        raise NotFoundError
    return row


def _paper(exam: StudyRow, said: Said, faults: dict[str, str], *, at: datetime) -> Paper | None:
    if said.known_by not in set(KnownBy):
        faults["known_by"] = "Say how whoever saw it knew the signer."
    signed_on = _day(said.signed_on, "signed_on", faults)
    if signed_on is None or faults:
        return None
    house = Organization.objects.get(pk=exam.custodian_organization or UUID(int=0))
    paper = Paper(
        organization_id=house.pk,
        organization_name=house.name,
        digest=hashlib.sha256(said.scan).hexdigest(),
        signed_on=signed_on,
        seen_by=" ".join(said.seen_by.split()),
        seen_as=" ".join(said.seen_as.split()),
        known_by=KnownBy(said.known_by),
    )
    faults |= paper_faults(paper, at=at)
    return paper


def _terms(  # what a paper can say, and nothing else: one person, who passes nothing on
    party: Party,
    exam: StudyRow,
    said: Said,
    faults: dict[str, str],
    *,
    statement_version: str,
    at: datetime,
) -> Terms | None:
    choices = Choices(name=said.name, address=said.address, kind=said.kind)
    recipient = recipient_of(choices, grantor_id=party.account, faults=faults)
    patient = " ".join(said.patient.split())
    if not 0 < len(patient) <= LONGEST_LINE:
        faults["patient"] = "Give the patient's name as it stands on the paper."
    if said.purpose not in set(Purpose):
        faults["purpose"] = "Choose what it is for."
    held = classes_of([exam.id]).get(exam.id, frozenset())
    if not {kind.value for kind in held} <= set(said.sensitive):
        faults["sensitive"] = "This exam holds information that the paper must name by itself."
    last = _day(said.ends_on, "ends", faults)
    if recipient is None or last is None or "purpose" in faults:
        return None
    terms = Terms(
        vault_id=exam.vault_id,
        grantor_id=party.account,
        grantor_name=name_of(party.account),
        authority=Authority(
            kind=ON_PAPER,
            subject_account_id=PatientRecord.objects.get(pk=exam.patient_id).account_id,
            subject_name=patient,
        ),
        items=items_of(
            [Study.objects.get(pk=exam.id)], frozenset(UUID(each) for each in said.series_ids)
        ),
        recipient=recipient,
        purpose=Purpose(said.purpose),
        purpose_words=said.purpose_words.strip(),
        permissions=frozenset(
            {Permission.VIEW} | ({Permission.DOWNLOAD} if said.may_download else set())
        ),
        sensitive=frozenset(Sensitive(each) for each in held),
        starts_at=at,
        ends_at=datetime.combine(last, time(), UTC) + timedelta(days=1, seconds=-1),
        second_check=SecondCheck.PASSPHRASE,
        statement_version=statement_version,
    )
    own = frozenset({address_of_account(party.account)})
    faults |= unfit(terms, grantor_addresses=own, at=at)
    return terms


def _scan_kind(scan: bytes, faults: dict[str, str]) -> DocumentKind | None:
    """Open the scan in the cage, as a document that comes in is opened, and say what it is."""
    kind = next((kind for start, kind in _SIGNS if scan.startswith(start)), None)
    if kind is None or len(scan) > LARGEST_SCAN:
        faults["scan"] = _NO_SCAN
        return None
    try:
        cage().wrap(kind, scan, Declared(patient_name="", patient_id=""))
    except CageError as refused:
        if refused.reason is CageReason.BUSY:
            raise
        faults["scan"] = str(refused)
        return None
    return kind


def _day(text: str, name: str, faults: dict[str, str]) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        faults[name] = "Give the day as a date."
        return None
