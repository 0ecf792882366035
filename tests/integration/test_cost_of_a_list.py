"""A list of exams, and the lamp above it, ask the database as much for many exams as for one."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from starlette.testclient import TestClient

from acting import make_helper
from cast import Person, make_person
from safelight.exchange.access.who_sees import people_who_can_see, who_can_see
from safelight.exchange.release.board import lamp
from safelight.exchange.release.viewing.overview import exams
from safelight.kernel import clock
from safelight.records.accounts.models import Kind
from safelight.records.accounts.queries import address_of
from safelight.records.imaging.models import Series, Study
from story import Story, accept_share, another_ct, sharing_as, store

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
MORE = 6


def add_exams(
    web: TestClient, story: Story, numbers: range, recipient: Person, helping: Story
) -> None:
    """Bring exams in; the owner shares each with one person, and their helper with another."""
    for number in numbers:
        known = set(Study.objects.values_list("id", flat=True))
        uids = {
            "StudyInstanceUID": f"2.25.4{number}",
            "SeriesInstanceUID": f"2.25.5{number}",
            "SOPInstanceUID": f"2.25.6{number}",
        }
        store(web, story.owner, another_ct(**uids))
        (story.study_id,) = set(Study.objects.values_list("id", flat=True)) - known
        story.series_id = Series.objects.get(study_id=story.study_id).id
        accept_share(story.share(address=address_of(recipient.account)), recipient)
        helping.study_id, helping.series_id = story.study_id, story.series_id
        helping.share()


def test_the_list_and_the_lamp_cost_as_much_for_many_exams(story: Story, web: TestClient) -> None:
    recipient = make_person("Rita Recipient", Kind.INDIVIDUAL)
    helper = make_person("Hal Helper", Kind.INDIVIDUAL)
    make_helper(story.owner, helper, may_share=True)
    helping = sharing_as(story, helper)
    add_exams(web, story, range(1, 2), recipient, helping)
    at = clock.now()

    def cost(act: object) -> int:
        assert callable(act)
        act()  # what is remembered of each exam is remembered from here
        with CaptureQueriesContext(connection) as asked:
            act()
        return len(asked)

    ids = list(Study.objects.values_list("id", flat=True))
    acts = {
        "people": lambda: people_who_can_see(ids, at=at),
        "list": lambda: exams(story.party, at=at),
        "lamp": lambda: lamp(story.party, at=at),
    }
    few = {name: cost(act) for name, act in acts.items()}
    add_exams(web, story, range(2, 2 + MORE), recipient, helping)
    ids[:] = Study.objects.values_list("id", flat=True)
    at = clock.now()
    many = {name: cost(act) for name, act in acts.items()}
    assert many == few
    assert len(exams(story.party, at=at)) == 2 + MORE

    together = people_who_can_see(ids, at=at)
    for study_id in ids:
        alone = [row for row in who_can_see(study_id, at=at) if row.connection_id is None]
        assert together[study_id] == alone
        assert {"owner", "representative"} <= {row.way for row in alone}
