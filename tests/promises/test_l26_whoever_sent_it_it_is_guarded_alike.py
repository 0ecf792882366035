"""L26: from whomever an exam came, by whichever door, it is kept and guarded in one way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from starlette.testclient import TestClient

from acting import make_staff
from asking import send
from cast import Person, make_person, party_of_person
from objects import a_file, uid
from partnering import a_bond, a_certificate, a_house, a_partner
from safelight.dicom.source import BytesSource
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.access.systems import require_open
from safelight.exchange.receive.delivery import Delivery
from safelight.exchange.receive.models import Channel
from safelight.exchange.receive.reconciling import NEW_RECORD, file_at_desk
from safelight.kernel import clock
from safelight.records.accounts.models import Kind, Role
from safelight.records.imaging.models import Instance, ReviewItem, Study
from uploading import ATTESTED, FOR_A_PATIENT, browser_of, bundled

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

NAME = b"Berg^Anna"


def by_stow(web: TestClient, sender: Person, folder: Path) -> None:
    assert folder
    assert send(web, sender, a_file()).status_code == 200


def by_the_upload_page(web: TestClient, sender: Person, folder: Path) -> None:
    assert folder
    browser = browser_of(web, sender)
    browser.send(
        browser.open_batch(attestation=ATTESTED | {"whose": "represented"}), bundled(a_file())
    )


def by_the_upload_page_for_a_patient(web: TestClient, sender: Person, folder: Path) -> None:
    assert folder
    browser = browser_of(web, sender)
    browser.send(browser.open_batch(attestation=FOR_A_PATIENT), bundled(a_file()))


def by_import_at_the_server(web: TestClient, sender: Person, folder: Path) -> None:
    assert web
    assert folder
    delivery = Delivery.start(party_of_person(sender), Channel.IMPORT, at=clock.now())
    delivery.take(0, BytesSource(a_file()))
    delivery.finish(at=clock.now())


def by_a_connected_hospital(web: TestClient, sender: Person, folder: Path) -> None:
    assert web
    assert sender
    house, today = a_house(), clock.now().date()
    bond = a_bond(house, a_partner(house), a_certificate(folder))
    bond.agree("baa", today, today)
    system = bond.come()
    assert system is not None
    delivery = Delivery.start(require_open(system, at=clock.now()), Channel.DIMSE, at=clock.now())
    delivery.take(0, BytesSource(a_file()))
    delivery.finish(at=clock.now())


def by_the_desk_that_filed_it(web: TestClient, sender: Person, folder: Path) -> None:
    assert folder
    other: dict[str, Any] = {
        "PatientName": "Else^Someone",
        "StudyInstanceUID": uid(9),
        "SOPInstanceUID": uid(9, 1),
    }
    assert send(web, sender, a_file(**other), a_file()).status_code == 202
    desk = party_of_person(make_staff("Dana Desk", Role.IMAGING_DESK))
    file_at_desk(desk, ReviewItem.objects.get().pk, NEW_RECORD, "Two people", at=clock.now())


DOORS: list[tuple[Callable[[TestClient, Person, Path], None], str]] = [
    (by_stow, "owner"),
    (by_stow, "clinician"),
    (by_the_upload_page, "owner"),
    (by_the_upload_page_for_a_patient, "clinician"),
    (by_import_at_the_server, "owner"),
    (by_import_at_the_server, "clinician"),
    (by_a_connected_hospital, "owner"),
    (by_the_desk_that_filed_it, "clinician"),
]


@pytest.mark.parametrize(("door", "sender"), DOORS)
def test_it_is_sealed_and_nobody_is_let_to_it_by_how_it_came(
    web: TestClient,
    tmp_path: Path,
    settings: LazySettings,
    request: pytest.FixtureRequest,
    door: Callable[[TestClient, Person, Path], None],
    sender: str,
) -> None:
    door(web, request.getfixturevalue(sender), tmp_path)
    study = Study.objects.latest("received_at")
    kept = list(Path(settings.SAFELIGHT_DATA).rglob("packs/**/*"))
    assert kept
    assert not any(NAME in each.read_bytes() for each in kept if each.is_file())
    assert all(NAME not in bytes(row.sealed_card) for row in Instance.objects.all())
    strangers = [
        make_person("Sven Stranger", Kind.INDIVIDUAL),
        make_person("Nora Neighbour", Kind.PROVIDER, "Example Hospital"),
        make_person("Otto Other", Kind.PROVIDER, "Other Hospital"),
    ]
    for stranger in strangers:
        for action in (Action.VIEW, Action.DOWNLOAD, Action.SHARE):
            party = party_of_person(stranger)
            assert not decide(party, action, study.pk, at=clock.now()).allowed
        for place in (uid(1), uid(9), uid(404)):  # there, there, and nowhere
            path = f"/dicomweb/studies/{place}/metadata"
            answer = web.get(path, headers=stranger.headers)
            assert answer.status_code == 404
        listed = web.get("/dicomweb/studies", headers=stranger.headers)
        assert listed.status_code == 204 or listed.json() == []
