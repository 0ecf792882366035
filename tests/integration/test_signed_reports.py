"""Is a report that is written here signed, part of the exam, added to, and never changed?"""

from __future__ import annotations

import re
from io import BytesIO
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction
from pydicom import dcmread
from starlette.testclient import TestClient

from acting import approve
from cast import PASSWORD, Person, app_code, give_second_factor, party_of_person
from on_paper import Desk, fresh_code, make_desk
from reported import PAPER
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.receive.errors import MayNotStoreError
from safelight.exchange.release.errors import TermsNotFitError
from safelight.exchange.release.papers.sealing import check_paper
from safelight.exchange.release.papers.verify_receipt import NotAsSignedError
from safelight.exchange.release.reports.drafting import Said, draft_of, may_report, write_draft
from safelight.exchange.release.reports.listing import report_chains
from safelight.exchange.release.reports.models import WrittenReport
from safelight.exchange.release.reports.signing import ask_to_sign, sign_report
from safelight.exchange.release.sharing.entries import guest
from safelight.exchange.release.viewing.overview import exams
from safelight.exchange.release.viewing.reports import paper_in
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.kernel.ids import to_text
from safelight.platform.audit.models import Entry
from safelight.records.accounts.errors import AuthorizationOtherContentError
from safelight.records.accounts.holds import hold, lift
from safelight.records.accounts.models import HoldKind
from safelight.records.imaging.models import Instance
from safelight.records.imaging.store import open_instance
from story import Story, browser_of, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
WORDS = "No fracture.\nThe nodule of the left lung has not grown."


@pytest.fixture
def desk(web: TestClient) -> Desk:
    return make_desk(web)


def sign(desk: Desk, **said: object) -> WrittenReport:
    """Let who brought the exam in write and sign a report."""
    party, at = desk.party(desk.first), clock.now()
    usual: dict[str, object] = {"title": "CT of the chest", "words": WORDS}
    write_draft(party, desk.study_id, Said(**(usual | said)), at=at)  # type: ignore[arg-type]
    given = approve(desk.first, party, ask_to_sign(party, desk.study_id, at=clock.now()))
    report_id = sign_report(party, desk.study_id, given, at=clock.now())
    return WrittenReport.objects.get(pk=report_id)


def object_of(row: WrittenReport) -> UUID:
    assert row.instance_id is not None
    return row.instance_id


def held(row: WrittenReport) -> bytes:
    stored = open_instance(Instance.objects.get(id=object_of(row)))
    return stored.read(0, stored.size)


def paper_of(desk: Desk, row: WrittenReport) -> bytes:
    party = desk.party(desk.first)
    held = paper_in(party, desk.study_id, object_of(row), at=clock.now())
    return b"".join(held.pieces)


def test_a_report_is_signed_and_added_to_and_stays(desk: Desk) -> None:
    first = sign(desk)
    before = held(first)
    made, exam = dcmread(BytesIO(before)), exams(desk.party(desk.first), at=clock.now())[0]
    assert made.SOPClassUID == "1.2.840.10008.5.1.4.1.1.104.1"
    assert (made.StudyInstanceUID, made.PatientName) == (exam.study_uid, "CompressedSamples^CT1")
    assert (made.DocumentTitle, made.Modality) == ("CT of the chest", "DOC")
    added = sign(desk, title="After the talk", words="The patient was told.", adds_to=first.id)
    assert (added.chain_id, added.number) == (first.id, 2)
    assert held(first) == before
    pdf = paper_of(desk, first)
    proved = check_paper(pdf)
    assert proved.said["printed_name"] == "Dana Desk"
    assert proved.said["meaning"] == "I am the author of this report, and it says what I found"
    assert WORDS in proved.words
    with pytest.raises(NotAsSignedError):
        check_paper(pdf.replace(b"%PDF-1.", b"%PDF-2.", 1))
    noted = Entry.objects.filter(kind="report.signed")
    assert noted.count() == 2
    for change in ({"number": 7}, {"sealed_content": b""}):
        with pytest.raises(DatabaseError), transaction.atomic():
            WrittenReport.objects.filter(pk=first.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        first.delete()


def test_a_paper_that_is_handed_in_is_signed_as_it_is_and_a_harmful_one_is_not(desk: Desk) -> None:
    row = sign(desk, words="", paper=PAPER)
    held_in = paper_of(desk, row)
    assert held_in.startswith(PAPER.rstrip())
    assert check_paper(held_in).said["number"] == 1
    harmful = PAPER.replace(b"/Catalog", b"/Catalog/OpenAction<</S/JavaScript>>")
    for said, where in (
        (Said(title="x", paper=harmful), "paper"),
        (Said(title="x", paper=b"GIF89a"), "paper"),
        (Said(title="x"), "words"),
        (Said(title="", words="y"), "title"),
        (Said(title="a" * 65, words="y"), "title"),
    ):
        with pytest.raises(TermsNotFitError) as refused:
            write_draft(desk.party(desk.first), desk.study_id, said, at=clock.now())
        assert where in refused.value.faults


def test_only_who_treats_the_patient_reports_and_drafts_are_their_authors(
    desk: Desk, story: Story, stranger: Person
) -> None:
    treats, at = desk.party(desk.first), clock.now()
    desk.belongs_to(story.owner)
    assert may_report(treats, desk.study_id, at=at)
    others = (desk.second, stranger, story.owner)
    for person in others:
        party = party_of_person(person)
        assert not may_report(party, desk.study_id, at=at)
        with pytest.raises(NotFoundError):
            write_draft(party, desk.study_id, Said(title="x", words="y"), at=at)
    assert not decide(story.party, Action.REPORT, story.study_id, at=at).allowed
    write_draft(treats, desk.study_id, Said(title="x", words="y"), at=at)
    assert draft_of(desk.party(desk.second), desk.study_id) is None
    with pytest.raises(NotFoundError):
        ask_to_sign(party_of_person(story.owner), desk.study_id, at=at)


def test_a_recipient_of_the_pictures_gets_no_report_that_came_later(desk: Desk) -> None:
    opened = desk.live()
    row = sign(desk)
    cookie = open_share(opened, opened.passphrase)  # type: ignore[arg-type]
    party, at = guest(opened.share_id, cookie, at=clock.now()), clock.now()
    (summary,) = exams(party, at=at)
    assert summary.study_id == desk.study_id
    assert report_chains(party, summary, at=at) == []
    with pytest.raises(NotFoundError):
        paper_in(party, desk.study_id, object_of(row), at=at)


def test_whose_uploads_are_held_signs_nothing(desk: Desk) -> None:
    """A report comes in like everything else, so what closes that door closes this."""
    party, at = desk.party(desk.first), clock.now()
    hold(HoldKind.UPLOADS, party.name, until=None, at=at)
    objects = Instance.objects.count()
    with pytest.raises(MayNotStoreError):
        sign(desk)
    assert Instance.objects.count() == objects
    lift(HoldKind.UPLOADS, party.name, at=clock.now())
    sign(desk)


def test_an_approval_signs_what_was_read_and_nothing_else(desk: Desk) -> None:
    party, at = desk.party(desk.first), clock.now()
    write_draft(party, desk.study_id, Said(title="x", words="One"), at=at)
    given = approve(desk.first, party, ask_to_sign(party, desk.study_id, at=clock.now()))
    write_draft(party, desk.study_id, Said(title="x", words="Another"), at=clock.now())
    objects = Instance.objects.count()
    with pytest.raises(AuthorizationOtherContentError):
        sign_report(party, desk.study_id, given, at=clock.now())
    assert Instance.objects.count() == objects
    assert not WrittenReport.objects.filter(signed_at__isnull=False).exists()


def test_two_addenda_at_once_are_one_and_a_refusal(desk: Desk) -> None:
    first = sign(desk)
    party = desk.party(desk.first)
    write_draft(party, desk.study_id, Said(title="x", words="y", adds_to=first.id), at=clock.now())
    WrittenReport.objects.filter(signed_at__isnull=True).update(author_id=desk.second.account.pk)
    sign(desk, adds_to=first.id)
    WrittenReport.objects.filter(signed_at__isnull=True).update(author_id=desk.first.account.pk)
    given = approve(desk.first, party, ask_to_sign(party, desk.study_id, at=clock.now()))
    with pytest.raises(StateConflictError, match="added to it since"):
        sign_report(party, desk.study_id, given, at=clock.now())


def test_the_pages_lead_from_the_exam_to_a_signed_report_that_the_patient_reads(
    desk: Desk, owner: Person
) -> None:
    browser = browser_of(desk.first, fresh_code(desk.first))
    place = f"/exams/{to_text(desk.study_id)}/"
    assert "Write a report" in browser.get(f"{place}reports/").content.decode()
    wrong = browser.post(f"{place}report/", {"title": "", "words": ""})
    assert wrong.status_code == 422
    set_apart = f"Findings:\r\n{WORDS}\r\n\r\nImpression:\r\nStable."
    written = {"title": "CT of the chest", "words": set_apart}
    page = browser.post(f"{place}report/", written, follow=True).content.decode()
    assert "Read it over" in page
    assert "has not grown" in page
    challenge = re.search(r'name="confirm-challenge" value="([^"]+)"', page)
    assert challenge is not None
    signed = browser.post(
        f"{place}report/",
        {
            "act": "sign",
            "confirm-challenge": challenge[1],
            "confirm-password": PASSWORD,
            "confirm-code": fresh_code(desk.first),
        },
        follow=True,
    )
    assert "Signed. It is part of the exam now." in signed.content.decode()
    assert "Dana Desk" in signed.content.decode()
    adds = re.search(r"report/\?adds_to=([^\"]+)\"", signed.content.decode())
    assert adds is not None
    assert "Add to a report" in browser.get(f"{place}report/?adds_to={adds[1]}").content.decode()
    desk.belongs_to(owner)
    patient = browser_of(owner, app_code(give_second_factor(owner)))
    for where in ("reports/", "view/"):
        page = patient.get(place + where).content.decode()
        assert "has not grown" in page
        assert "signed by Dana Desk" in page
        assert "<p>Findings:<br>No fracture.<br>" in page
        assert "<p>Impression:<br>Stable.</p>" in page
    badge = f'<a class="badge" href="{place}reports/">'
    assert badge in patient.get(place).content.decode()
    assert "Write a report" not in patient.get(f"{place}reports/").content.decode()
    assert patient.get(f"{place}report/").status_code == 404
