"""What does a member of an organisation come to see by bringing something in?"""

from __future__ import annotations

import hashlib

import pytest
from pydicom import dcmread
from starlette.testclient import TestClient

from cast import Person, make_person, party_of_person
from safelight.exchange.access.who_sees import who_can_see
from safelight.exchange.receive.batches import known_among
from safelight.exchange.receive.door import start_batch
from safelight.exchange.receive.models import Channel
from safelight.exchange.receive.uploads import create_upload, own_upload
from safelight.exchange.release.viewing.search import Query, search_studies
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.records.accounts.models import Kind, Membership
from safelight.records.imaging.models import Study
from story import CT, another_ct, store

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.fixture
def colleague(clinician: Person) -> Person:
    assert clinician.account.pk
    return make_person("Carl Colleague", Kind.PROVIDER, "Example Hospital")


def _studies_of(person: Person) -> set[str]:
    found = search_studies(party_of_person(person), Query(), at=clock.now())
    return {hit.answer["0020000D"]["Value"][0] for hit in found}


def test_naming_a_known_patient_shows_nothing_of_the_patient(
    web: TestClient, clinician: Person, colleague: Person
) -> None:
    store(web, clinician, CT.read_bytes())
    known = _studies_of(clinician)
    assert len(known) == 1

    of_the_same = {"StudyInstanceUID": "1.2.826.0.1.5", "SeriesInstanceUID": "1.2.826.0.1.6"}
    store(web, colleague, another_ct(SOPInstanceUID="1.2.826.0.1.7", **of_the_same))

    assert _studies_of(colleague) == {"1.2.826.0.1.5"}
    assert _studies_of(clinician) == known | {"1.2.826.0.1.5"}
    first = Study.objects.order_by("received_at").first()
    assert first is not None
    seers = who_can_see(first.pk, at=clock.now())
    assert [row.account_id for row in seers] == [clinician.account.pk]


def test_adding_to_a_known_study_shows_nothing_of_it(
    web: TestClient, clinician: Person, colleague: Person
) -> None:
    store(web, clinician, CT.read_bytes())
    store(web, colleague, another_ct(SOPInstanceUID="1.2.826.0.1.7"))
    assert _studies_of(colleague) == set()


def test_a_member_is_not_told_what_the_organisation_holds(
    web: TestClient, clinician: Person, colleague: Person
) -> None:
    store(web, clinician, CT.read_bytes())
    uid = hashlib.sha256(str(dcmread(CT).SOPInstanceUID).encode()).hexdigest()
    assert known_among(party_of_person(clinician), [uid], at=clock.now()) == [uid]
    assert known_among(party_of_person(colleague), [uid], at=clock.now()) == []


def test_whoever_left_the_organisation_adds_nothing_more(
    web: TestClient, clinician: Person
) -> None:
    at, party = clock.now(), party_of_person(clinician)
    batch = start_batch(party, Channel.STOW, None, at=at)
    upload = create_upload(party, batch.pk, 1000, at=at)
    Membership.objects.filter(account=clinician.account).update(state=Membership.State.ENDED)
    left = party_of_person(clinician)
    assert not left.organizations
    with pytest.raises(NotFoundError):
        own_upload(left, upload.pk, at=clock.now())
