"""Can a person have everything listed that left, as the law asks and in full? (R11)"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from fhir.resources.R4B.bundle import Bundle
from pypdf import PdfReader

from cast import Person, make_person, party_of_person
from safelight.exchange.release.activity import activity_page
from safelight.exchange.release.happening import Happening
from safelight.exchange.release.models import (
    AccountingSuspension,
    Disclosure,
    DisclosureClass,
)
from safelight.exchange.release.papers.accounting import Extent
from safelight.exchange.release.papers.listing import Accounting, Form, accounting, written
from safelight.exchange.release.papers.sealing import check_paper
from safelight.exchange.release.periods import ALWAYS, Period, period_of_days
from safelight.exchange.release.suspending import (
    Statement,
    suspend_from_accounting,
    suspended,
)
from safelight.exchange.release.triggers import TRIGGERS
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError, NotFoundError
from safelight.kernel.ids import new_id, to_text
from safelight.platform.audit.models import Entry
from safelight.platform.database.triggers import install, installed
from safelight.platform.keys.cipher import seal
from safelight.platform.keys.ring import ring
from safelight.records.accounts.models import Kind, Role
from safelight.records.imaging.models import PatientRecord, Study, Vault
from story import Story, browser_of, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@contextmanager
def every_basis_there() -> Iterator[None]:
    """Take away the refusal of grounds whose basis cannot exist yet, as later versions will."""
    trigger = next(each for each in TRIGGERS if each.name == "disclosure_has_basis")
    drop = (
        f"DROP TRIGGER {trigger.name}"
        if connection.vendor == "sqlite"
        else f"DROP TRIGGER {trigger.name} ON {trigger.table}"
    )
    with connection.cursor() as cursor:
        cursor.execute(drop)
    try:
        yield
    finally:
        install(connection, TRIGGERS)
    assert trigger.name in installed(connection)


def left(story: Story, ground: str, at: datetime, **said: str) -> Disclosure:
    """Put one disclosure on record that says itself to whom, what and why."""
    study = Study.objects.get(pk=story.study_id)
    identity = new_id()
    detail = {"recipient": f"Office of {ground}", "purpose": "by law"} | said
    sealed = seal(
        ring().ledger_key(study.vault_id),
        json.dumps(detail).encode(),
        bound_to=f"disclosure|{identity}",
    )
    return Disclosure.objects.create(
        id=identity,
        vault_id=study.vault_id,
        study_id=study.id,
        at=at,
        basis=ground,
        recipient="system/office",
        channel="download",
        sealed_detail=sealed,
    )


def made(story: Story, extent: Extent, period: Period = ALWAYS) -> Accounting:
    return accounting(story.party, extent, period, at=clock.now())


def told(pdf: bytes) -> str:
    pages = PdfReader(BytesIO(pdf), strict=True).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


@pytest.mark.parametrize(
    "ground", [each for each in DisclosureClass if each not in {"self", "authorised"}]
)
def test_the_database_refuses_each_ground_without_its_basis(story: Story, ground: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        left(story, ground, clock.now())


def test_twelve_disclosures_of_all_classes_are_listed_as_they_should_be(story: Story) -> None:
    at = clock.now()
    with every_basis_there():
        for number in range(12):
            ground = list(DisclosureClass)[number % len(DisclosureClass)]
            left(story, ground, at - timedelta(days=number), purpose=f"paper {number}")

    assert len(made(story, Extent.COMPLETE).lines) == 12
    owed = made(story, Extent.STATUTORY).lines
    listed = {"Office of elevation", "Office of break-glass", "Office of statutory"}
    assert {line.first.recipient for line in owed} == listed
    assert len(owed) == len(listed)
    said = told(written(made(story, Extent.STATUTORY), Form.PDF))
    assert "Office of statutory" in said
    assert "Office of tpo" not in said
    assert "Office of tpo" in told(written(made(story, Extent.COMPLETE), Form.PDF))


def test_six_years_back_and_no_further_or_shorter_by_choice(story: Story) -> None:
    at = clock.now()
    with every_basis_there():
        for days in (1, 400, 6 * 365 - 5, 6 * 365 + 10):
            left(story, "statutory", at - timedelta(days=days), purpose=f"{days} days ago")

    assert len(made(story, Extent.STATUTORY).lines) == 3
    assert len(made(story, Extent.COMPLETE).lines) == 4
    week = period_of_days((at - timedelta(days=7)).date().isoformat(), "")
    assert len(made(story, Extent.STATUTORY, week).lines) == 1
    before = period_of_days("", (at - timedelta(days=300)).date().isoformat())
    assert len(made(story, Extent.STATUTORY, before).lines) == 2


def test_what_really_left_is_told_with_name_address_what_and_why(
    story: Story, clinician: Person
) -> None:
    shared = story.share(may_download=True)
    assert story.as_guest(shared, open_share(shared)) == 200
    (line,) = made(story, Extent.COMPLETE).lines
    entry = line.first

    assert (entry.recipient, entry.address) == ("Dr Dora Doctor", "dr.dora@clinic.example")
    assert entry.description.endswith("; 1 picture looked at")
    assert entry.description.startswith("CT")
    assert entry.purpose == "for a second opinion"
    assert (entry.ground, entry.basis) == ("authorised", to_text(shared.consent_id))
    assert made(story, Extent.STATUTORY).lines == ()
    assert made_for(clinician) == 0


def made_for(person: Person) -> int:
    """Count what an accounting lists for somebody else."""
    party = party_of_person(person)
    return len(accounting(party, Extent.COMPLETE, ALWAYS, at=clock.now()).lines)


def test_somebody_elses_disclosures_are_not_listed(story: Story, stranger: Person) -> None:
    shared = story.share()
    open_share(shared)
    assert made_for(stranger) == 0
    assert made_for(make_person("Oona Other", Kind.INDIVIDUAL)) == 0


def test_the_csv_opens_as_a_table_and_holds_no_formula(story: Story) -> None:
    shared = story.share(name='=HYPERLINK("http://evil.example";"Dr Dora")')
    assert story.as_guest(shared, open_share(shared)) == 200
    file = written(made(story, Extent.COMPLETE), Form.CSV)

    assert file.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(StringIO(file.decode("utf-8-sig")))
    assert row["recipient"] == '\'=HYPERLINK("http://evil.example";"Dr Dora")'
    assert row["ground"] == "authorised"
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row.values())


def test_as_fhir_each_is_a_disclosure_as_balp_draws_it(story: Story) -> None:
    shared = story.share()
    assert story.as_guest(shared, open_share(shared)) == 200
    file = written(made(story, Extent.COMPLETE), Form.FHIR)
    bundle: dict[str, Any] = json.loads(file)

    Bundle.model_validate(bundle)
    (event,) = [each["resource"] for each in bundle["entry"]]
    assert event["resourceType"] == "AuditEvent"
    assert (event["type"]["code"], event["action"], event["outcome"]) == ("110106", "R", "0")
    assert [each["code"] for each in event["subtype"]] == ["disclose"]
    roles = [agent["type"]["coding"][0]["code"] for agent in event["agent"]]
    assert roles == ["110153", "110152"]
    patients = [each for each in event["entity"] if each["role"]["code"] == "1"]
    assert [each["what"]["display"] for each in patients] == ["Olga Owner"]
    assert event["purposeOfEvent"]


def test_the_pdf_is_signed_and_the_making_is_on_record(story: Story) -> None:
    paper = written(made(story, Extent.STATUTORY), Form.PDF)

    assert check_paper(paper).said == {}
    assert "There were none in this time." in told(paper)
    (entry,) = Entry.objects.filter(kind="accounting.made")
    assert entry.actor == story.party.name
    assert '"statutory"' in entry.text


def test_no_row_is_changed_or_deleted(story: Story) -> None:
    shared = story.share()
    assert story.as_guest(shared, open_share(shared)) == 200
    row = Disclosure.objects.get()
    for change in (
        lambda: Disclosure.objects.update(recipient="account/other"),
        lambda: Disclosure.objects.update(basis="incidental"),
        lambda: Disclosure.objects.update(at=clock.now() + timedelta(days=1)),
        lambda: Disclosure.objects.filter(pk=row.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_the_history_on_the_screen_goes_back_page_by_page(
    story: Story, moved_clock: Callable[[timedelta], datetime]
) -> None:
    for _ in range(5):
        story.share()
        moved_clock(timedelta(hours=1))
    at, before = clock.now(), None
    seen: list[Happening] = []
    while True:
        page = activity_page(story.party, None, Period(before=before), at=at, size=2)
        seen += page.happenings
        before = page.older_than
        if before is None:
            break
    assert len([each for each in seen if each.did == "shared"]) == 5
    assert seen == sorted(seen, key=lambda each: each.at, reverse=True)
    nothing = Period(since=at + timedelta(days=1))
    assert activity_page(story.party, None, nothing, at=at).happenings == ()


def test_days_that_are_none_are_refused() -> None:
    with pytest.raises(InvalidFieldError):
        period_of_days("yesterday", "")
    with pytest.raises(InvalidFieldError):
        period_of_days("2026-02-02", "2026-02-01")


def test_the_page_hands_it_over(story: Story) -> None:
    browser = browser_of(story.owner, story.code())
    for form, kind in (
        ("pdf", "application/pdf"),
        ("csv", "text/csv; charset=utf-8"),
        ("fhir", "application/fhir+json"),
    ):
        answer = browser.get(f"/activity/export/?form={form}&extent=complete&since=2020-01-01")
        assert (answer.status_code, answer["Content-Type"]) == (200, kind)
    assert browser.get("/activity/export/?form=xls").status_code == 404
    assert browser.get("/activity/?since=2026-02-02&until=2026-02-01").status_code == 422
    assert browser.get("/activity/export/?since=soon").status_code == 422


@pytest.fixture
def kept_by_the_hospital(story: Story) -> Person:
    """Let the owner's exam be one that a hospital keeps; return its privacy officer."""
    officer = make_person("Otis Officer", Kind.PROVIDER, "Example Hospital")
    officer.account.memberships.update(role=Role.PRIVACY_OFFICER)
    house = officer.account.memberships.get().organization_id
    Vault.objects.update(account_id=None, organization_id=house)
    PatientRecord.objects.update(account_id=story.owner.account.pk)
    return officer


def test_what_an_agency_asked_to_keep_back_is_told_when_its_time_is_over(
    story: Story, kept_by_the_hospital: Person, moved_clock: Callable[[timedelta], datetime]
) -> None:
    officer = party_of_person(kept_by_the_hospital)
    with every_basis_there():
        row = left(story, "statutory", clock.now(), recipient="The agency")
        other = left(story, "statutory", clock.now(), recipient="The registry")
    says = Statement(
        agency="The agency",
        document="Letter 12 of 1 June",
        is_written=True,
        until=clock.now() + timedelta(days=90),
    )
    suspend_from_accounting(officer, row.pk, says, at=clock.now())

    def told_to_the_owner() -> list[set[str]]:
        page = activity_page(story.party, None, ALWAYS, at=clock.now())
        return [
            {line.first.recipient for line in made(story, Extent.COMPLETE).lines},
            {line.first.recipient for line in made(story, Extent.STATUTORY).lines},
            {str(each.at) for each in page.happenings},
        ]

    complete, owed, happened = told_to_the_owner()
    assert complete == owed == {"The registry"}
    assert len(happened) == 1, "not even a gap"
    for form in Form:
        assert b"The agency" not in written(made(story, Extent.COMPLETE), form)
    (kept,) = suspended(officer)
    assert (kept.disclosure_id, kept.agency, kept.document) == (
        row.pk,
        "The agency",
        "Letter 12 of 1 June",
    )
    assert b"Letter 12" not in bytes(AccountingSuspension.objects.get().sealed_statement)

    moved_clock(timedelta(days=91))
    complete, owed, happened = told_to_the_owner()
    assert complete == owed == {"The registry", "The agency"}
    assert len(happened) == 2
    assert suspended(officer)[0].until < clock.now()
    del other


def test_only_an_officer_keeps_back_only_what_the_law_demanded(
    story: Story, kept_by_the_hospital: Person, stranger: Person
) -> None:
    officer = party_of_person(kept_by_the_hospital)
    with every_basis_there():
        row = left(story, "statutory", clock.now())
        mine = left(story, "authorised", clock.now())
    at = clock.now()
    says = Statement(
        agency="The agency", document="By telephone", is_written=False, until=at + timedelta(30)
    )
    for party, which in ((story.party, row), (party_of_person(stranger), row), (officer, mine)):
        with pytest.raises(NotFoundError):
            suspend_from_accounting(party, which.pk, says, at=at)
    for unfit in (
        replace(says, until=at),
        replace(says, until=at + timedelta(days=31)),
        replace(says, agency=" "),
        replace(says, document=""),
    ):
        with pytest.raises(InvalidFieldError):
            suspend_from_accounting(officer, row.pk, unfit, at=at)
    with pytest.raises(NotFoundError):
        suspended(story.party)
    # The database itself hides nothing that a consent let out, and keeps what is said of it.
    suspend_from_accounting(officer, row.pk, says, at=at)
    placed = AccountingSuspension.objects.get()
    assert placed.until == at + timedelta(days=30)
    with pytest.raises(DatabaseError), transaction.atomic():
        AccountingSuspension.objects.update(until=at + timedelta(days=99))
    with pytest.raises(DatabaseError), transaction.atomic():
        placed.delete()
    placed.pk, placed.disclosure_id = new_id(), mine.pk
    with pytest.raises(DatabaseError, match="told of this"), transaction.atomic():
        placed.save(force_insert=True)


def test_the_first_accounting_within_twelve_months_is_counted_as_such(
    story: Story, moved_clock: Callable[[timedelta], datetime]
) -> None:
    assert made(story, Extent.COMPLETE).number_in_year is None
    assert made(story, Extent.STATUTORY).number_in_year == 1
    first = made(story, Extent.STATUTORY)  # in another form on the same day: the same one
    assert first.number_in_year == 1
    assert "None. It is the first within twelve months." in told(written(first, Form.PDF))
    moved_clock(timedelta(days=200))
    second = made(story, Extent.STATUTORY)
    assert second.number_in_year == 2
    assert "number 2 within twelve months" in told(written(second, Form.PDF))
    moved_clock(timedelta(days=200))
    assert made(story, Extent.STATUTORY).number_in_year == 2
