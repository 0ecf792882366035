"""A partner's system comes in over the web by a word, and gets no further than by DICOM."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from httpx2 import Response
from starlette.testclient import TestClient

from asking import send, store
from cast import Person, multipart
from objects import a_file, uid
from partnering import Bond, House, a_bond, a_certificate, a_house, a_partner, agree
from safelight.exchange.access.connecting import give_word, open_connection, suspend_connection
from safelight.exchange.receive.models import IntakeBatch
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError, StateConflictError
from safelight.platform.audit.models import Entry
from safelight.surfaces.dicomweb.app import app

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.fixture
def house() -> House:
    return a_house()


@pytest.fixture
def river(house: House, tmp_path: Path) -> Bond:
    """Bring a partner that may send and ask over the web, without a word yet."""
    wish = {"kind": "dicomweb", "we_send": False, "url": "", "client_certificate": ""}
    return a_bond(house, a_partner(house), a_certificate(tmp_path), **wish)  # type: ignore[arg-type]


@pytest.fixture
def there() -> Iterator[TestClient]:
    """Call from the partner's network."""
    with TestClient(
        app,
        base_url="http://localhost:8000",
        raise_server_exceptions=False,
        client=("192.0.2.7", 5000),
    ) as client:
        yield client


def a_word(river: Bond) -> str:
    """Give it a word as one, open it as the other."""
    word = give_word(river.house.one, river.row.pk, at=clock.now())
    open_connection(river.house.other, river.row.pk, at=clock.now())
    return word


def sent(client: TestClient, word: str, *files: bytes) -> Response:
    body, headers = multipart(*files)
    headers |= {"Authorization": f"Bearer {word}"}
    return client.post("/dicomweb/studies", content=body, headers=headers)


def searched(client: TestClient, word: str) -> Response:
    return client.get("/dicomweb/studies", headers={"Authorization": f"Bearer {word}"})


def under_an_agreement(river: Bond) -> None:
    assert river.partner is not None
    today = clock.now().date()
    agree(river.house, river.partner, "baa", today, today + timedelta(days=30))


def test_what_it_sends_is_its_houses_and_it_cannot_read_it(river: Bond, there: TestClient) -> None:
    under_an_agreement(river)
    word = a_word(river)
    assert sent(there, word, a_file(1), a_file(2)).status_code == 200
    batch = IntakeBatch.objects.get()
    assert (batch.account_id, batch.stored) == (river.row.pk, 2)
    # What it brought is the house's now; no consent names the partner.
    assert searched(there, word).status_code == 204
    assert there.get(
        f"/dicomweb/studies/{uid(1)}/metadata", headers={"Authorization": f"Bearer {word}"}
    ).status_code == 404  # fmt: skip
    assert there.delete(
        f"/dicomweb/studies/{uid(1)}", headers={"Authorization": f"Bearer {word}"}
    ).status_code in {403, 404}  # fmt: skip


def test_the_word_alone_is_not_enough(river: Bond, there: TestClient, web: TestClient) -> None:
    word = a_word(river)
    refused = sent(there, word, a_file(1))
    assert (refused.status_code, refused.json()["code"]) == (403, "agreement_missing:baa")
    under_an_agreement(river)
    assert sent(there, word, a_file(1)).status_code == 200
    elsewhere = sent(web, word, a_file(2))  # no address of the partner's
    assert elsewhere.status_code == 401
    suspend_connection(river.house.one, river.row.pk, at=clock.now())
    refused = searched(there, word)
    assert (refused.status_code, refused.json()["code"]) == (403, "connection_closed")
    said = Entry.objects.filter(kind="connection.refused")
    text = "".join(each.text for each in said.order_by("row"))
    assert "agreement_missing:baa" in text
    assert "connection_closed" in text


def test_a_new_word_ends_the_old_and_wants_a_second_person(river: Bond, there: TestClient) -> None:
    under_an_agreement(river)
    old = a_word(river)
    new = give_word(river.house.one, river.row.pk, at=clock.now())
    assert searched(there, new).json()["code"] == "connection_closed"
    with pytest.raises(StateConflictError):
        open_connection(river.house.one, river.row.pk, at=clock.now())
    open_connection(river.house.other, river.row.pk, at=clock.now())
    assert searched(there, new).status_code == 204
    assert searched(there, old).status_code == 401


def test_neither_the_word_nor_what_is_like_it_lies_anywhere(river: Bond, there: TestClient) -> None:
    under_an_agreement(river)
    word = a_word(river)
    assert searched(there, "slc_").status_code == 401
    assert searched(there, word[:-1]).status_code == 401
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM partners_connection")
        kept = repr(cursor.fetchall())
        cursor.execute("SELECT * FROM audit_entry")
        kept += repr(cursor.fetchall())
    assert word not in kept
    assert word.removeprefix("slc_") not in kept


def test_what_only_is_sent_to_has_no_word(house: House, tmp_path: Path) -> None:
    pem = a_certificate(tmp_path)
    partner = a_partner(house)
    outward = {"kind": "dicomweb", "they_send": False, "they_ask": False, "networks": ""}
    wish = outward | {"client_certificate": "", "url": "https://archive.river.example/dicom-web"}
    row = a_bond(house, partner, pem, **wish).row  # type: ignore[arg-type]
    with pytest.raises(StateConflictError):
        give_word(house.one, row.pk, at=clock.now())
    with pytest.raises(InvalidFieldError) as unfit:
        a_bond(house, partner, pem, **(wish | {"they_send": True}))  # type: ignore[arg-type]
    assert unfit.value.field == "networks"


def test_only_asking_brings_nothing_in(
    house: House, tmp_path: Path, there: TestClient, web: TestClient, clinician: Person
) -> None:
    wish = {"kind": "dicomweb", "we_send": False, "they_send": False, "client_certificate": ""}
    bond = a_bond(house, a_partner(house), a_certificate(tmp_path), **wish)  # type: ignore[arg-type]
    under_an_agreement(bond)
    store(web, clinician, a_file(1))
    word = a_word(bond)
    assert sent(there, word, a_file(2)).status_code == 403
    assert searched(there, word).status_code == 204
    assert send(web, clinician, a_file(3)).status_code == 200
