"""Spoiled deliveries and questions are answered by name: never 5xx, never late."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from cast import Person, multipart
from fuzzing import PIECES, chance, numbers, spoiled_bytes, spoiled_structure, survived
from kept import data_set, in_little_memory, look_at, soon, stored_at
from objects import a_file

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

DELIVERIES, QUESTIONS, OBJECTS = 2_000, 5_000, 5_000
BATCH = 25
KEYS = (
    "PatientName", "PatientID", "StudyDate", "StudyTime", "AccessionNumber", "ModalitiesInStudy",
    "StudyInstanceUID", "00100010", "00080020", "00081110.00081155", "RequestAttributesSequence",
    "limit", "offset", "includefield", "fuzzymatching", "7FE00010", "zzz", "", "PatientName.x",
)  # fmt: skip
VALUES = (
    "*", "?", "Berg*", "20200101-", "-20200101", "20200101-20190101", "99999999", "-1", "1e9",
    "all", "true", "1.2.3,4.5.6", "\\", "^^^=", "\u5c71\u7530", "\u202e", "\0", "'; --", "%", "[]",
    "a" * 300, "1" * 70, ",,,", "10,20", "\ud7ff", "2147483648", "00100010,00080020",
)  # fmt: skip
PATHS = ("studies", "series", "instances", "studies/1.2.3/series", "studies/1.2/series/3/instances")


def question(number: int) -> str:
    dice = chance("question", number)
    pairs = []
    for _ in range(dice.randint(1, 4)):
        key, value = dice.choice(KEYS), dice.choice(VALUES)
        if dice.random() < 0.3:
            value = "".join(chr(dice.choice((dice.randrange(128), dice.randrange(0xD7FF))))
                            for _ in range(dice.randint(0, 12)))  # fmt: skip
        raw = dice.random() < 0.1 and value.isascii() and value.isprintable()
        pairs.append(f"{quote(key)}={value if raw and '#' not in value else quote(value)}")
    return f"/dicomweb/{dice.choice(PATHS)}?{'&'.join(pairs)}"


def ask_all(web: TestClient, person: Person, piece: int) -> None:
    for number in numbers(QUESTIONS, piece):
        with soon(question(number)):
            answer = web.get(question(number), headers=person.headers)
        assert answer.status_code < 500, (number, question(number), answer.text)
    survived("questions", len(numbers(QUESTIONS, piece)), piece)


def delivery(number: int) -> tuple[bytes, dict[str, str]]:
    """Return a STOW request whose multipart body is spoiled in one to three places."""
    dice = chance("delivery", number)
    files = (a_file(at, study=1000 + number) for at in range(1, dice.randint(2, 4)))
    body, headers = multipart(*files)
    data = bytearray(body)
    for _ in range(dice.randint(1, 3)):
        at = (
            dice.randrange(min(len(data), 400))
            if dice.random() < 0.7
            else dice.randrange(len(data))
        )
        what = dice.randrange(4)
        if what == 0:
            data[at] = dice.randrange(256)
        elif what == 1:
            del data[at : at + dice.randint(1, 60)]
        elif what == 2:
            data[at:at] = dice.choice((b"\r\n", b"--", b"\r\n\r\n", b"\0" * 9, data[:90]))
        else:
            del data[at:]
        if not data:
            break
    if dice.random() < 0.2:
        kind = headers["Content-Type"]
        cut = dice.randrange(len(kind))
        headers["Content-Type"] = dice.choice((
            kind[:cut], kind.replace("boundary", "Boundary"), kind + "; boundary=x",
            kind.replace("multipart", "text"), kind.replace("/", ""), kind.replace("=", '="'),
        ))  # fmt: skip
    return bytes(data), headers


def deliver_all(web: TestClient, person: Person, piece: int) -> None:
    for number in numbers(DELIVERIES, piece):
        body, headers = delivery(number)
        with soon(number):
            answer = web.post("/dicomweb/studies", content=body, headers=headers | person.headers)
        assert answer.status_code < 500, (number, answer.text)
        for path in stored_at(answer):
            # A spoiled length may end the data set early: what lies behind it stays behind.
            assert data_set(look_at(web, person, path, number)) in body
    send(web, person, a_file(1, study=77))
    survived("deliveries", len(numbers(DELIVERIES, piece)), piece)


def store_all(web: TestClient, person: Person, piece: int) -> None:
    """Send spoiled objects by the batch, each with a good one at its end that must be kept."""
    wanted = numbers(OBJECTS, piece)
    for first in range(wanted.start, wanted.stop, BATCH):
        spoiled = [
            spoiled_bytes(number) if number % 2 else spoiled_structure(number)
            for number in range(first, min(first + BATCH, wanted.stop))
        ]
        with soon(first):
            kept = send(web, person, *spoiled, a_file(1, study=78))
        for at, path in enumerate(kept):
            look_at(web, person, path, first + at)
    survived("objects", len(wanted), piece)


def send(web: TestClient, person: Person, *files: bytes) -> list[str]:
    body, headers = multipart(*files)
    answer = web.post("/dicomweb/studies", content=body, headers=headers | person.headers)
    assert answer.status_code in {200, 202}, answer.text
    return stored_at(answer)


def test_spoiled_questions_are_answered(web: TestClient, owner: Person) -> None:
    send(web, owner, a_file(1), a_file(2))
    ask_all(web, owner, 0)


def test_spoiled_deliveries_are_answered(web: TestClient, owner: Person) -> None:
    with in_little_memory():
        deliver_all(web, owner, 0)


def test_spoiled_objects_cost_only_themselves(web: TestClient, owner: Person) -> None:
    with in_little_memory():
        store_all(web, owner, 0)


@pytest.mark.long
@pytest.mark.parametrize("piece", range(1, PIECES))
@pytest.mark.parametrize("kind", ["questions", "deliveries", "objects"])
def test_many_more_of_each_are(web: TestClient, owner: Person, kind: str, piece: int) -> None:
    send(web, owner, a_file(1), a_file(2))
    work = {"questions": ask_all, "deliveries": deliver_all, "objects": store_all}[kind]
    with in_little_memory():
        work(web, owner, piece)
