"""How are the tables emptied after a test that committed? Fast, and past the triggers.

Django's own way sends `post_migrate` after it, at which permissions and content types are
made and the rooms publish and install anew what they need: a quarter of a second, hundreds
of times. Here the rows and triggers are put back as they were before the first test.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker

import bases
from safelight.platform.database.triggers import installed

Rows = list[tuple[Any, ...]]


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Leave the databases: threads may still be connected, and the cluster goes as a whole."""
    return bases.ON_POSTGRES


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Remember how the databases were made, and put that back after each test."""
    with django_db_blocker.unblock():
        made = {alias: _Made.of(connections[alias]) for alias in connections}

    def put_back(case: Any) -> None:  # noqa: ANN401 (what Django does not tell of itself)
        for alias in case._databases_names(include_mirrors=False):
            made[alias].put_back(connections[alias])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", put_back)
        yield


@dataclass(frozen=True)
class _Made:
    """One database as the migrations leave it: rows by table, and what each trigger does."""

    tables: dict[str, Rows]
    triggers: dict[str, str]

    @classmethod
    def of(cls, connection: BaseDatabaseWrapper) -> _Made:
        names = connection.introspection.django_table_names(only_existing=True, include_views=False)
        with connection.cursor() as cursor:
            return cls({name: _rows(cursor, name) for name in names}, installed(connection))

    def put_back(self, connection: BaseDatabaseWrapper) -> None:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                for name in installed(connection):
                    cursor.execute(f"DROP TRIGGER {name}")
            else:
                # No trigger fires and no key is followed.
                cursor.execute("SET LOCAL session_replication_role = replica")
                for name in set(installed(connection)) - set(self.triggers):
                    cursor.execute(f"DROP FUNCTION {name} CASCADE")  # and the trigger that calls it
                assert installed(connection) == self.triggers
            for name, rows in self.tables.items():
                if _rows(cursor, name) != rows:
                    _refill(cursor, name, rows)
            if connection.vendor == "sqlite":
                for made in self.triggers.values():
                    cursor.execute(made)


def _rows(cursor: CursorWrapper, table: str) -> Rows:
    cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
    found: Rows = cursor.fetchall()
    return found


def _refill(cursor: CursorWrapper, table: str, rows: Rows) -> None:
    cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608
    if rows:
        places = ", ".join(["%s"] * len(rows[0]))
        cursor.executemany(f'INSERT INTO "{table}" VALUES ({places})', rows)  # noqa: S608
