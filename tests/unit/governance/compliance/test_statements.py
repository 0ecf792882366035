"""The privacy statement: one version holds, its text is what was published, and who accepted."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from accepting import CURRENT
from safelight.governance.compliance import statements
from safelight.governance.compliance.actions import Circumstances, accept, publish_shipped
from safelight.governance.compliance.errors import (
    StatementSupersededError,
    StatementTamperedError,
)
from safelight.governance.compliance.models import Acceptance, StatementVersion
from safelight.governance.compliance.queries import (
    current_statement,
    has_accepted_current,
    published_text,
    statement,
    tampered_statements,
)
from safelight.governance.compliance.triggers import TRIGGERS
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.models import Entry
from safelight.platform.database.triggers import take_away
from safelight.records.accounts.models import Account, Kind, State

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

HERE = Circumstances("session/1", "203.0.113.7")


@pytest.fixture
def person() -> Account:
    return Account.objects.create(kind=Kind.INDIVIDUAL, state=State.ACTIVE, name="Ada Owner")


def test_the_newest_version_is_in_effect_and_each_published_once() -> None:
    publish_shipped()

    version = current_statement(at=clock.now())
    assert version.number == CURRENT
    assert StatementVersion.objects.count() == len(statements.SHIPPED)
    assert statements.sha256_of(published_text(version).text) == version.sha256


def test_an_acceptance_says_which_text_when_and_in_which_session(person: Account) -> None:
    at = clock.now()
    kept = accept(person, CURRENT, HERE, at=at)

    assert kept.sha256 == current_statement(at=at).sha256
    assert (kept.accepted_at, kept.locale, kept.session) == (at, "en", "session/1")
    assert kept.origin == "203.0.113.7"
    assert has_accepted_current(person.pk, at=at)
    assert Entry.objects.filter(kind="statement.accepted").count() == 1


def test_accepting_twice_leaves_one_row_and_one_event(person: Account) -> None:
    accept(person, CURRENT, HERE, at=clock.now())
    accept(person, CURRENT, HERE, at=clock.now() + timedelta(days=1))

    assert Acceptance.objects.count() == 1
    assert Entry.objects.filter(kind="statement.accepted").count() == 1


def test_another_version_than_the_current_one_cannot_be_accepted(person: Account) -> None:
    with pytest.raises(StatementSupersededError):
        accept(person, CURRENT - 1, HERE, at=clock.now())
    assert not Acceptance.objects.exists()


def test_a_later_version_asks_again_and_the_old_one_stays_readable(person: Account) -> None:
    accept(person, CURRENT, HERE, at=clock.now())
    StatementVersion.objects.create(
        number=len(statements.SHIPPED) + 1,
        sha256="0" * 64,
        effective_at=clock.now() + timedelta(days=30),
        summary="More of the same.",
        is_material=True,
    )

    assert has_accepted_current(person.pk, at=clock.now())
    assert not has_accepted_current(person.pk, at=clock.now() + timedelta(days=31))
    assert published_text(statement(1))


def test_a_text_that_was_changed_is_neither_shown_nor_accepted(person: Account) -> None:
    take_away(connection, TRIGGERS)
    StatementVersion.objects.update(sha256=statements.sha256_of("something else"))
    assert tampered_statements() == [each.number for each in statements.SHIPPED]

    with pytest.raises(StatementTamperedError):
        accept(person, CURRENT, HERE, at=clock.now())
    answer = Client().get(f"/statement/{CURRENT}/")
    assert answer.status_code == 503
    assert "Your pictures are yours" not in answer.content.decode()


@pytest.mark.parametrize("act", ["update", "delete"])
def test_a_published_version_stays_as_it_is(act: str) -> None:
    rows = StatementVersion.objects.filter(number=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        _ = rows.update(summary="Something else.") if act == "update" else rows.delete()


def test_one_acceptance_per_version_is_kept_by_the_database(person: Account) -> None:
    kept = accept(person, CURRENT, HERE, at=clock.now())
    kept.pk = None

    with pytest.raises(IntegrityError), transaction.atomic():
        Acceptance.objects.create(
            account=person,
            version=kept.version,
            sha256=kept.sha256,
            accepted_at=clock.now(),
            locale="en",
            session="",
            origin="",
        )


def test_anybody_reads_the_statement_and_any_version_by_its_number() -> None:
    page = Client().get("/statement/").content.decode()

    assert "<h1>How we keep your pictures, and your say in it</h1>" in page
    assert "<b>Express Consent</b>" in page
    assert Client().get("/statement/1/").status_code == 200
    assert Client().get("/statement/9/").status_code == 404
    with pytest.raises(NotFoundError):
        statement(9)


@pytest.mark.parametrize("number", [each.number for each in statements.SHIPPED])
def test_the_statement_is_short_and_plain(number: int) -> None:
    text = statements.text_of(number)
    assert text.startswith("# ")
    assert f"This is version {number}." in text
    words = re.findall(r"[A-Za-z']+", text)
    sentences = [part for part in re.split(r"[.:;?]\s|\n\n|\n-", text) if part.strip()]
    syllables = sum(
        max(1, len(re.findall(r"[aeiouy]+", re.sub(r"e$", "", word.lower())))) for word in words
    )
    grade = 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59

    assert 900 <= len(words) <= 1400
    assert grade < 8


def test_a_shipped_text_is_read_from_its_own_file(tmp_path: Path) -> None:
    (tmp_path / "0007.md").write_text("# Seven\n", encoding="utf-8")

    assert statements.text_of(7, folder=tmp_path) == "# Seven\n"
    assert statements.SHIPPED[0].effective_at < datetime(2026, 6, 1, tzinfo=UTC)


def test_the_models_and_the_migrations_agree() -> None:
    call_command("makemigrations", "compliance", check=True, dry_run=True)
