"""L9: networks are joined, and what one side says went across is what the other side has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.test import Client
from starlette.testclient import TestClient

from cast import multipart
from objects import a_file, uid
from partnering import a_bond, a_certificate, a_house, a_partner
from safelight.exchange.access.connecting import give_word, open_connection
from safelight.exchange.receive.handover.keeping import proof_over
from safelight.exchange.receive.handover.models import HandedObject
from safelight.kernel import clock
from safelight.kernel.ids import new_id, to_text
from safelight.surfaces.dicomweb.app import app

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
_FROM = "192.0.2.7"


@pytest.fixture
def there() -> Iterator[TestClient]:
    with TestClient(app, base_url="http://localhost:8000", client=(_FROM, 5000)) as client:
        yield client


def test_nothing_counts_as_handed_over_before_both_come_to_the_same(
    there: TestClient, tmp_path: Path
) -> None:
    house = a_house()
    wish: dict[str, Any] = {
        "kind": "safelight",
        "they_ask": False,
        "we_send": False,
        "client_certificate": "",
    }
    bond = a_bond(house, a_partner(house), a_certificate(tmp_path), **wish)
    word = give_word(house.one, bond.row.pk, at=clock.now())
    open_connection(house.other, bond.row.pk, at=clock.now())
    said = {"Authorization": f"Bearer {word}"}
    address = f"/api/v1/handovers/{to_text(new_id())}"
    at = clock.now()
    terms = {
        "study": uid(1),
        "wanted": 2,
        "consent": to_text(new_id()),
        "purpose": "treatment",
        "further": "none",
        "given_at": at.isoformat(),
        "ends_at": (at + timedelta(days=30)).isoformat(),
    }
    browser = Client(REMOTE_ADDR=_FROM)

    def ask(method: str, path: str, body: object) -> Any:  # noqa: ANN401 (Django's answer)
        data = orjson.dumps(body)
        kind = "application/json"
        return browser.generic(method, address + path, data, content_type=kind, headers=said)

    # Without an agreement not even the terms are heard.
    assert ask("PUT", "", terms).json()["code"] == "agreement_missing:baa"
    bond.agree("baa", at.date(), at.date() + timedelta(days=30))
    assert ask("PUT", "", terms).status_code == 200

    first, second = a_file(1), a_file(2)
    body, kind = multipart(first)
    name = {"Safelight-Transfer": address.rpartition("/")[2]}
    assert there.post("/dicomweb/studies", content=body, headers=kind | said | name).is_success
    kept = {bytes(each) for each in HandedObject.objects.values_list("sha256", flat=True)}
    missing = {"count": 2, "proof": proof_over([*kept, b"x" * 32]).hex()}
    assert ask("POST", "/agree", missing).json()["agrees"] is False

    body, kind = multipart(second)
    assert there.post("/dicomweb/studies", content=body, headers=kind | said | name).is_success
    kept = {bytes(each) for each in HandedObject.objects.values_list("sha256", flat=True)}
    whole = {"count": 2, "proof": proof_over(kept).hex()}
    assert ask("POST", "/agree", whole).json() == whole | {"agrees": True, "state": "agreed"}
