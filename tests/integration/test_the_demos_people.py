"""The demo's people can walk what a stranger tries: a desk, a code, a record of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import LazySettings

from cast import Person, party_of_person
from safelight.exchange.access.connecting import hand_of
from safelight.exchange.access.facts import Party
from safelight.exchange.release.claiming import claim_record, offer_claim
from safelight.exchange.release.viewing.overview import exams
from safelight.kernel import clock
from safelight.records.accounts.models import Account
from safelight.surfaces.cli.demo_people import ensure_people

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def party(name: str) -> Party:
    """Return somebody of the demo who signed in with both factors."""
    account = next(each for each in Account.objects.all() if each.name == name)
    return party_of_person(Person(account, ""))


def test_the_desk_hands_the_patient_her_hospitals_record(
    tmp_path: Path, settings: LazySettings
) -> None:
    settings.SAFELIGHT_DEMO = True
    people = {each.name: each for each in ensure_people(tmp_path)}
    assert [each.role for each in people.values()].count("imaging desk") == 2
    desk, maria = party("Dana Berg"), party("Maria Example")
    assert hand_of(desk).places == hand_of(party("Ole Lind")).places
    before = len(exams(maria, at=clock.now()))
    code = offer_claim(desk, "MRN-1001", "1961-03-04", "Identity card seen", at=clock.now())[1]
    claim_record(maria, code, "1961-03-04", at=clock.now())
    assert len(exams(maria, at=clock.now())) == before + 1
    assert ensure_people(tmp_path) == list(people.values())
    # Whom a stranger meets has the name of somebody, not of a collection of files.
    treated = {each.patient_name for each in exams(party("Dr Ana Ruiz"), at=clock.now())}
    assert treated == {"Maria Example", "Tomas Sample", "Elin Sample", "Henrik Sample"}
    assert {each.patient_name for each in exams(maria, at=clock.now())} == {"Maria Example"}
