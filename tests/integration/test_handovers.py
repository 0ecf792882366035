"""What a partner's Safelight may say and ask about what it hands over, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.test import Client
from httpx2 import Response
from starlette.testclient import TestClient

from cast import give_second_factor, make_person, multipart, party_of_person
from objects import a_file, uid
from on_paper import fresh_code
from partnering import Bond, House, a_bond, a_certificate, a_house, a_partner, agree
from safelight.dicom.source import Source
from safelight.exchange.access.connecting import give_word, open_connection
from safelight.exchange.access.load import care_began
from safelight.exchange.receive.handover.keeping import Handed, proof_over
from safelight.exchange.receive.handover.models import HandedObject, Handover, HandoverState
from safelight.exchange.release.models import Look
from safelight.exchange.release.transfer.came_under import came_under
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError
from safelight.kernel.ids import new_id, to_text
from safelight.platform.audit.models import Entry
from safelight.records.accounts.models import Kind
from safelight.records.imaging.models import Study
from safelight.surfaces.dicomweb.app import app
from story import browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


class Partner:
    """A partner's system, calling from its own network with its connection's word."""

    def __init__(self, house: House, pem: str, kind: str, name: str) -> None:
        wish: dict[str, Any] = {
            "kind": kind,
            "they_ask": False,
            "we_send": False,
            "client_certificate": "",
        }
        partner = a_partner(house, name)
        self.bond: Bond = a_bond(house, partner, pem, **wish)
        today = clock.now().date()
        agree(house, partner, "baa", today, today + timedelta(days=30))
        self.word = give_word(house.one, self.bond.row.pk, at=clock.now())
        open_connection(house.other, self.bond.row.pk, at=clock.now())
        self.browser = Client(REMOTE_ADDR="192.0.2.7")

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.word}"}

    def ask(self, method: str, path: str, said: object = None) -> tuple[int, Any]:
        answer = self.browser.generic(
            method,
            f"/api/v1/handovers/{path}",
            orjson.dumps(said) if said is not None else b"",
            content_type="application/json",
            headers=self.headers,
        )
        return answer.status_code, answer.json()

    def announce(self, transfer: str, **changes: object) -> int:
        at = clock.now()
        terms: dict[str, object] = {
            "study": uid(1),
            "wanted": 2,
            "consent": to_text(new_id()),
            "purpose": "treatment",
            "further": "none",
            "given_at": at.isoformat(),
            "ends_at": (at + timedelta(days=30)).isoformat(),
        }
        return self.ask("PUT", transfer, terms | changes)[0]

    def send(self, there: TestClient, transfer: str, *files: bytes) -> Response:
        body, headers = multipart(*files)
        headers |= self.headers | {"Safelight-Transfer": transfer}
        return there.post("/dicomweb/studies", content=body, headers=headers)


@pytest.fixture
def house() -> House:
    return a_house()


@pytest.fixture
def river(house: House, tmp_path: Path) -> Partner:
    return Partner(house, a_certificate(tmp_path), "safelight", "River Clinic")


@pytest.fixture
def there() -> Iterator[TestClient]:
    with TestClient(
        app,
        base_url="http://localhost:8000",
        raise_server_exceptions=False,
        client=("192.0.2.7", 5000),
    ) as client:
        yield client


def test_announced_sent_agreed_and_taken_back(river: Partner, there: TestClient) -> None:
    transfer, files = to_text(new_id()), [a_file(1), a_file(2)]
    assert river.announce(transfer) == 200
    assert river.announce(transfer) == 200  # again is the same
    assert river.send(there, transfer, *files).status_code == 200
    assert river.send(there, transfer, files[0]).status_code == 200  # known, and counted once
    hashes = [bytes(each) for each in HandedObject.objects.values_list("sha256", flat=True)]
    assert len(hashes) == 2

    told: dict[str, object] = {"count": 1, "proof": proof_over(hashes[:1]).hex()}
    status, said = river.ask("POST", f"{transfer}/agree", told)
    assert (status, said["agrees"], said["count"], said["state"]) == (200, False, 2, "open")
    told = {"count": 2, "proof": proof_over(hashes).hex()}
    status, said = river.ask("POST", f"{transfer}/agree", told)
    assert (status, said["agrees"], said["state"]) == (200, True, "agreed")
    status, said = river.ask("GET", f"{transfer}/hashes")
    assert sorted(said["sha256"]) == sorted(each.hex() for each in hashes)
    status, said = river.ask("GET", f"{transfer}/custody?after=2020-01-01T00:00:00Z")
    assert (status, said) == (200, [])
    looked("care-relation", 4)
    looked("care-relation", 5, consent_id=new_id())  # whom the patient let in here
    for theirs in ("owner", "representative", "represented"):
        looked(theirs, 6)
    status, said = river.ask("GET", f"{transfer}/custody?after=2020-01-01T00:00:00Z")
    assert [(each["did"], each["pictures"]) for each in said] == [("looked", 4)]

    assert river.ask("POST", f"{transfer}/withdraw")[1]["state"] == "withdrawn"
    assert river.send(there, transfer, a_file(3)).status_code == 409
    assert river.announce(transfer) == 409
    kinds = set(Entry.objects.values_list("kind", flat=True))
    assert kinds >= {
        "handover.announced",
        "handover.agreed",
        "handover.compared",
        "handover.withdrawn",
        "transfer.custody-told",
    }


def looked(basis: str, pictures: int, *, consent_id: UUID | None = None) -> None:
    """Let somebody look at the one exam that is here."""
    study = Study.objects.get()
    Look.objects.create(
        vault_id=study.vault_id,
        study_id=study.pk,
        actor=f"account/{new_id()}",
        session="",
        basis=basis,
        consent_id=consent_id,
        opened_at=clock.now(),
        pictures=pictures,
    )


def test_who_brought_nothing_hears_nothing(
    river: Partner, house: House, tmp_path: Path, there: TestClient
) -> None:
    first = to_text(new_id())
    assert river.announce(first) == 200
    assert river.send(there, first, a_file(1)).status_code == 200
    looked("care-relation", 4)
    lake = Partner(house, a_certificate(tmp_path), "safelight", "Lake Clinic")
    empty, same, more = (to_text(new_id()) for _ in range(3))
    for transfer in (empty, same, more):
        assert lake.announce(transfer) == 200
    assert lake.send(there, same, a_file(1)).status_code == 200
    assert lake.send(there, more, a_file(2)).status_code == 200
    asked = "custody?after=2020-01-01T00:00:00Z"
    for transfer in (empty, same, more):
        assert lake.ask("GET", f"{transfer}/{asked}") == (200, [])
    assert len(river.ask("GET", f"{first}/{asked}")[1]) == 1
    # What goes on under a second name is of the same patient: it is told there as well.
    second = to_text(new_id())
    assert river.announce(second) == 200
    assert river.ask("GET", f"{second}/{asked}") == (200, [])
    assert river.send(there, second, a_file(3)).status_code == 200
    looked("care-relation", 4)
    assert len(river.ask("GET", f"{second}/{asked}")[1]) == 1


def test_an_announcement_alone_puts_no_word_on_an_exam(
    river: Partner, house: House, tmp_path: Path, there: TestClient
) -> None:
    first = to_text(new_id())
    assert river.announce(first) == 200
    assert river.send(there, first, a_file(1, PatientBirthDate="19800203")).status_code == 200
    lake = Partner(house, a_certificate(tmp_path), "safelight", "Lake Clinic")
    for _ in range(2):
        assert lake.announce(to_text(new_id())) == 200
    study = Study.objects.get()
    clinician = make_person("Carla Care", Kind.PROVIDER, "Lakeside Hospital")
    care_began(study.vault_id, study.patient_id, clinician.account.pk, at=clock.now(), study_ids=())
    told = came_under(party_of_person(clinician), study.pk, at=clock.now())
    assert [each.from_whom for each in told] == ["River archive (River Clinic)"]


def test_objects_of_another_exam_do_not_belong_to_it(river: Partner, there: TestClient) -> None:
    transfer = to_text(new_id())
    assert river.announce(transfer) == 200
    answer = river.send(there, transfer, a_file(1, study=2))
    assert answer.status_code == 409
    assert not HandedObject.objects.exists()
    assert not Study.objects.exists()
    body, headers = multipart(a_file(1))
    headers |= river.headers | {"Safelight-Transfer": transfer}
    elsewhere = there.post(f"/dicomweb/studies/{uid(2)}", content=body, headers=headers)
    assert elsewhere.status_code == 404
    named = there.post(f"/dicomweb/studies/{uid(1)}", content=body, headers=headers)
    assert named.status_code == 200


def test_what_is_taken_back_in_the_middle_takes_nothing_more_in(
    river: Partner, there: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    transfer, look = to_text(new_id()), Handed.look
    assert river.announce(transfer) == 200

    def looking(handed: Handed, item: int, source: Source) -> None:
        look(handed, item, source)
        Handover.objects.update(state=HandoverState.WITHDRAWN)

    monkeypatch.setattr(Handed, "look", looking)
    assert river.send(there, transfer, a_file(1)).status_code == 409
    assert not HandedObject.objects.exists()
    assert not Study.objects.exists()


def test_what_is_set_aside_has_not_arrived(river: Partner, there: TestClient) -> None:
    transfer = to_text(new_id())
    assert river.announce(transfer) == 200
    assert river.send(there, transfer, a_file(1)).status_code == 200
    other = a_file(1, PatientName="Other^Person")
    (failed,) = river.send(there, transfer, other).json()["00081198"]["Value"]
    assert failed["00081197"]["Value"] == [0x0111]
    assert HandedObject.objects.count() == 1
    status, said = river.ask("GET", f"{transfer}/hashes")
    assert (status, len(said["sha256"])) == (200, 1)


def test_an_announcement_stays_about_one_exam(river: Partner, there: TestClient) -> None:
    transfer = to_text(new_id())
    assert river.send(there, transfer, a_file(1)).status_code == 404  # nothing was announced
    assert river.announce(transfer) == 200
    assert river.announce(transfer, study=uid(2)) == 409
    for wrong in ({"wanted": 0}, {"purpose": "No Code"}, {"study": "x"}, {"further": ""}):
        assert river.announce(to_text(new_id()), **wrong) == 422
    assert Handover.objects.count() == 1


def test_only_the_safelight_that_announced_it(
    river: Partner, house: House, tmp_path: Path, there: TestClient
) -> None:
    transfer = to_text(new_id())
    assert river.announce(transfer) == 200
    lake = Partner(house, a_certificate(tmp_path), "safelight", "Lake Clinic")
    archive = Partner(house, a_certificate(tmp_path), "dicomweb", "Hill Archive")
    for other in (lake, archive):
        assert other.send(there, transfer, a_file(1)).status_code == 404
        for path in ("hashes", "custody?after=2020-01-01T00:00:00Z"):
            assert other.ask("GET", f"{transfer}/{path}")[0] == 404
        assert other.ask("POST", f"{transfer}/withdraw")[0] == 404
    assert archive.announce(to_text(new_id())) == 404
    assert Handover.objects.get().state == "open"
    assert (
        Client(REMOTE_ADDR="192.0.2.7").get(f"/api/v1/handovers/{transfer}/hashes").status_code
        == 401
    )


def test_a_safelight_hands_over_between_partners_alone(house: House, tmp_path: Path) -> None:
    wish: dict[str, Any] = {"kind": "safelight", "we_send": False, "client_certificate": ""}
    pem = a_certificate(tmp_path)
    with pytest.raises(InvalidFieldError) as unfit:
        a_bond(house, None, pem, they_ask=False, **wish)
    assert unfit.value.field == "partner"
    with pytest.raises(InvalidFieldError) as unfit:
        a_bond(house, a_partner(house), pem, they_ask=True, **wish)
    assert unfit.value.field == "they_ask"


def test_whoever_treats_the_patient_there_reads_the_terms_and_their_end(
    river: Partner, house: House, there: TestClient
) -> None:
    transfer = to_text(new_id())
    assert river.announce(transfer) == 200
    assert river.send(there, transfer, a_file(1, PatientBirthDate="19800203")).status_code == 200
    study = Study.objects.get()
    clinician = make_person("Carla Care", Kind.PROVIDER, "Lakeside Hospital")
    assert came_under(party_of_person(clinician), study.pk, at=clock.now()) == []
    care_began(study.vault_id, study.patient_id, clinician.account.pk, at=clock.now(), study_ids=())
    (told,) = came_under(party_of_person(clinician), study.pk, at=clock.now())
    assert (told.purpose, told.may_go_on, told.withdrawn_at) == ("treatment", False, None)
    secret = give_second_factor(clinician)
    assert secret
    page = browser_of(clinician, fresh_code(clinician))
    words = page.get(f"/exams/{to_text(study.pk)}/").content.decode()
    assert "Handed over by River archive (River Clinic)" in words
    assert "Not to be passed on to anybody." in words
    assert river.ask("POST", f"{transfer}/withdraw")[0] == 200
    words = page.get(f"/exams/{to_text(study.pk)}/").content.decode()
    assert "The consent to this ended early" in words
