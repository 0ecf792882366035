"""Does a paper that a patient signed open something only by two people of the house? (R03, R05)"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from pypdf import PdfReader
from starlette.testclient import TestClient

from acting import make_staff
from cast import Person, messages_to, party_of_person
from on_paper import Desk, make_desk
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.board import shared_by
from safelight.exchange.release.errors import ManifestChangedError, TermsNotFitError
from safelight.exchange.release.on_paper.comparing import (
    ask_to_confirm,
    confirm_first,
    confirm_second,
    end_for_patient,
    refuse_paper,
)
from safelight.exchange.release.on_paper.models import SignedPaper
from safelight.exchange.release.on_paper.reading import paper_for, papers_for, scan_of, state_of
from safelight.exchange.release.on_paper.recording import may_record
from safelight.exchange.release.papers.receipt import receipt_of
from safelight.exchange.release.papers.sealing import check_paper
from safelight.exchange.release.sharing.ceremony import Shared
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.exchange.release.signed import record_of
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.kernel.ids import new_id
from safelight.platform.audit.models import Entry
from safelight.records.accounts.errors import AuthorizationOtherContentError, StepUpRequiredError
from safelight.records.accounts.models import Authorization, Membership, Role
from safelight.records.accounts.queries import address_of
from story import DOCTOR, another_ct, open_share, store

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


CANNOT_SAY: list[tuple[dict[str, object], str]] = [
    ({"series_ids": ()}, "items"),
    ({"patient": " "}, "patient"),
    ({"name": "anyone"}, "name"),
    ({"address": "not an address"}, "address"),
    ({"address": "dana.desk@people.example"}, "address"),
    ({"kind": "friendly"}, "kind"),
    ({"purpose": ""}, "purpose"),
    ({"ends_on": "soon"}, "ends"),
    ({"ends_on": "2020-01-01"}, "ends"),
    ({"ends_on": "2099-01-01"}, "ends"),
    ({"signed_on": "2099-01-01"}, "signed_on"),
    ({"signed_on": "2020-01-01"}, "signed_on"),
    ({"signed_on": ""}, "signed_on"),
    ({"seen_by": ""}, "seen_by"),
    ({"seen_as": "x" * 121}, "seen_as"),
    ({"known_by": "hearsay"}, "known_by"),
    ({"scan": b""}, "scan"),
    ({"scan": b"MZ this is a program"}, "scan"),
    ({"scan": b"%PDF-1.7 and then nothing"}, "scan"),
    ({"scan": b"\x89PNG\r\n\x1a\n" + bytes(40)}, "scan"),
]


@pytest.fixture
def desk(web: TestClient) -> Desk:
    return make_desk(web)


def test_two_people_make_a_paper_a_consent_and_its_recipient_comes_in(desk: Desk) -> None:
    paper_id = desk.record()
    assert not Consent.objects.exists()
    desk.confirm(paper_id)
    assert not Consent.objects.exists()
    assert messages_to(DOCTOR) == []
    opened = desk.compare(paper_id)

    assert messages_to(DOCTOR)[-1][0] == "share-invitation"
    consent = Consent.objects.get(pk=opened.consent_id)
    said = record_of(consent).said
    assert said["printed_name"] == "Ruth Reception"
    assert said["authority"] == "paper"
    assert said["on_paper"]["status"] == "paper_verified"
    assert said["on_paper"]["signed_by"] == "Paul Patient"
    assert said["on_paper"]["recorded"]["printed_name"] == "Dana Desk"
    kinds = Entry.objects.filter(kind__startswith="paper.").order_by("pk")
    assert list(kinds.values_list("kind", flat=True)) == [
        *("paper.recorded", "paper.confirmed", "paper.compared")
    ]


def test_the_receipt_says_who_saw_it_and_who_recorded_it(desk: Desk) -> None:
    pdf = receipt_of(Consent.objects.get(pk=desk.live().consent_id))
    pages = PdfReader(BytesIO(pdf), strict=True).pages
    said = " ".join(" ".join(page.extract_text().split()) for page in pages)

    assert "Signed on paper by Paul Patient on" in said
    assert "seen by Nina Nurse, nurse on ward 3, who knew them by an official document" in said
    assert "Recorded first by Dana Desk" in said
    assert check_paper(pdf).said["on_paper"]["seen_by"] == "Nina Nurse"


def test_nobody_is_both_of_the_two(desk: Desk) -> None:
    paper_id = desk.record()
    with pytest.raises(StateConflictError):
        desk.compare(paper_id)
    party = desk.party(desk.first)
    given = desk.approved(desk.first, party, paper_id)
    confirm_first(party, paper_id, given, at=clock.now())
    with pytest.raises(StateConflictError):
        ask_to_confirm(party, paper_id, at=clock.now())
    with pytest.raises(StateConflictError):
        confirm_second(party, paper_id, given, at=clock.now())
    assert not Consent.objects.exists()


def test_each_confirms_with_an_approval_of_their_own_and_of_this_paper(desk: Desk) -> None:
    paper_id, other_id = desk.record(), desk.record(name="Dr Someone Else")
    first, second = desk.party(desk.first), desk.party(desk.second)
    given = desk.approved(desk.first, first, other_id)
    with pytest.raises(AuthorizationOtherContentError):
        confirm_first(first, paper_id, given, at=clock.now())
    desk.confirm(paper_id)
    for wrong in (given, Authorization.objects.get(used_at__isnull=False).pk):
        with pytest.raises(AuthorizationOtherContentError):
            confirm_second(second, paper_id, wrong, at=clock.now())
    with pytest.raises(StepUpRequiredError):
        confirm_second(second, paper_id, new_id(), at=clock.now())
    assert not Consent.objects.exists()


def test_only_the_desk_of_the_house_that_keeps_the_exam_takes_part(
    desk: Desk, owner: Person
) -> None:
    at = clock.now()
    officer = make_staff("Otis Officer")
    assert may_record(desk.party(desk.first), desk.study_id, at=at)
    assert not may_record(desk.party(desk.second), desk.study_id, at=at), "treats nobody here"
    for other in (officer, owner):
        assert not may_record(party_of_person(other), desk.study_id, at=at)
    paper_id = desk.record()
    for other in (officer, owner):
        with pytest.raises(NotFoundError):
            paper_for(party_of_person(other), paper_id)
        with pytest.raises(NotFoundError):
            scan_of(party_of_person(other), paper_id, at=at)
    Membership.objects.filter(account=desk.second.account).update(role=Role.CLINICIAN)
    with pytest.raises(NotFoundError):
        ask_to_confirm(desk.party(desk.second), paper_id, at=at)


def test_what_a_paper_cannot_say_is_refused_by_name(desk: Desk) -> None:
    for changes, fault in CANNOT_SAY:
        with pytest.raises(TermsNotFitError) as wrong:
            desk.record(**changes)
        assert fault in wrong.value.faults, changes
    assert not SignedPaper.objects.exists()


def test_the_wait_is_over_after_fourteen_days(
    desk: Desk, moved_clock: Callable[[timedelta], datetime]
) -> None:
    paper_id = desk.record()
    desk.confirm(paper_id)
    moved_clock(timedelta(days=14, seconds=1))
    row = SignedPaper.objects.get(pk=paper_id)
    assert state_of(row, at=clock.now()) == "lapsed"
    with pytest.raises(StateConflictError):
        desk.compare(paper_id)
    with pytest.raises(StateConflictError):
        refuse_paper(desk.party(desk.second), paper_id, at=clock.now())


def test_a_refused_paper_stays_refused(desk: Desk) -> None:
    paper_id = desk.record()
    desk.confirm(paper_id)
    refuse_paper(desk.party(desk.second), paper_id, at=clock.now())
    with pytest.raises(StateConflictError):
        desk.compare(paper_id)
    with pytest.raises(StateConflictError):
        refuse_paper(desk.party(desk.first), paper_id, at=clock.now())


def test_whoever_is_to_receive_it_does_not_confirm_it(desk: Desk) -> None:
    paper_id = desk.record(address=address_of(desk.second.account))
    desk.confirm(paper_id)
    with pytest.raises(StateConflictError, match="receive"):
        desk.compare(paper_id)


def test_an_exam_that_changed_meanwhile_is_recorded_anew(desk: Desk, web: TestClient) -> None:
    paper_id = desk.record()
    desk.confirm(paper_id)
    later = another_ct(SOPInstanceUID="1.2.826.0.1.3680043.8.498.77")
    store(web, desk.first, later)
    with pytest.raises(ManifestChangedError):
        desk.compare(paper_id)
    assert SignedPaper.objects.get(pk=paper_id).state == "waiting"


def test_the_patient_is_told_sees_the_scan_can_refuse_and_takes_back(
    desk: Desk, owner: Person
) -> None:
    desk.belongs_to(owner)
    patient, at = party_of_person(owner), clock.now()
    refused = desk.record()
    assert papers_for(patient, at=at) == [], "nobody has confirmed anything yet"
    desk.confirm(refused)
    assert messages_to(address_of(owner.account))[-1][0] == "consent-on-paper"
    assert scan_of(patient, refused, at=at) == (desk.said().scan, "png")
    assert Entry.objects.filter(kind="paper.read", actor=patient.name).count() == 1
    with pytest.raises(StateConflictError):
        ask_to_confirm(patient, refused, at=at)
    refuse_paper(patient, refused, at=at)

    opened = desk.live()
    assert [each.consent_id for each in shared_by(patient, at=clock.now())] == [opened.consent_id]
    withdraw(patient, opened.consent_id, at=clock.now())
    assert Consent.objects.get().revoked_at is not None


def test_a_patient_without_an_account_takes_back_at_the_desk(desk: Desk) -> None:
    opened = desk.live()
    shared = Shared(consent_id=opened.consent_id, share_id=opened.share_id)
    open_share(shared, opened.passphrase)
    paper_id = SignedPaper.objects.get().pk
    end_for_patient(desk.party(desk.second), paper_id, at=clock.now())
    assert Consent.objects.get(pk=opened.consent_id).ended_by == "giver"
    other = desk.record()
    with pytest.raises(NotFoundError):
        end_for_patient(desk.party(desk.second), other, at=clock.now())


def test_the_scan_and_the_names_lie_sealed(desk: Desk) -> None:
    row = SignedPaper.objects.get(pk=desk.record())
    seen = bytes(row.sealed_content) + bytes(row.sealed_scan)

    for clear in (b"Paul", b"Nina", b"dora", b"PNG", b"IHDR"):
        assert clear not in seen


def _refused(paper_id: UUID, **values: object) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        SignedPaper.objects.filter(pk=paper_id).update(**values)


def test_the_database_itself_refuses_one_person_twice_and_changes(desk: Desk) -> None:
    paper_id = desk.record()
    desk.confirm(paper_id)
    row = SignedPaper.objects.get(pk=paper_id)
    live = {"state": "live", "second_at": clock.now()}
    mine = {"second_authorization_id": row.first_authorization_id}
    _refused(paper_id, **live, **mine, second_by_id=desk.first.account.pk)
    _refused(paper_id, **live, **mine, second_by_id=desk.second.account.pk)
    _refused(paper_id, **live, second_by_id=desk.second.account.pk)
    _refused(paper_id, state="prepared")
    _refused(paper_id, sealed_scan=b"another")
    _refused(paper_id, lapses_at=clock.now() + timedelta(days=99))
    _refused(paper_id, first_by_id=desk.second.account.pk)
    _refused(paper_id, consent_id=new_id())
    with pytest.raises(IntegrityError), transaction.atomic():
        row.delete()
    other = SignedPaper(**{**_values(row), "id": new_id(), "state": "waiting"})
    with pytest.raises(IntegrityError), transaction.atomic():
        other.save(force_insert=True)


def _values(row: SignedPaper) -> dict[str, object]:
    unset = {"first_authorization_id": None, "first_at": None, "sealed_first": None}
    return {field.attname: getattr(row, field.attname) for field in row._meta.fields} | unset


def test_the_database_refuses_what_the_house_agrees_to_without_the_patient(desk: Desk) -> None:
    kept = Consent.objects.get(pk=desk.live().consent_id)
    values = {field.attname: getattr(kept, field.attname) for field in kept._meta.fields}
    forged = values | {"id": new_id(), "authorization_id": new_id(), "granted_at": clock.now()}
    with pytest.raises(IntegrityError, match="without the patient"), transaction.atomic():
        Consent.objects.create(**forged)


def test_what_opens_is_what_the_paper_says_and_to_nobody_else(desk: Desk, owner: Person) -> None:
    desk.live()
    decision = decide(party_of_person(owner), Action.VIEW, desk.study_id, at=clock.now())
    assert not decision.allowed
    assert not decide(desk.party(desk.second), Action.VIEW, desk.study_id, at=clock.now()).allowed
