"""L15: who agrees is the person themselves; who brings in for somebody else says so."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from cast import PASSWORD, Person, app_code, give_second_factor, party_of_person
from safelight.exchange.access.parties import session_id
from safelight.exchange.consent.models import Consent
from safelight.exchange.receive.door import attestation_of
from safelight.exchange.receive.models import IntakeBatch
from safelight.exchange.release.sharing.ceremony import present
from safelight.exchange.release.signed import terms_of
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError
from safelight.records.accounts.authorization.actions import confirm_with_password_and_code
from story import Story
from uploading import browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_nobody_answers_for_another(story: Story, stranger: Person) -> None:
    shown = present(story.party, story.draft(), statement_version="1", at=clock.now())
    secret = give_second_factor(stranger)
    with pytest.raises(ExpectedError):
        confirm_with_password_and_code(
            shown.challenge_id,
            account=stranger.account,
            session_id=session_id(party_of_person(stranger)),
            password=PASSWORD,
            code=app_code(secret),
            at=clock.now(),
        )
    assert not Consent.objects.exists()


def test_the_consent_names_who_gave_it(story: Story) -> None:
    consent = Consent.objects.get(pk=story.share().consent_id)
    terms = terms_of(consent)
    assert (terms.grantor_id, terms.grantor_name) == (story.owner.account.pk, "Olga Owner")
    assert consent.grantor_id == story.owner.account.pk


def test_bringing_in_for_somebody_else_is_said_and_kept(web: TestClient, owner: Person) -> None:
    said = {"whose": "represented", "accurate": True}
    browser_of(web, owner).open_batch(attestation=said, other_name_choice="represented")
    kept = attestation_of(IntakeBatch.objects.get())
    assert kept is not None
    assert (kept.whose, kept.other_name) == ("represented", "represented")
