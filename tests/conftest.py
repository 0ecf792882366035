"""What every test stands on: a data folder and a root key of its own."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import django
import pytest
from django.db import connection

import bases
from flushing import _delete_instead_of_truncating, django_db_keepdb  # noqa: F401 (fixtures)

if TYPE_CHECKING:
    from collections.abc import Iterator

_folder = Path(tempfile.mkdtemp(prefix="safelight-tests-"))
_key = _folder / "root.key"
_key.write_text(secrets.token_hex(32) + "\n")
_key.chmod(0o400)
(_folder / "data").mkdir()
# Settings are read at import, so they may be named only after the folder is known:
# were they named in pyproject.toml, pytest-django would read them before this file.
os.environ["SAFELIGHT_DATA"] = str(_folder / "data")
os.environ["SAFELIGHT_ROOT_KEY_FILE"] = str(_key)
os.environ.update(bases.fresh())
os.environ["SAFELIGHT_PUBLIC_URL"] = "http://localhost:8000"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safelight.config.settings")
# pytest-django sets Django up only when somebody has touched the settings before it.
django.setup()

from safelight.platform.database.triggers import installed  # noqa: E402 (Django must be set up first)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is proved on both pairs of bases."""
    bases.mark(items)


@pytest.fixture(autouse=True)
def _append_only_tables_can_be_emptied(
    request: pytest.FixtureRequest, _django_db_marker: None
) -> Iterator[None]:
    """Drop the triggers after a transactional test; emptying the tables puts them back.

    Django empties every table after such a test, which append-only tables refuse,
    and then sends `post_migrate`, at which the rooms install their triggers again.
    """
    yield
    marker = request.node.get_closest_marker("django_db")
    is_transactional = marker is not None and marker.kwargs.get("transaction")
    if is_transactional or "transactional_db" in request.fixturenames:
        with connection.cursor() as cursor:
            for name in installed(connection):
                if connection.vendor == "sqlite":
                    cursor.execute(f"DROP TRIGGER {name}")
                else:
                    cursor.execute(f"DROP FUNCTION {name} CASCADE")
