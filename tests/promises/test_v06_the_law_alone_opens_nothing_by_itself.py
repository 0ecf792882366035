"""V6: without your consent only the law could open an exam, and nobody can claim it by pressing."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from acting import make_staff
from cast import Person, party_of_person
from safelight.exchange.access.decide import decide_all
from safelight.exchange.access.decision import Action
from safelight.exchange.release.models import Disclosure, DisclosureClass
from safelight.kernel import clock
from safelight.kernel.ids import new_id
from safelight.records.accounts.models import Role
from safelight.records.imaging.models import Study
from story import Story

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

WITHOUT_THE_PERSON = (
    DisclosureClass.STATUTORY,
    DisclosureClass.TPO,
    DisclosureClass.LIMITED_DATA_SET,
    DisclosureClass.INCIDENTAL,
    DisclosureClass.NATIONAL_SECURITY,
)


@pytest.mark.parametrize("role", list(Role))
def test_no_role_of_an_institution_opens_somebodys_exam(story: Story, role: Role) -> None:
    party = party_of_person(make_staff("Sam Staff", role))
    for action in Action:
        answers = decide_all(party, action, [story.study_id], at=clock.now())
        assert not answers[story.study_id].allowed, action


@pytest.mark.parametrize("basis", WITHOUT_THE_PERSON)
def test_a_disclosure_on_the_grounds_of_law_is_refused_while_no_order_stands_behind_it(
    story: Story, stranger: Person, basis: DisclosureClass
) -> None:
    study = Study.objects.get(pk=story.study_id)
    with pytest.raises(DatabaseError, match="without a basis"), transaction.atomic():
        Disclosure.objects.create(
            id=new_id(),
            vault_id=study.vault_id,
            study_id=study.id,
            at=clock.now(),
            basis=basis,
            recipient=f"account/{stranger.account.pk}",
            channel="download",
        )
    assert not Disclosure.objects.exists()
