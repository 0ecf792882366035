"""How is a report written before it is signed? One draft for an author and an exam.

Typed words are set as a paper; a paper that is handed in is looked at in the cage first. In
both cases what is signed is a PDF that is whole already.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from safelight.dicom.documents.declared import Declared, DocumentKind
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.access.representing.recording import in_person
from safelight.exchange.access.study_rows import study_rows
from safelight.exchange.release.errors import TermsNotFitError
from safelight.exchange.release.papers.sheet import Block, Facts, Sheet, Words, to_pdf
from safelight.exchange.release.people import name_of
from safelight.exchange.release.reports.content import Content, sealed_content, sealed_paper
from safelight.exchange.release.reports.models import WrittenReport
from safelight.exchange.release.viewing.find import Found, find_study_by_id
from safelight.exchange.release.viewing.overview import exam
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import new_id
from safelight.platform.cage.cage import cage
from safelight.platform.cage.errors import CageError, CageReason
from safelight.records.accounts.models import Organization
from safelight.records.imaging.models import Instance

LARGEST_PAPER: Final = 10 * 1024 * 1024
LONGEST: Final = 20_000
LONGEST_TITLE: Final = 64
_PDF: Final = b"%PDF-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an author typed or handed in; `adds_to` is the first report of a chain, if any."""

    title: str = ""
    words: str = ""
    adds_to: UUID | None = None
    paper: bytes = field(default=b"", repr=False)


def may_report(party: Party, study_id: UUID, *, at: datetime) -> bool:
    """Say whether this party may add a report to an exam."""
    try:
        in_person(party)
    except NotFoundError:
        return False
    return decide(party, Action.REPORT, study_id, at=at).allowed


def exam_to_report(party: Party, study_id: UUID, *, at: datetime) -> Found:
    """Return the exam that this party may add a report to.

    Raises:
        NotFoundError: it is not theirs to report on, or there is none; never which.
    """
    in_person(party)
    return find_study_by_id(party, study_id, at=at, action=Action.REPORT)


def draft_of(party: Party, study_id: UUID) -> WrittenReport | None:
    """Return what this party began to write about an exam and has not signed."""
    return WrittenReport.objects.filter(
        study_id=study_id, author_id=party.account, signed_at__isnull=True
    ).first()


def write_draft(party: Party, study_id: UUID, said: Said, *, at: datetime) -> WrittenReport:
    """Keep what was written, in place of what this author had begun; nobody else sees it.

    Raises:
        NotFoundError: it is not theirs to report on.
        TermsNotFitError: something is missing or wrong; it names each part.
        CageError: the paper could not be looked at just now.
    """
    found = exam_to_report(party, study_id, at=at)
    chain, number = _place_in_chain(found, said.adds_to)
    title = " ".join(said.title.split())
    faults: dict[str, str] = {}
    if not 0 < len(title) <= LONGEST_TITLE or not title.isprintable() or "\\" in title:
        faults["title"] = f"Give it a title of up to {LONGEST_TITLE} letters, on one line."
    words = said.words.replace("\r\n", "\n").strip()
    if bool(words) == bool(said.paper) or len(words) > LONGEST:
        faults["words"] = "Write the report, or hand in its paper: one of the two."
    elif said.paper:
        _check_paper(said.paper, faults)
    if faults:
        raise TermsNotFitError(faults)
    house = study_rows([study_id])[0].custodian_organization or UUID(int=0)
    report_id = new_id()
    place = Organization.objects.get(pk=house).name
    author = name_of(party.account)
    pdf = said.paper or _set(party, found, title, words, author, place, number, at=at)
    content = Content(
        title=title,
        words=words,
        author=author,
        place=place,
        paper_digest=hashlib.sha256(pdf).hexdigest(),
    )
    with transaction.atomic():
        discard_draft(party, study_id)
        return WrittenReport.objects.create(
            id=report_id,
            vault_id=found.study.vault_id,
            study_id=study_id,
            author_id=party.account,
            chain_id=chain or report_id,
            number=number,
            begun_at=at,
            signed_digest=content.digest(report_id),
            sealed_content=sealed_content(report_id, study_id, content),
            sealed_paper=sealed_paper(report_id, study_id, pdf),
        )


def discard_draft(party: Party, study_id: UUID) -> None:
    """Throw away what this party began to write about an exam, if anything."""
    WrittenReport.objects.filter(
        study_id=study_id, author_id=party.account, signed_at__isnull=True
    ).delete()


def next_number(chain_id: UUID) -> int:
    """Return the number that the next version of a chain has."""
    signed = WrittenReport.objects.filter(chain_id=chain_id, signed_at__isnull=False)
    return int(signed.aggregate(last=Max("number"))["last"] or 0) + 1


def _place_in_chain(found: Found, adds_to: UUID | None) -> tuple[UUID | None, int]:
    if adds_to is None:
        return None, 1
    first = WrittenReport.objects.filter(
        id=adds_to, chain_id=adds_to, study_id=found.study.id, signed_at__isnull=False
    ).first()
    held = first.instance_id if first is not None else None
    if first is None or held is None or not Instance.objects.filter(id=held).exists():
        raise NotFoundError
    return first.id, next_number(first.id)


def _check_paper(paper: bytes, faults: dict[str, str]) -> None:
    """Open the paper in the cage, as a document that comes in is opened."""
    if not paper.startswith(_PDF) or len(paper) > LARGEST_PAPER:
        faults["paper"] = "Hand in a PDF of up to 10 MB."
        return
    try:
        cage().wrap(DocumentKind.PDF, paper, Declared(patient_name="", patient_id=""))
    except CageError as refused:
        if refused.reason is CageReason.BUSY:
            raise
        faults["paper"] = str(refused)


def _set(  # what stands on the paper
    party: Party,
    found: Found,
    title: str,
    words: str,
    author: str,
    place: str,
    number: int,
    *,
    at: datetime,
) -> bytes:
    """Set typed words as a paper; when and how it was signed stands in the record beside it."""
    detail = exam(party, found.study.id, at=at)
    facts = [("Patient", detail.patient_name), ("Exam", detail.summary.title)]
    if detail.birth_date:
        facts.append(("Born", detail.birth_date.isoformat()))
    if detail.summary.on:
        facts.append(("Taken", detail.summary.on.isoformat()))
    facts += [("By", f"{author}, {place}"), ("Written", f"{at:%Y-%m-%d}")]
    if number > 1:
        facts.append(("Addendum", f"number {number - 1}; what was signed before it stands"))
    blocks: list[Block] = [Facts(tuple(facts))]
    blocks += [Words(each) for each in words.split("\n") if each.strip()]
    foot = f"{settings.SAFELIGHT_OPERATOR}  ·  signed in Safelight by its author"
    return to_pdf(Sheet(title=title, foot=foot, blocks=tuple(blocks)))
