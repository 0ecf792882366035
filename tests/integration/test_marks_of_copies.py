"""Does what is said of an exam later, that something in it is sensitive, reach its copies? (R05)"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest

from acting import make_helper
from cast import make_person, party_of_person
from copying import draft_of_a_copy, signed
from safelight.dicom.deidentifying.copying import deidentified
from safelight.dicom.deidentifying.replacing import Replacement
from safelight.dicom.reading.header import Header
from safelight.dicom.source import Source
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.access.sensitive import classes_of, mark_sensitive
from safelight.exchange.consent.rules import Refusal
from safelight.exchange.consent.terms import Sensitive
from safelight.exchange.release.errors import TermsNotFitError
from safelight.exchange.release.sharing.ceremony import present
from safelight.exchange.release.sharing.entries import guest
from safelight.exchange.release.viewing.overview import exams
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.platform.audit.models import Entry
from safelight.records.accounts.models import Kind
from safelight.records.imaging.models import StudyCopy
from story import Story, browser_of, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
HIV, GENETIC = Sensitive.HIV, Sensitive.GENETIC


def mark(story: Story, study_id: UUID, *kinds: Sensitive) -> None:
    mark_sensitive(story.party, study_id, frozenset(kinds), at=clock.now())


def marked(study_id: UUID) -> frozenset[Sensitive]:
    return classes_of([study_id])[study_id]


def copied(story: Story) -> UUID:
    """Have a copy made that is not shared yet, and return which exam it is."""
    draft_of_a_copy(story)
    return StudyCopy.objects.latest("made_at").study_id


def test_a_mark_on_the_exam_closes_a_copy_that_was_shared_before(story: Story) -> None:
    shared = signed(story, draft_of_a_copy(story))
    party = guest(shared.share_id, open_share(shared), at=clock.now())
    copy = StudyCopy.objects.get().study_id
    assert decide(party, Action.VIEW, copy, at=clock.now()).allowed

    mark(story, story.study_id, HIV)

    refused = decide(party, Action.VIEW, copy, at=clock.now())
    assert (refused.allowed, refused.reason) == (False, Refusal.SENSITIVE)
    assert decide(story.party, Action.VIEW, copy, at=clock.now()).allowed


def test_a_copy_of_a_marked_exam_is_shared_only_where_the_kind_is_ticked(story: Story) -> None:
    draft_id = draft_of_a_copy(story)
    mark(story, story.study_id, HIV)
    with pytest.raises(TermsNotFitError) as refused:
        present(story.party, draft_id, statement_version="1", at=clock.now())
    assert "sensitive" in refused.value.faults

    ticked = draft_of_a_copy(story, sensitive=("hiv",))
    shown = present(story.party, ticked, statement_version="1", at=clock.now())
    assert shown.terms.sensitive == {HIV}
    shared = signed(story, ticked)
    party = guest(shared.share_id, open_share(shared), at=clock.now())
    (copy,) = {item.study_id for item in shown.terms.items}
    assert decide(party, Action.VIEW, copy, at=clock.now()).allowed


def test_every_copy_is_marked_and_each_mark_is_on_record(story: Story) -> None:
    copies = {copied(story), copied(story)}
    assert len(copies) == 2
    mark(story, story.study_id, HIV, GENETIC)

    assert {marked(each) for each in copies} == {frozenset({HIV, GENETIC})}
    said = Entry.objects.filter(kind="access.sensitive-marked").values_list("subject", flat=True)
    assert {*said} == {f"study/{each}" for each in (*copies, story.study_id)}


def test_what_is_said_of_a_copy_alone_stays_there(story: Story) -> None:
    copy = copied(story)
    mark(story, copy, GENETIC)
    assert marked(story.study_id) == frozenset()
    mark(story, story.study_id, HIV)
    assert marked(copy) == {HIV, GENETIC}


def test_taking_a_mark_off_the_exam_opens_no_copy(story: Story) -> None:
    """What opens something is said of each by itself, like each tick of a consent."""
    copy = copied(story)
    mark(story, story.study_id, HIV)
    mark(story, story.study_id)
    assert marked(story.study_id) == frozenset()
    assert marked(copy) == {HIV}
    mark(story, copy)
    assert marked(copy) == frozenset()


def test_what_the_owner_took_off_a_copy_stays_off_until_it_is_said_anew(story: Story) -> None:
    """A copy may hold only the pictures that are not sensitive; its owner knows."""
    copy = copied(story)
    mark(story, story.study_id, HIV)
    mark(story, copy)
    mark(story, story.study_id, HIV, GENETIC)
    assert marked(copy) == {GENETIC}


def test_a_mark_set_while_a_copy_is_made_reaches_it(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    rest = deidentified

    def meanwhile(header: Header, source: Source, into: Replacement) -> Iterator[bytes]:
        mark(story, story.study_id, HIV)
        return rest(header, source, into)

    monkeypatch.setattr("safelight.exchange.release.copies.making.deidentified", meanwhile)
    assert marked(copied(story)) == {HIV}


def test_what_is_kept_in_confidence_later_takes_its_copies_along(story: Story) -> None:
    """Nobody who acts for the person knows of it, so nobody learns of it by a copy (E9)."""
    hana = make_person("Hana Helper", Kind.INDIVIDUAL)
    make_helper(story.owner, hana)
    party, copy = party_of_person(hana), copied(story)
    assert decide(party, Action.VIEW, copy, at=clock.now()).allowed
    mark(story, story.study_id, Sensitive.MINOR_CONFIDENTIAL)
    for study_id in (story.study_id, copy):
        assert not decide(party, Action.VIEW, study_id, at=clock.now()).allowed
    assert exams(party, at=clock.now()) == []


def test_the_page_says_what_becomes_of_the_copies(story: Story) -> None:
    browser, page = browser_of(story.owner, story.code()), f"/exams/{to_text(story.study_id)}"
    words = "also said of the copies without a name"
    assert words not in browser.get(f"{page}/sensitive/", secure=True).content.decode()
    copied(story)
    assert words in browser.get(f"{page}/sensitive/", secure=True).content.decode()
