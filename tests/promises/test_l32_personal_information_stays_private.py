"""L32: what is personal stays out of messages, records and answers to others."""

from __future__ import annotations

import pytest

from cast import messages_to
from detector import Detector
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.kernel import clock
from safelight.platform.audit.models import Entry
from story import DOCTOR, Story, browser_of, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_the_record_speaks_of_ids_only(story: Story) -> None:
    browser_of(story.owner, story.code())
    shared = story.share()
    assert story.as_guest(shared, open_share(shared)) == 200
    withdraw(story.party, shared.consent_id, at=clock.now())
    words = ["Olga Owner", "olga.owner@people.example", DOCTOR, "Dora Doctor", "CompressedSamples"]
    detector = Detector([*words, str(story.dataset.StudyInstanceUID)])
    entries = Entry.objects.all()
    assert entries.count() > 10
    assert {seed for entry in entries for seed in detector.search_unpacked(entry.text)} == set()


def test_messages_say_nothing_of_the_exam_or_of_who_shared_it(story: Story) -> None:
    open_share(story.share())
    told = [*messages_to(DOCTOR), *messages_to("olga.owner@people.example")]
    assert {template for template, _ in told} >= {
        "share-invitation",
        "share-code",
        "share-verified",
        "consent-copy",
    }
    ct = story.dataset
    for template, facts in told:
        text = " ".join(facts.values())
        for word in ("CT", "Olga", "Dora", str(ct.PatientName), str(ct.StudyInstanceUID)):
            assert word not in text.split(), (template, word)
