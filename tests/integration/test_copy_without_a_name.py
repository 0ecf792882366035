"""A copy without a name, by every way out: nothing that was planted, and no name of the giver."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import orjson
import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from pydicom import dcmread

from canaries import TRACES, sample, spoiled_ct
from cast import Person, party_of_person
from copying import draft_of_a_copy, signed
from safelight.dicom.deidentifying.copying import deidentified
from safelight.dicom.deidentifying.replacing import Replacement
from safelight.dicom.reading.header import Header
from safelight.dicom.source import Source
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.consent.models import Consent, ConsentItem
from safelight.exchange.consent.terms import Form
from safelight.exchange.consent.text import shown_html
from safelight.exchange.release.copies.jobs import make_copies_later
from safelight.exchange.release.copies.making import make_copies
from safelight.exchange.release.errors import ManifestChangedError, TermsNotFitError
from safelight.exchange.release.events import ReleaseEvent
from safelight.exchange.release.models import Copying
from safelight.exchange.release.received import received_by
from safelight.exchange.release.sharing.ceremony import Shared, confirm, present
from safelight.exchange.release.sharing.copying import ask_for_copy, copy_in_hand
from safelight.exchange.release.sharing.drafts import choose, find_draft, start_draft
from safelight.exchange.release.sharing.entries import guest
from safelight.exchange.release.sharing.wording import own_studies
from safelight.exchange.release.signed import terms_of
from safelight.kernel import clock
from safelight.kernel.ids import new_id, to_text
from safelight.platform.audit.models import Entry
from safelight.platform.jobs.models import Job
from safelight.records.accounts.queries import address_of
from safelight.records.imaging.models import Series, Study, StudyCopy
from story import Story, accept_share, another_ct, begin_story, browser_of, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@dataclass
class Copied:
    """A copy that was shared with somebody by link."""

    story: Story
    shared: Shared
    cookie: str
    study_id: UUID


@pytest.fixture
def copied(web: object, owner: Person) -> Copied:
    """Share a copy of an exam in which something is planted everywhere."""
    story = begin_story(web, owner, spoiled_ct())  # type: ignore[arg-type]  # the stage's client
    shared = signed(story, draft_of_a_copy(story, may_download=True))
    copy = StudyCopy.objects.get()
    return Copied(story, shared, open_share(shared), copy.study_id)


def traces_in(answer: bytes, story: Story) -> list[bytes]:
    names = (
        story.owner.account.name.encode(),
        b"owner@people.example",
        b"CompressedSamples",  # whose the picture was before anything was planted
        str(story.dataset.StudyInstanceUID).encode(),
        str(story.dataset.SeriesInstanceUID).encode(),
        str(story.dataset.SOPInstanceUID).encode(),
    )
    return [trace for trace in TRACES + names if trace in answer]


def test_no_way_out_tells_whose_the_copy_is(copied: Copied) -> None:
    story, at = copied.story, clock.now()
    root = f"/dicomweb/shares/{to_text(copied.shared.share_id)}"

    def got(path: str, accept: str = "*/*") -> bytes:
        answer = story.web.get(
            root + path, headers={"Cookie": f"__Host-guest={copied.cookie}", "Accept": accept}
        )
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:300])
        assert traces_in(str(answer.headers).encode() + answer.content, story) == [], path
        assert answer.content
        return answer.content

    (study,) = _json(got("/studies?includefield=all"))
    uid = study["0020000D"]["Value"][0]
    (series,) = _json(got(f"/studies/{uid}/series?includefield=all"))
    below = f"/studies/{uid}/series/{series['0020000E']['Value'][0]}"
    (instance,) = _json(got(f"{below}/instances?includefield=all"))
    one = f"{below}/instances/{instance['00080018']['Value'][0]}"
    got("/series?includefield=all")
    got("/instances?includefield=all")
    for level in (f"/studies/{uid}", below, one):
        got(level)
        got(f"{level}/metadata")
        got(f"{level}/metadata", 'multipart/related; type="application/dicom+xml"')
        got(f"{level}/rendered")
        got(f"{level}/thumbnail")
    got(f"{one}/frames/1", 'multipart/related; type="application/octet-stream"')
    got(f"{one}/frames/1/rendered")
    assert guest(copied.shared.share_id, copied.cookie, at=at).consent_id


def _json(content: bytes) -> list[dict[str, dict[str, list[str]]]]:
    found: list[dict[str, dict[str, list[str]]]] = orjson.loads(content)
    return found


def test_pages_and_the_copy_to_keep_tell_no_name_either(copied: Copied) -> None:
    story, share, exam = copied.story, to_text(copied.shared.share_id), to_text(copied.study_id)
    browser = Client()
    browser.cookies["__Host-guest"] = copied.cookie
    pages = [f"/s/{share}", f"/s/{share}/exams/", f"/s/{share}/exams/{exam}/view/"]
    for page in pages:
        answer = browser.get(page, secure=True)
        assert answer.status_code == 200, page
        assert traces_in(answer.content, story) == [], page
    seen = browser.get(pages[1], secure=True).content.decode()
    assert "Somebody who is not named" in seen
    answer = browser.post(f"/s/{share}/exams/{exam}/download/", secure=True)
    zipped = b"".join(answer.streaming_content)  # type: ignore[attr-defined]  # it streams
    with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
        for name in archive.namelist():
            assert traces_in(name.encode() + archive.read(name), story) == [], name
        copy = dcmread(io.BytesIO(archive.read("DICOM/000001.dcm")))
    assert (copy.pixel_array == sample("CT_small.dcm").pixel_array).all()
    assert copy.PatientIdentityRemoved == "YES"


def test_an_account_that_took_it_reads_no_name(copied: Copied, clinician: Person) -> None:
    story = copied.story
    address = address_of(clinician.account)
    shared = signed(story, draft_of_a_copy(story, address=address, name="Clinician"))
    accept_share(shared, clinician)
    party, at = party_of_person(clinician), clock.now()
    (received,) = received_by(party, at=at)
    assert received.terms is not None
    assert traces_in(repr(received).encode(), story) == []
    for path in ("/api/v1/consents/received", "/api/v1/exams"):
        answer = story.web.get(path, headers=clinician.headers)
        assert traces_in(answer.content, story) == [], path


def test_nobody_who_has_the_copy_finds_the_exam(copied: Copied) -> None:
    story = copied.story
    party = guest(copied.shared.share_id, copied.cookie, at=clock.now())
    assert decide(party, Action.VIEW, copied.study_id, at=clock.now()).allowed
    assert not decide(party, Action.VIEW, story.study_id, at=clock.now()).allowed
    assert story.as_guest(copied.shared, copied.cookie) == 404


def test_the_giver_sees_both_and_signs_which_is_meant(copied: Copied) -> None:
    story = copied.story
    consent = Consent.objects.get(pk=copied.shared.consent_id)
    terms = terms_of(consent)
    assert (consent.form, terms.form, terms.profile) == (
        Form.DEIDENTIFIED, Form.DEIDENTIFIED, "basic/2026c",
    )  # fmt: skip
    assert "a copy without a name of" in shown_html(terms)
    assert {item.study_id for item in terms.items} == {copied.study_id}
    for study_id in (story.study_id, copied.study_id):
        assert decide(story.party, Action.VIEW, study_id, at=clock.now()).allowed
    assert StudyCopy.objects.get().original_id == story.study_id


def test_two_copies_share_no_name_of_anything(copied: Copied) -> None:
    story = copied.story
    second = signed(story, draft_of_a_copy(story))
    cookie = open_share(second)
    (one,) = _json(story.under(copied.shared, "/instances", copied.cookie).content)
    (other,) = _json(story.under(second, "/instances", cookie).content)
    for tag in ("00080018", "0020000D", "0020000E"):
        assert one[tag]["Value"] != other[tag]["Value"]


def test_the_form_cannot_be_changed_or_mixed(copied: Copied) -> None:
    consent = Consent.objects.get(pk=copied.shared.consent_id)
    with pytest.raises(IntegrityError), transaction.atomic():
        Consent.objects.filter(pk=consent.pk).update(form="identified")
    original = copied.story.study_id
    for form, study_id in (("deidentified", original), ("identified", copied.study_id)):
        with pytest.raises(IntegrityError, match="another form"):
            write_another(consent.pk, form, study_id)


def write_another(consent_id: UUID, form: str, study_id: UUID) -> None:
    """Write a consent like another one past the ceremony, in this form and about this exam."""
    with transaction.atomic():
        row = Consent.objects.get(pk=consent_id)
        row.pk, row.authorization_id, row.form = new_id(), new_id(), form
        row.save(force_insert=True)
        ConsentItem.objects.create(
            consent_id=row.pk, vault_id=row.vault_id, study_id=study_id, series_id=new_id(),
            up_to=1, pictures=1,
        )  # fmt: skip


def test_what_was_shown_with_a_name_is_not_signed_without_one(story: Story) -> None:
    draft_id = story.draft()
    presented = present(story.party, draft_id, statement_version="1", at=clock.now())
    approval = story.approve(presented.challenge_id)
    draft, choices = find_draft(story.party, draft_id)
    at = clock.now()
    studies = own_studies(story.party, choices, at=at)
    ask_for_copy(story.party, draft, choices, studies, looked_at=False, at=at)
    with pytest.raises(ManifestChangedError):
        confirm(story.party, draft_id, approval, at=at)
    assert not Consent.objects.exists()


def test_a_copy_of_something_else_than_is_chosen_is_not_signed(story: Story) -> None:
    draft_id = draft_of_a_copy(story)
    story.add(another_ct(SeriesInstanceUID="1.2.3.4.9", SOPInstanceUID="1.2.3.4.9.1"))
    draft, choices = find_draft(story.party, draft_id)
    choose(draft, choices, at=clock.now(), series_ids=())
    with pytest.raises(TermsNotFitError) as refused:
        present(story.party, draft_id, statement_version="1", at=clock.now())
    assert "form" in refused.value.faults


def test_results_to_come_and_passing_on_are_no_part_of_a_copy(story: Story) -> None:
    draft_id = draft_of_a_copy(story)
    draft, choices = find_draft(story.party, draft_id)
    ends = (clock.now()).date().isoformat()
    choose(draft, choices, at=clock.now(), standing_until=ends)
    with pytest.raises(TermsNotFitError) as refused:
        present(story.party, draft_id, statement_version="1", at=clock.now())
    assert "standing" in refused.value.faults


def test_a_written_picture_is_left_out_unless_somebody_looked(web: object, owner: Person) -> None:
    written_on = another_ct(BurnedInAnnotation="YES")
    story = begin_story(web, owner, written_on)  # type: ignore[arg-type]  # the stage's client
    draft_id = draft_of_a_copy(story)
    held = copy_in_hand(story.party, find_draft(story.party, draft_id)[1])
    assert held is not None
    assert (held.state, held.copied, held.not_looked_at) == ("nothing", 0, 1)
    with pytest.raises(TermsNotFitError):
        present(story.party, draft_id, statement_version="1", at=clock.now())
    draft_id = draft_of_a_copy(story, looked_at=True)
    held = copy_in_hand(story.party, find_draft(story.party, draft_id)[1])
    assert held is not None
    assert (held.state, held.copied) == ("ready", 1)


def test_a_standing_consent_does_not_reach_copies(story: Story) -> None:
    ends = clock.now().date().replace(year=clock.now().year + 1).isoformat()
    standing = story.share(standing_until=ends, ends_on=ends)
    cookie = open_share(standing)
    draft_of_a_copy(story)
    copy = StudyCopy.objects.get()
    party = guest(standing.share_id, cookie, at=clock.now())
    assert not decide(party, Action.VIEW, copy.study_id, at=clock.now()).allowed


def test_it_can_be_made_twice_without_being_there_twice(story: Story) -> None:
    draft_of_a_copy(story)
    row = Copying.objects.get()
    before = list(Study.objects.values_list("id", flat=True))
    Copying.objects.filter(pk=row.pk).update(state="making")
    make_copies(row.pk)
    assert list(Study.objects.values_list("id", flat=True)) == before
    again = Copying.objects.get()
    assert (again.state, again.studies, again.copied) == (row.state, row.studies, row.copied)


def test_what_was_shared_as_it_is_stays_as_it_is(copied: Copied) -> None:
    story = copied.story
    shared = story.share(may_download=True)
    cookie = open_share(shared)
    assert Consent.objects.get(pk=shared.consent_id).form == Form.IDENTIFIED
    answer = story.under(shared, f"{story.address}", cookie)
    assert answer.status_code == 200
    assert b"CANARY" in answer.content


def test_the_dialog_makes_the_copy_and_shows_it_before_anything_is_shared(story: Story) -> None:
    browser = browser_of(story.owner, story.code())
    exam = to_text(story.study_id)
    what = browser.post(f"/exams/{exam}/share/", secure=True)["Location"]
    chosen = {"series": str(story.series_id), "form": "choose"}
    form = browser.post(what, chosen, secure=True)["Location"]
    assert form.endswith("/form/")
    page = browser.get(form, secure=True).content.decode()
    assert "a face in pictures of the head" in page
    assert browser.post(form, {}, secure=True).status_code == 422
    assert browser.post(form, {"form": "deidentified"}, secure=True)["Location"] == form
    copy = to_text(StudyCopy.objects.get().study_id)
    page = browser.get(form, secure=True).content.decode()
    assert "Your copy is ready" in page
    assert f"/exams/{copy}/" in page
    about = browser.get(f"/exams/{copy}/", secure=True).content.decode()
    assert "This is a copy without a name." in about
    assert f"/exams/{exam}/" in about
    assert browser.post(what, {"series": str(story.series_id)}, secure=True)["Location"] == form
    assert not Consent.objects.exists()
    # As it is after all: the copy that nobody was shown goes.
    onward = browser.post(form, {"form": "identified"}, secure=True)["Location"]
    assert onward.endswith("/who/")
    assert Study.objects.get(pk=StudyCopy.objects.get().study_id).state == "removed"


def test_no_copy_is_made_of_a_copy(copied: Copied) -> None:
    story = copied.story
    browser = browser_of(story.owner, story.code())
    what = browser.post(f"/exams/{to_text(copied.study_id)}/share/", secure=True)["Location"]
    assert "Leave my name out" not in browser.get(what, secure=True).content.decode()
    assert browser.get(what.replace("/what/", "/form/"), secure=True).status_code == 409
    # It can be shared further by its giver, and is then shared as the copy that it is.
    draft = start_draft(story.party, copied.study_id, at=clock.now())
    series = Series.objects.get(study_id=copied.study_id)
    _, choices = find_draft(story.party, draft.id)
    choose(
        draft, choices, at=clock.now(), series_ids=(str(series.id),), name="Rex", kind="researcher",
        address="rex@lab.example", purpose="research", second_check="waived",
    )  # fmt: skip
    shown = present(story.party, draft.id, statement_version="1", at=clock.now())
    assert shown.terms.form is Form.DEIDENTIFIED


def test_a_great_exam_is_copied_by_a_job(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safelight.exchange.release.sharing.copying.AT_ONCE_OBJECTS", 0)
    draft_id = draft_of_a_copy(story)
    held = copy_in_hand(story.party, find_draft(story.party, draft_id)[1])
    assert held is not None
    assert (held.state, held.wanted, held.copied) == ("making", 1, 0)
    with pytest.raises(TermsNotFitError):
        present(story.party, draft_id, statement_version="1", at=clock.now())
    make_copies_later.run({"copying_id": str(Copying.objects.get().pk)})
    assert Job.objects.filter(name="release.make-copies").exists()
    assert present(story.party, draft_id, statement_version="1", at=clock.now()).terms.profile


def test_a_copy_that_a_crash_interrupts_is_on_record_and_made_later(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.add(another_ct(SOPInstanceUID="1.2.3.4.2", InstanceNumber=2))
    monkeypatch.setattr("safelight.exchange.release.copies.making._GROUP_OBJECTS", 1)
    rest = deidentified

    def crash_at_the_second(header: Header, source: Source, into: Replacement) -> Iterator[bytes]:
        if StudyCopy.objects.exists():
            raise KeyboardInterrupt
        return rest(header, source, into)

    made = "safelight.exchange.release.copies.making.deidentified"
    with monkeypatch.context() as broken:
        broken.setattr(made, crash_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            draft_of_a_copy(story)
    # What is filed is on record, and somebody comes back for the rest.
    entries = Entry.objects.filter(kind=ReleaseEvent.COPY_MADE.value)
    assert entries.count() == 1
    job = Job.objects.get(name="release.make-copies")
    assert timedelta(minutes=5) < job.run_at - clock.now() < timedelta(minutes=11)
    make_copies_later.run(job.ids)
    assert Copying.objects.get().state == "ready"
    assert entries.count() == 2
    make_copies_later.run(job.ids)
    assert entries.count() == 2


def test_a_copy_has_every_picture_and_series_of_the_exam(story: Story) -> None:
    for number in range(2, 5):
        story.add(another_ct(SOPInstanceUID=f"1.2.3.4.{number}", InstanceNumber=number))
    story.add(another_ct(SeriesInstanceUID="1.2.3.4.9", SOPInstanceUID="1.2.3.4.9.1"))
    series = Series.objects.filter(study_id=story.study_id).values_list("id", flat=True)
    draft_id = draft_of_a_copy(story, series_ids=tuple(map(str, series)))
    held = copy_in_hand(story.party, find_draft(story.party, draft_id)[1])
    assert held is not None
    assert (held.state, held.copied, len(held.studies)) == ("ready", 5, 1)
    shared = signed(story, draft_id)
    found = _json(story.under(shared, "/instances", open_share(shared)).content)
    assert len({each["00080018"]["Value"][0] for each in found}) == 5
    assert len({each["0020000E"]["Value"][0] for each in found}) == 2
