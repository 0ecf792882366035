"""How do two of a desk record what a patient signed on paper, and who can read it too?

All of it in person. The first records and confirms it, a second compares and confirms it,
each by signing the very words that are shown; nothing opens before.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as NotBase64Error
from datetime import datetime
from http import HTTPStatus
from typing import Any

from ninja import Router
from ninja.responses import Status

from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.consent.paper import PaperState
from safelight.exchange.release.errors import ManifestChangedError
from safelight.exchange.release.on_paper.comparing import (
    MEANING_FIRST,
    MEANING_SECOND,
    Opened,
    ask_to_confirm,
    confirm_first,
    confirm_second,
    end_for_patient,
    may_confirm,
    refuse_paper,
)
from safelight.exchange.release.on_paper.content import content_of
from safelight.exchange.release.on_paper.models import SignedPaper
from safelight.exchange.release.on_paper.reading import (
    open_paper,
    paper_for,
    papers_for,
    scan_of,
    state_of,
)
from safelight.exchange.release.on_paper.recording import Said, record_paper
from safelight.exchange.release.people import name_of
from safelight.governance.compliance.queries import current_statement
from safelight.kernel import clock
from safelight.kernel.errors import (
    ExpectedError,
    InvalidFieldError,
    NotFoundError,
    StateConflictError,
)
from safelight.kernel.ids import from_text
from safelight.records.accounts import throttle
from safelight.records.accounts.errors import (
    AuthorizationOtherContentError,
    AuthorizationUsedError,
    PasskeyRefusedError,
    StepUpRequiredError,
)
from safelight.surfaces.api.answers import Signature, answered, keep_seat, question
from safelight.surfaces.api.callers import Called
from safelight.surfaces.api.forms import Limit, Offset, Page, id_of, page_of
from safelight.surfaces.api.paper_shapes import (
    ComparedOut,
    ConfirmedOut,
    PaperAsked,
    PaperDetailOut,
    PaperOut,
    ScanOut,
)
from safelight.surfaces.api.problems import BusyError
from safelight.surfaces.api.routes import told

router = Router()
_READS = told(Action.SHARE, NotFoundError, in_person=True)
_ACTS = told(Action.SHARE, NotFoundError, StateConflictError, in_person=True)


@router.get("signed-papers", response=Page[PaperOut], **told(Action.SHARE, in_person=True))
def list_signed_papers(
    request: Called, state: PaperState | None = None, limit: Limit = 50, offset: Offset = 0
) -> Page[PaperOut]:
    """List the papers of your desk, or about you. That a desk read it is on record."""
    party, at = request.auth, clock.now()
    fits = [row for row in papers_for(party, at=at) if state in {None, state_of(row, at=at)}]
    few, beyond = page_of(fits, limit=limit, offset=offset)
    return Page[PaperOut](
        items=[PaperOut(**_line(party, row, at)) for row in few], next_offset=beyond
    )


@router.post(
    "exams/{exam_id}/signed-papers",
    response={201: PaperDetailOut},
    **told(Action.SHARE, NotFoundError, in_person=True, takes=True),
)
def record_signed_paper(request: Called, exam_id: str, asked: PaperAsked) -> Status[PaperDetailOut]:
    """Write down what a paper about an exam says. Nothing is agreed or opened by this."""
    party, study_id, at = request.auth, from_text(exam_id), clock.now()
    number = str(current_statement(at=at).number)
    try:
        paper_id = record_paper(party, study_id, _said(asked), statement_version=number, at=at)
    except ExpectedError as refused:
        if refused.status == HTTPStatus.SERVICE_UNAVAILABLE:  # all that look at scans are busy
            raise BusyError(str(refused)) from None
        raise
    return Status(201, _detail(party, paper_for(party, paper_id), at))


@router.get("signed-papers/{paper_id}", response=PaperDetailOut, **_READS)
def read_signed_paper(request: Called, paper_id: str) -> PaperDetailOut:
    """Read what a paper says, and where it stands. That you read it is on record."""
    party, at = request.auth, clock.now()
    return _detail(party, open_paper(party, from_text(paper_id), at=at), at)


@router.get("signed-papers/{paper_id}/scan", response=ScanOut, **_READS)
def read_scan(request: Called, paper_id: str) -> ScanOut:
    """Return the scan. That you read it is on record."""
    found, kind = scan_of(request.auth, from_text(paper_id), at=clock.now())
    return ScanOut(kind=kind, data=b64encode(found).decode())


@router.post("signed-papers/{paper_id}/present", response=ComparedOut, **_ACTS)
def present_signed_paper(request: Called, paper_id: str) -> ComparedOut:
    """Ask for your signature, as the first or as the second, when it is your turn."""
    party, identity, at = request.auth, from_text(paper_id), clock.now()
    challenge = ask_to_confirm(party, identity, at=at)
    row = open_paper(party, identity, at=at)
    meaning = MEANING_FIRST if row.state == PaperState.PREPARED else MEANING_SECOND
    return ComparedOut(
        words_html=content_of(row).html,
        digest=bytes(row.signed_digest).hex(),
        challenge=question(request, challenge, meaning, at=at),
    )


@router.post(
    "signed-papers/{paper_id}/confirm",
    response=ConfirmedOut,
    **told(
        Action.SHARE,
        NotFoundError,
        StateConflictError,
        ManifestChangedError,
        StepUpRequiredError,
        PasskeyRefusedError,
        AuthorizationUsedError,
        AuthorizationOtherContentError,
        in_person=True,
        takes=True,
    ),
)
def confirm_signed_paper(request: Called, paper_id: str, signature: Signature) -> ConfirmedOut:
    """Sign that the paper says exactly this. The second signature opens it."""
    party, at = request.auth, clock.now()
    row = paper_for(party, from_text(paper_id))
    if bytes.fromhex(signature.digest) != bytes(row.signed_digest):
        raise AuthorizationOtherContentError
    throttle.take(throttle.CONSENTS, str(party.account), at=at)
    given = answered(request, signature, at=at)
    keep_seat(request)
    opened: Opened | None = None
    if party.account == row.first_by_id:
        confirm_first(party, row.id, given.pk, at=clock.now())
    else:
        opened = confirm_second(party, row.id, given.pk, at=clock.now())
    return ConfirmedOut(
        state=PaperState(paper_for(party, row.id).state),
        consent=opened.consent_id if opened else None,
        share=opened.share_id if opened else None,
        passphrase=opened.passphrase if opened else None,
    )


@router.post("signed-papers/{paper_id}/refuse", response={204: None}, **_ACTS)
def refuse_signed_paper(request: Called, paper_id: str) -> None:
    """Say that it is not as the paper says, or was never signed. That is final."""
    refuse_paper(request.auth, from_text(paper_id), at=clock.now())


@router.post("signed-papers/{paper_id}/end", response={204: None}, **_READS)
def end_signed_paper(request: Called, paper_id: str) -> None:
    """Take back what came of it: its patient does, or the desk that the patient told."""
    end_for_patient(request.auth, from_text(paper_id), at=clock.now())


def _said(asked: PaperAsked) -> Said:
    try:
        scan = b64decode(asked.scan, validate=True)
    except (NotBase64Error, ValueError):
        raise InvalidFieldError("scan", "This is not Base64.") from None
    return Said(
        series_ids=tuple(id_of(each) for each in asked.series),
        sensitive=tuple(each.value for each in asked.sensitive),
        patient=asked.patient.strip(),
        name=asked.name.strip(),
        address=asked.address.strip(),
        kind=asked.kind.value,
        purpose=asked.purpose.value,
        purpose_words=asked.purpose_words.strip(),
        may_download=asked.may_download,
        ends_on=asked.ends_on.isoformat(),
        signed_on=asked.signed_on.isoformat(),
        seen_by=asked.seen_by,
        seen_as=asked.seen_as,
        known_by=asked.known_by.value,
        scan=scan,
    )


def _line(party: Party, row: SignedPaper, at: datetime) -> dict[str, Any]:
    terms = content_of(row).terms
    return {
        "id": row.id,
        "state": state_of(row, at=at),
        "patient": terms.authority.subject_name,
        "recipient": terms.recipient.name,
        "first": terms.grantor_name,
        "second": name_of(row.second_by_id) if row.second_by_id else None,
        "recorded_at": row.recorded_at,
        "lapses_at": row.lapses_at,
        "your_turn": may_confirm(party, row, at=at),
        "consent": row.consent_id,
    }


def _detail(party: Party, row: SignedPaper, at: datetime) -> PaperDetailOut:
    content = content_of(row)
    return PaperDetailOut(
        **_line(party, row, at),
        words_html=content.html,
        digest=bytes(row.signed_digest).hex(),
        scan_digest=content.paper.digest,
        signed_on=content.paper.signed_on,
        seen_by=content.paper.seen_by,
        seen_as=content.paper.seen_as,
        known_by=content.paper.known_by,
    )
