"""Does a reader of the record keep searches that are their own, sealed, and recorded when run?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from acting import make_staff
from cast import make_person
from powers import browser_for, make_runner
from safelight.governance.trail import searches
from safelight.governance.trail.models import SavedSearch
from safelight.kernel import clock
from safelight.kernel.ids import new_id, to_text
from safelight.platform.audit.models import Entry
from safelight.records.accounts.models import Kind, StaffRole

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
WHO = f"account/{new_id()}"


@pytest.fixture
def official() -> Client:
    return browser_for(make_runner("Paula Official", StaffRole.PRIVACY_OFFICIAL).person)


def keep(browser: Client, name: str, **fields: str) -> int:
    return browser.post(reverse("trail-search-save"), {"name": name, **fields}).status_code


def run(search: SavedSearch) -> str:
    return reverse("trail-search", args=[to_text(search.pk)])


def test_a_search_is_kept_listed_run_replaced_and_deleted(official: Client) -> None:
    assert keep(official, "What Mrs. Moss did", actor=WHO, outcome="denied") == 302
    (search,) = SavedSearch.objects.all()
    page = official.get(reverse("trail")).content.decode()
    assert "What Mrs. Moss did" in page
    read = Entry.objects.filter(kind="audit.read").count()
    went = official.get(run(search))
    assert went.status_code == 302
    assert "outcome=denied" in went["Location"]
    assert str(WHO).partition("/")[2] in went["Location"]
    assert "Moss" not in went["Location"]
    assert official.get(went["Location"]).status_code == 200
    assert Entry.objects.filter(kind="audit.read").count() == read + 1

    assert keep(official, "what mrs. moss DID", kind="study.shared") == 302
    (search,) = SavedSearch.objects.all()
    assert "kind=study.shared" in official.get(run(search))["Location"]
    end = reverse("trail-search-delete", args=[to_text(search.pk)])
    assert official.post(end).status_code == 302
    assert official.post(end).status_code == 404
    assert official.get(run(search)).status_code == 404
    kinds = ["audit.search-saved", "audit.search-deleted"]
    assert [Entry.objects.filter(kind=each).count() for each in kinds] == [2, 1]


def test_nothing_of_it_is_readable_at_rest_and_no_person_is_named_in_it(official: Client) -> None:
    assert keep(official, "What Mrs. Moss did", actor=WHO) == 302
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, fields FROM trail_savedsearch")
        row = b" ".join(bytes(each) for each in cursor.fetchone())
    assert b"Moss" not in row
    assert b"account/" not in row
    assert not Entry.objects.filter(text__contains="Mrs. Moss").exists()
    assert keep(official, "by name", actor="Mona Moss") == 422
    assert keep(official, "by address", subject="mona@moss.example") == 422
    assert keep(official, "   ") == 422
    assert keep(official, "x" * 81) == 422
    assert SavedSearch.objects.count() == 1


def test_the_last_days_are_counted_from_each_run(official: Client) -> None:
    assert keep(official, "Week", days="7", since="2020-01-01", until="2020-01-02") == 302
    where = official.get(run(SavedSearch.objects.get()))["Location"]
    assert f"since={clock.now() - timedelta(days=6):%Y-%m-%d}" in where
    assert "until" not in where
    assert "2020" not in where


def test_it_is_its_readers_alone_and_who_reads_nothing_keeps_nothing(official: Client) -> None:
    assert keep(official, "Mine alone") == 302
    search = SavedSearch.objects.get()
    end = reverse("trail-search-delete", args=[to_text(search.pk)])
    for other in (
        browser_for(make_runner("Axel Auditor", StaffRole.AUDITOR).person),
        browser_for(make_staff("Otis Officer")),
    ):
        assert "Mine alone" not in other.get(reverse("trail")).content.decode()
        assert other.get(run(search)).status_code == 404
        assert other.post(end).status_code == 404
        assert keep(other, "Theirs") == 302
    nosy = browser_for(make_person("Nosy Nora", Kind.INDIVIDUAL))
    assert keep(nosy, "x") == 404
    assert nosy.get(run(search)).status_code == 404
    assert SavedSearch.objects.count() == 3


def test_there_are_so_many_at_most(official: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searches, "MOST", 3)
    for number in range(3):
        assert keep(official, f"number {number}") == 302
    assert keep(official, "one more") == 422
    assert keep(official, "number 2", outcome="ok") == 302
    assert SavedSearch.objects.count() == 3
