"""L15: whoever agrees for somebody else is named with them, by the right that was verified."""

from __future__ import annotations

import pytest

from acting import ask, make_staff, verify
from cast import Person, make_person
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.signed import words_of
from safelight.kernel.errors import ExpectedError
from safelight.records.accounts.models import Kind
from safelight.records.accounts.queries import address_of
from story import Story, sharing_as

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.fixture
def guardian() -> Person:
    return make_person("Gustav Guardian", Kind.INDIVIDUAL)


def test_a_guardian_agrees_for_a_child_and_the_consent_names_both(
    story: Story, guardian: Person
) -> None:
    officers = make_staff("Una Officer"), make_staff("Uwe Officer")
    asked = ask(
        guardian,
        kind="guardian",
        name="Olga Owner",
        address=address_of(story.owner.account),
        may_share=True,
        words="Order of the family court of 3 March.",
    )
    giver = sharing_as(story, guardian)
    with pytest.raises(ExpectedError):
        giver.share()

    verify(asked, *officers)
    shared = giver.share()
    said = words_of(Consent.objects.get(pk=shared.consent_id))
    assert "You, Gustav Guardian, acting for Olga Owner as guardian," in said
    assert "Olga Owner can see that you agreed to this, and can take it back too." in said
