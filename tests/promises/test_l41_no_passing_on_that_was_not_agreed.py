"""L41: who was let look cannot pass it on; there is no consent that allows it yet."""

from __future__ import annotations

import pytest

from cast import Person, app_code, give_second_factor, party_of_person
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action, Reason
from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.terms import NOT_FURTHER
from safelight.exchange.release.signed import terms_of
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from story import Story, accept_share, browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_a_recipient_cannot_share_what_was_shared_with_them(
    story: Story, clinician: Person
) -> None:
    shared = story.share(address="clara.clinician@people.example", may_download=True)
    accept_share(shared, clinician)
    party = party_of_person(clinician)
    assert decide(party, Action.VIEW, story.study_id, at=clock.now()).allowed

    decision = decide(party, Action.SHARE, story.study_id, at=clock.now())

    assert (decision.allowed, decision.reason) == (False, Reason.ONWARD_RELEASE)
    browser = browser_of(clinician, app_code(give_second_factor(clinician)))
    assert browser.post(f"/exams/{to_text(story.study_id)}/share/").status_code == 404
    assert terms_of(Consent.objects.get()).further == NOT_FURTHER
