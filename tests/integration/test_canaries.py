"""Is whatever touches a decoy an incident within a minute, and does nobody ever meet one?"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from starlette.testclient import TestClient

from cast import Person
from safelight.governance.watch.canaries import Planted, decoy_studies, plant
from safelight.governance.watch.models import Incident
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from story import Story
from watching import alerts, look_now, sign_in

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.fixture
def planted() -> Iterator[Planted]:
    made = plant(by="operator", at=clock.now())
    look_now()
    assert not alerts("D13"), "planting is not touching"
    yield made
    for alert in alerts("D13"):
        assert Incident.objects.filter(alert=alert).count() == 1


def by_token(web: TestClient, planted: Planted) -> None:
    headers = {"Authorization": f"Bearer {planted.token}"}
    (exam,) = web.get("/dicomweb/studies", headers=headers).json()
    uid = exam["0020000D"]["Value"][0]
    assert web.get(f"/dicomweb/studies/{uid}", headers=headers).status_code == 200


def by_link(_web: TestClient, planted: Planted) -> None:
    Client().post(f"/r/{to_text(planted.link_id)}", {"secret": planted.link_secret})


def by_its_address(_web: TestClient, planted: Planted) -> None:
    sign_in(planted.address, "guessed")


@pytest.mark.parametrize("touch", [by_token, by_link, by_its_address])
def test_each_way_to_touch_it_is_an_alert_and_an_incident(
    web: TestClient, planted: Planted, touch: Callable[[TestClient, Planted], None]
) -> None:
    touch(web, planted)
    look_now()
    assert alerts("D13")


def test_a_token_that_is_a_decoy_opens_nothing_from_then_on(
    web: TestClient, planted: Planted
) -> None:
    by_token(web, planted)
    look_now()
    headers = {"Authorization": f"Bearer {planted.token}"}
    assert web.get("/dicomweb/studies", headers=headers).status_code == 401


def test_nobody_real_finds_it(
    web: TestClient, story: Story, clinician: Person, planted: Planted
) -> None:
    for person in (story.owner, clinician):
        answer = web.get("/dicomweb/studies", headers=person.headers)
        found = answer.json() if answer.status_code == 200 else []
        assert len(found) == (1 if person is story.owner else 0)
    assert set(planted.study_ids) == decoy_studies()
    look_now()
    assert not alerts("D13")
