"""An instance of its own, in other processes: what a crash or a second worker needs."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

import bases

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SET_UP = "import django; django.setup()\n"
_MIGRATE = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("migrate", database="keys", verbosity=0)
from safelight.platform.keys.ring import ring
ring()
"""


@dataclass
class Instance:
    """A data folder, a root key, and processes that use them."""

    folder: Path
    bases: dict[str, str] = field(default_factory=dict)
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, code: str) -> subprocess.Popen[str]:
        """Start Python on `code`, after Django is set up for this instance."""
        process = subprocess.Popen(
            [sys.executable, "-c", _SET_UP + textwrap.dedent(code)],
            env=os.environ
            | self.bases
            | {
                "SAFELIGHT_DATA": str(self.folder / "data"),
                "SAFELIGHT_ROOT_KEY_FILE": str(self.folder / "root.key"),
                "SAFELIGHT_EMAIL_URL": f"file://{self.folder / 'mail'}",
                "DJANGO_SETTINGS_MODULE": "safelight.config.settings",
            },
            cwd=self.folder,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.started.append(process)
        return process

    def run(self, code: str) -> str:
        """Run `code` to its end and return what it printed."""
        process = self.start(code)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        return out

    def database(self) -> Any:  # noqa: ANN401 (a connection of either driver)
        """Open the database as a thief or an operator would: with its driver alone."""
        if url := self.bases.get("SAFELIGHT_DATABASE_URL"):
            return psycopg.connect(url, autocommit=True)
        connection = sqlite3.connect(self.folder / "data" / "safelight.sqlite3", timeout=20)
        connection.isolation_level = None
        return connection


@pytest.fixture(scope="session")
def _fresh_instance(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    folder = tmp_path_factory.mktemp("instance")
    (folder / "data").mkdir()
    (folder / "root.key").write_text(secrets.token_hex(32) + "\n")
    (folder / "root.key").chmod(0o400)
    made = Instance(folder, bases.fresh())
    made.run(_MIGRATE)
    return made


@pytest.fixture
def instance(_fresh_instance: Instance, tmp_path: Path) -> Iterator[Instance]:
    """Give a fresh instance, and end what it started."""
    folder = tmp_path / "instance"
    shutil.copytree(_fresh_instance.folder, folder)
    made = Instance(folder, bases.fresh(like=_fresh_instance.bases))
    yield made
    for process in made.started:
        if process.poll() is None:
            process.kill()
        # Shown by pytest when the test failed.
        sys.stdout.writelines(process.communicate())
