"""L29: what the law could ask for never goes further than what it asks; today nothing goes."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction

from acting import make_staff
from cast import Person, party_of_person
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action, Reason
from safelight.exchange.release.models import Disclosure, DisclosureClass
from safelight.kernel import clock
from safelight.kernel.ids import new_id
from safelight.records.accounts.models import Role
from safelight.records.imaging.models import Study
from story import Story, accept_share, another_ct, store

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
GROUNDS = (DisclosureClass.STATUTORY, DisclosureClass.NATIONAL_SECURITY)


def written(story: Story, recipient: Person, **facts: object) -> Callable[[], Disclosure]:
    """Return what writes down that an exam went to somebody."""
    said: dict[str, object] = {
        "id": new_id(),
        "vault_id": Study.objects.get(pk=story.study_id).vault_id,
        "study_id": story.study_id,
        "recipient": f"account/{recipient.account.pk}",
        "channel": "download",
        "at": clock.now(),
    }
    return lambda: Disclosure.objects.create(**said | facts)


def refused(write: Callable[[], Disclosure]) -> bool:
    with pytest.raises(DatabaseError, match="without a basis"), transaction.atomic():
        write()
    return True


def another_exam(story: Story) -> UUID:
    known = set(Study.objects.values_list("id", flat=True))
    uids = {"StudyInstanceUID": "2.25.71", "SeriesInstanceUID": "2.25.72"}
    store(story.web, story.owner, another_ct(**uids, SOPInstanceUID="2.25.73"))
    (study_id,) = set(Study.objects.values_list("id", flat=True)) - known
    return study_id


@pytest.mark.parametrize("ground", GROUNDS)
def test_naming_the_law_beside_a_consent_takes_nothing_along(
    story: Story, clinician: Person, ground: DisclosureClass
) -> None:
    shared = story.share(address="clara.clinician@people.example")
    accept_share(shared, clinician)
    consent = {"basis": ground, "consent_id": shared.consent_id}
    assert refused(written(story, clinician, **consent))


def test_of_two_exams_only_the_one_that_was_named_can_be_given(
    story: Story, clinician: Person
) -> None:
    shared = story.share(address="clara.clinician@people.example")
    accept_share(shared, clinician)
    named = {"basis": DisclosureClass.AUTHORISED, "consent_id": shared.consent_id}
    other = another_exam(story)
    assert refused(written(story, clinician, **named, study_id=other))
    assert written(story, clinician, **named)().study_id == story.study_id


@pytest.mark.parametrize("role", [Role.PRIVACY_OFFICER, Role.ADMIN])
def test_nobody_whose_office_it_would_be_can_take_an_exam_out(story: Story, role: Role) -> None:
    party = party_of_person(make_staff("Otis Officer", role))
    answer = decide(party, Action.DOWNLOAD, story.study_id, at=clock.now())
    assert (answer.allowed, answer.reason) == (False, Reason.NO_RELATION)
    assert answer.scope.is_empty
