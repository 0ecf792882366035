"""Spoiled metadata is answered by name, and what was kept of it is whole and can be shown."""

from __future__ import annotations

import orjson
import pytest
from starlette.testclient import TestClient

from cast import Person
from fuzzing import PIECES, numbers, survived
from kept import in_little_memory, look_at, soon, stored_at
from spoiled_models import MODELS, in_parts, sound_load, spoiled_load

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

LOADS = 2_000


def store_all(web: TestClient, person: Person, piece: int) -> None:
    wanted, kept = numbers(LOADS, piece), 0
    for number in wanted:
        body, headers = spoiled_load(number)
        with soon(number):
            answer = web.post("/dicomweb/studies", content=body, headers=headers | person.headers)
        assert answer.status_code < 500, (number, answer.text)
        for path in stored_at(answer):
            look_at(web, person, path, number)
            kept += 1
    assert len(wanted) // 10 < kept
    found = web.get("/dicomweb/instances?includefield=all&limit=1000", headers=person.headers)
    assert found.status_code == 200
    survived("models", len(wanted), piece)


def test_sound_metadata_is_kept_and_shown(web: TestClient, owner: Person) -> None:
    kept = 0
    for number in range(40):
        model, values = sound_load(number)
        body, headers = in_parts([(MODELS, "", orjson.dumps([model])), *values])
        answer = web.post("/dicomweb/studies", content=body, headers=headers | owner.headers)
        assert answer.status_code in {200, 409}, answer.text
        for path in stored_at(answer):
            look_at(web, owner, path, number)
            kept += 1
    assert kept > 30


def test_spoiled_metadata_is_answered_and_what_is_kept_is_whole(
    web: TestClient, owner: Person
) -> None:
    with in_little_memory():
        store_all(web, owner, 0)


@pytest.mark.long
@pytest.mark.parametrize("piece", range(1, PIECES))
def test_much_more_spoiled_metadata_is(web: TestClient, owner: Person, piece: int) -> None:
    with in_little_memory():
        store_all(web, owner, piece)
