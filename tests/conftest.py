"""What every test stands on: a data folder and a root key of its own."""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import django
import hypothesis
import pytest
from django.conf import settings
from django.test import override_settings
from xdist.remote import Producer

import bases
from flushing import django_db_keepdb, django_db_setup  # noqa: F401 (fixtures)
from spreading import ByFile

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
# A busy machine may be slow; what hangs is ended by pytest's own limit.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")
PRODUCT_HASHERS = settings.PASSWORD_HASHERS
settings.PASSWORD_HASHERS = ["hashing.OncePerPassword"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is proved on both pairs of bases."""
    bases.mark(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Let each process that shares the tests read the settings of a folder of its own."""
    del os.environ["DJANGO_SETTINGS_MODULE"]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    """Share out whole files."""
    return ByFile(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown() -> None:
    """Let no picture shown in a test be counted once its database is taken down."""
    looks = sys.modules.get("safelight.exchange.release.viewing.looks")
    if looks is None:
        return
    opened = looks._open_looks
    with opened._lock:
        opened._pictures.clear()
        opened._timer = None
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer) and thread.function == opened._write_down_later:
            thread.cancel()
            thread.join(5)


@pytest.fixture(autouse=True)
def nothing_is_counted_afterwards() -> Iterator[None]:
    """Let no counter of a test be written down when the next one has begun."""
    yield
    from safelight.records.accounts.allowances import forget  # noqa: PLC0415 (after set-up)

    forget()


@pytest.fixture
def hashing_each_time() -> Iterator[None]:
    """Hash each password anew, as the product does."""
    with override_settings(PASSWORD_HASHERS=PRODUCT_HASHERS):
        yield
