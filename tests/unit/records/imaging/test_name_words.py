"""Does a fuzzy name open only what can match, and is what lay there before found as well?"""

from __future__ import annotations

from itertools import count

import pytest
from django.core.management import call_command
from starlette.testclient import TestClient

from asking import store
from cast import Person
from objects import a_file, uid
from safelight.dicom.search.matching import Key
from safelight.exchange.release.viewing.candidates import candidates
from safelight.records.imaging import name_words
from safelight.records.imaging.models import SearchToken, Vault, WordsToAdd
from safelight.records.imaging.name_words import add_words
from stage import owner, web

__all__ = ["owner", "web"]

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

NAMES = ["Berg^Anna Maria", "Bergmann^Otto", "Annaberg^Eva", "山田^太郎", "Lindberg^Anna"]


@pytest.fixture
def filled(web: TestClient, owner: Person) -> TestClient:
    files = [
        a_file(1, study=number, PatientName=name, PatientID=f"P{number}")
        for number, name in enumerate(NAMES)
    ]
    store(web, owner, *files)
    return web


def opened(wanted: str, *, fuzzy: bool = True) -> int:
    """Count the studies that must be opened to answer."""
    keys = [Key(("00100010",), wanted)]
    return len(list(candidates(Vault.objects.get().id, keys, fuzzy=fuzzy)))


def found(web: TestClient, person: Person, wanted: str) -> list[int]:
    query = {"PatientName": wanted, "fuzzymatching": "true"}
    got = web.get("/dicomweb/studies", params=query, headers=person.headers)
    uids = [each["0020000D"]["Value"][0] for each in got.json()] if got.content else []
    return sorted(number for number in range(len(NAMES)) if uid(number) in uids)


EXPECTED = {
    "anna": [0, 2, 4],
    "anna berg": [0],
    "mar be": [0],
    "太郎": [3],
    "nobody": [],
    "*berg*": [0, 1],
}


def test_only_names_that_have_such_words_are_opened(filled: TestClient, owner: Person) -> None:
    for wanted, numbers in EXPECTED.items():
        assert found(filled, owner, wanted) == numbers, wanted
        assert opened(wanted) == len(numbers), wanted
    assert opened("*^anna*", fuzzy=False) == 3
    assert opened("*berg*", fuzzy=False) == len(NAMES)


def test_exams_of_an_older_version_are_found_before_and_after_they_have_their_words(
    filled: TestClient, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = SearchToken.objects.count()
    call_command("migrate", "imaging", "0005", verbosity=0)
    SearchToken.objects.all().delete()
    call_command("migrate", verbosity=0)
    assert WordsToAdd.objects.get().after is None
    assert opened("anna") == len(NAMES)
    for wanted, numbers in EXPECTED.items():
        assert found(filled, owner, wanted) == numbers, wanted

    monkeypatch.setattr(name_words, "_AT_ONCE", 2)
    calls = count()
    assert add_words(lambda: next(calls) > 0) == 2  # stopped after the first batch
    assert WordsToAdd.objects.get().after is not None
    assert found(filled, owner, "anna") == EXPECTED["anna"]
    assert add_words() == len(NAMES) - 2
    assert not WordsToAdd.objects.exists()
    assert 0 < SearchToken.objects.count() < words
    for wanted, numbers in EXPECTED.items():
        assert found(filled, owner, wanted) == numbers, wanted
        assert opened(wanted) == len(numbers), wanted
    assert add_words() == 0


def test_an_empty_archive_needs_no_words() -> None:
    call_command("migrate", "imaging", "0005", verbosity=0)
    call_command("migrate", verbosity=0)
    assert not WordsToAdd.objects.exists()
