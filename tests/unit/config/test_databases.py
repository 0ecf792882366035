"""Which databases does a setting name, and what of it may be written down?"""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from safelight.config.databases import databases
from safelight.platform.database.urls import without_secret

DATA = Path("/srv/safelight")
URL = "postgresql://anna:s%40cret@db.example:5433/safe?sslmode=verify-full"


def test_without_a_word_both_are_files_of_the_data_folder() -> None:
    made = databases(DATA, "", "")
    assert {alias: each["NAME"] for alias, each in made.items()} == {
        "default": DATA / "safelight.sqlite3",
        "keys": DATA / "keys.sqlite3",
    }
    assert all(each["OPTIONS"]["transaction_mode"] == "IMMEDIATE" for each in made.values())


def test_the_key_store_is_the_database_beside_it() -> None:
    made = databases(DATA, URL, "")
    assert [made[alias]["NAME"] for alias in ("default", "keys")] == ["safe", "safe_keys"]
    for each in made.values():
        assert (each["USER"], each["PASSWORD"]) == ("anna", "s@cret")
        assert (each["HOST"], each["PORT"]) == ("db.example", "5433")
        assert each["OPTIONS"]["sslmode"] == "verify-full"
        assert "synchronous_commit=on" in each["OPTIONS"]["options"]
        assert each["OPTIONS"]["tcp_user_timeout"] == "2000"
    patient = databases(DATA, URL + "&tcp_user_timeout=9000", "")
    assert patient["default"]["OPTIONS"]["tcp_user_timeout"] == "9000"


def test_a_socket_is_named_in_the_query_and_a_password_apart() -> None:
    made = databases(DATA, "postgresql:///safe?host=%2Frun%2Fpg", "postgresql://b@k/keys", "apart")
    assert made["default"]["HOST"] == "/run/pg"
    assert (made["keys"]["HOST"], made["keys"]["NAME"]) == ("k", "keys")
    assert {each["PASSWORD"] for each in made.values()} == {"apart"}


@pytest.mark.parametrize(
    ("url", "keys_url"),
    [
        ("mysql://host/name", ""),
        ("postgresql://host", ""),
        ("", "postgresql://host/keys"),
        ("postgresql://host/same", "postgresql://host/same"),
    ],
)
def test_what_cannot_be_meant_is_refused(url: str, keys_url: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        databases(DATA, url, keys_url)


@pytest.mark.parametrize(
    ("url", "written"),
    [
        (URL, "postgresql://anna@db.example:5433/safe?sslmode=verify-full"),
        ("postgresql://db/safe?password=s3cret&host=h", "postgresql://db/safe?host=h"),
        ("postgresql:///safe", "postgresql:///safe"),
        ("s3://bucket/p?endpoint=https://s3", "s3://bucket/p?endpoint=https://s3"),
    ],
)
def test_what_is_written_down_holds_no_password(url: str, written: str) -> None:
    assert without_secret(url) == written
