"""The cable to the database is pulled: who asks is told at once, not after a quarter of an hour.

A network of its own stands in for the cable, so this needs an administrator. Its one wire is
put down: no packet gets through, and nobody says so.
"""

from __future__ import annotations

import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

import bases
import namespaces
from figures import figure
from relay import Relay

pytestmark = [pytest.mark.server, pytest.mark.bases, pytest.mark.postgres_server]

HERE, THERE = "10.213.7.1", "10.213.7.2"
GIVEN_UP_WITHIN = 4.0  # seconds
_ASKS = """
import os, sys, time
from pathlib import Path
import django
from django.conf import settings
from safelight.config.databases import databases
settings.configure(DATABASES=databases(Path("."), sys.argv[1], sys.argv[2]))
django.setup()
from django.db import OperationalError, connection
connection.ensure_connection()
print("connected", flush=True)
sys.stdin.readline()
for _ in range(2):  # over the connection that stands, and over a new one
    began = time.monotonic()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        print("answered", flush=True)
    except OperationalError:
        print(time.monotonic() - began, flush=True)
    connection.close()
sys.stdin.readline()
with connection.cursor() as cursor:
    cursor.execute("SELECT 1")
print("answered", flush=True)
"""


@dataclass
class Cable:
    """A wire between this machine and a network of its own."""

    network: str
    end: str

    def put(self, how: str) -> None:
        run("ip", "link", "set", self.end, how)


def run(*words: str) -> None:
    subprocess.run([shutil.which(words[0]) or words[0], *words[1:]], check=True)


@pytest.fixture
def cable() -> Iterator[Cable]:
    if not namespaces.can_be_made():
        pytest.skip("only an administrator can lay a cable")
    name = f"sl{secrets.token_hex(3)}"
    with ExitStack() as until_the_end:
        run("ip", "netns", "add", name)
        until_the_end.callback(run, "ip", "netns", "del", name)
        run("ip", "link", "add", f"{name}a", "type", "veth", "peer", f"{name}b", "netns", name)
        run("ip", "addr", "add", f"{HERE}/30", "dev", f"{name}a")
        run("ip", "-n", name, "addr", "add", f"{THERE}/30", "dev", f"{name}b")
        run("ip", "-n", name, "link", "set", f"{name}b", "up")
        made = Cable(name, f"{name}a")
        made.put("up")
        yield made


def test_a_database_behind_a_pulled_cable_is_given_up_at_once(cable: Cable) -> None:
    bases.cluster().create("behind")
    bases.cluster().create("behind_keys")
    relay = Relay((HERE, 0), str(bases.cluster().folder / ".s.PGSQL.5432"))
    urls = [f"postgresql://safelight@{HERE}:{relay.place[1]}/behind{end}" for end in ("", "_keys")]
    asking = subprocess.Popen(
        ["ip", "netns", "exec", cable.network, sys.executable, "-c", _ASKS, *urls],  # noqa: S607
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert asking.stdin is not None
    assert asking.stdout is not None
    try:
        assert asking.stdout.readline() == "connected\n"
        cable.put("down")
        asking.stdin.write("\n")
        asking.stdin.flush()
        for _ in range(2):
            assert float(asking.stdout.readline()) < GIVEN_UP_WITHIN
        cable.put("up")
        said, _ = asking.communicate("\n", timeout=60)
        assert said == "answered\n"
    finally:
        asking.kill()
        asking.communicate()
        relay.close()
    figure("faults.made.cable-pulled", 1, "partitions")
