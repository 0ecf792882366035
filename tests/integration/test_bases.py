"""Does one code serve two pairs of bases: SQLite and a folder, PostgreSQL and S3?

Each test runs on the pair that the run of the tests was told to use.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import bases
import seaweed
from asking import address
from cast import multipart
from objects import a_file, uid
from server import Server, copied

pytestmark = pytest.mark.server

_MIGRATE = """
from django.apps import apps
from django.core.management import call_command
from django.db import connections
from safelight.exchange.release.on_paper.triggers import TRIGGERS as ON_PAPER
from safelight.exchange.release.reports.triggers import TRIGGERS as REPORTS
from safelight.exchange.release.triggers import TRIGGERS as RELEASE
from safelight.platform.audit.triggers import TRIGGERS as AUDIT
from safelight.platform.database.triggers import missing
from safelight.records.accounts.representative_triggers import TRIGGERS as ACCOUNTS

ours = [each.label for each in apps.get_app_configs() if each.name.startswith("safelight.")]
migrated = [label for label in ours if apps.get_app_config(label).models_module]

def show():
    tables = [
        name for each in connections.all() for name in each.introspection.table_names()
        if name.partition("_")[0] in ours
    ]
    kept = (*AUDIT, *RELEASE, *ON_PAPER, *REPORTS, *ACCOUNTS)
    print(len(tables) > 0, missing(connections["default"], kept) == [])

show()
for label in migrated:
    for alias in connections:
        call_command("migrate", label, "zero", database=alias, verbosity=0)
show()
for alias in connections:
    call_command("migrate", database=alias, verbosity=0)
show()
"""
_REMOVE = """
from safelight.exchange.access.parties import party_of
from safelight.exchange.release.remove import remove
from safelight.kernel import clock
from safelight.records.accounts.actors import actor_of_account
from safelight.records.accounts.models import Account
from safelight.records.imaging.models import Study
from dataclasses import replace

party = replace(party_of(actor_of_account(Account.objects.get())), second_factor=True)
remove(party, Study.objects.get().id, at=clock.now())
"""


_UPKEEP = """
from safelight.kernel import clock
from safelight.records.imaging.store import store
from safelight.records.imaging.upkeep.compaction import compact
from safelight.records.imaging.upkeep.sweep import sweep

SOON = -3600  # so that nothing is too young
print(len(dict(store().idle(idle_for=SOON))), sum(each.moved for each in compact(idle_for=SOON)))
swept = sweep(at=clock.now(), idle_for=SOON)
print(swept.packs, len(swept.missing), len(dict(store().idle(idle_for=SOON))))
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Server:
    folder = tmp_path_factory.mktemp("template")
    made = Server(folder / "data", folder / "keys" / "root.key", env=bases.fresh())
    made.init()
    made.token = made.add_person()
    return made


@pytest.fixture
def server(template: Server, tmp_path: Path) -> Iterator[Server]:
    made = copied(template, tmp_path)
    made.env, made.log = bases.fresh(like=template.env), tmp_path / "log"
    yield made
    made.kill()


def store(server: Server, *files: bytes) -> int:
    body, headers = multipart(*files)
    return server.request("POST", "/dicomweb/studies", body, headers).status


def run(server: Server, code: str) -> str:
    """Run Python beside the server, on the same instance."""
    settings = {
        "SAFELIGHT_DATA": str(server.data),
        "SAFELIGHT_ROOT_KEY_FILE": str(server.key),
        "DJANGO_SETTINGS_MODULE": "safelight.config.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", f"import django\ndjango.setup()\n{code}"],
        env=os.environ | server.env | settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_instance_lives_through_its_first_day_and_a_crash(server: Server) -> None:
    server.start()
    assert store(server, a_file(1), a_file(2)) == 200
    server.kill()
    server.start()
    assert store(server, a_file(2), a_file(3)) == 200
    assert len(json.loads(server.get("/dicomweb/studies").body)) == 1
    for number in (1, 2, 3):
        assert server.get(address(number=number), "application/dicom").body == a_file(number)
    deadline = time.monotonic() + 60
    while server.run("audit", "verify", "--data", str(server.data)).returncode:
        assert time.monotonic() < deadline, "the worker did not put the record in order"
    server.stop()

    upgraded = server.run("upgrade", "--data", str(server.data))
    assert upgraded.returncode == 0, upgraded.stderr
    told = server.run("doctor", "--data", str(server.data)).stdout
    assert "ok      the databases are in this version's form" in told
    assert "ok      the record is whole" in told
    assert "ok      the store of pictures takes and gives" in told
    assert bool(list(server.data.glob("packs/*/*/*.pack"))) != bases.ON_POSTGRES
    written = (server.data / "safelight.toml").read_text()
    assert ("database_url" in written) == bases.ON_POSTGRES


def test_migrations_go_back_to_nothing_and_forward_again(server: Server) -> None:
    assert run(server, _MIGRATE).splitlines() == ["True True", "False False", "True True"]
    server.start()
    assert server.get("/dicomweb/studies").status == 401  # the people went with their tables


def test_two_web_processes_take_in_the_same_exam_at_once(server: Server) -> None:
    other = Server(server.data, server.key, token=server.token, env=server.env, log=server.log)
    server.start()
    other.start()
    try:
        with ThreadPoolExecutor(4) as senders:
            files = [a_file(number, series=number % 3 + 1) for number in range(1, 13)]
            batches = [files, files[::-1], files[6:] + files[:6], files[::2]]
            answers = list(
                senders.map(lambda where, files: store(where, *files), [server, other] * 2, batches)
            )
        assert answers == [200] * 4
        found = json.loads(server.get(f"/dicomweb/studies/{uid(1)}/instances").body)
        assert len(found) == len(files)

        # What one process takes back, the others stop giving with the next request.
        assert other.get(f"/dicomweb/studies/{uid(1)}/metadata").status == 200
        run(server, _REMOVE)
        assert other.get(f"/dicomweb/studies/{uid(1)}/metadata").status == 404
        assert server.get(f"/dicomweb/studies/{uid(1)}/metadata").status == 404
    finally:
        other.kill()


def test_packs_are_regrouped_and_swept_under_a_running_server(server: Server) -> None:
    server.start()
    for number in range(1, 3):
        assert store(server, a_file(number)) == 200
        server.kill()
        server.start()
    assert store(server, a_file(3)) == 200
    # In a folder, the pack that the server still writes is left alone; an object is complete.
    packs = 3 if bases.ON_POSTGRES else 2
    assert run(server, _UPKEEP).splitlines() == [f"{packs} {packs}", f"{packs} 0 1"]
    for number in range(1, 4):
        assert server.get(address(number=number), "application/dicom").body == a_file(number)


def test_without_its_store_nothing_is_acknowledged_and_what_is_known_is_still_found(
    server: Server, tmp_path: Path
) -> None:
    objects = seaweed.start()
    server.env |= {
        "SAFELIGHT_STORE_URL": objects.url("gone"),
        "SAFELIGHT_STORE_ACCESS_KEY": seaweed.ACCESS_KEY,
        "SAFELIGHT_STORE_SECRET_KEY": seaweed.SECRET_KEY,
    }
    server.start()
    assert store(server, a_file(1)) == 200
    objects.stop()

    assert store(server, a_file(1), a_file(2)) == 503
    assert len(json.loads(server.get(f"/dicomweb/studies/{uid(1)}/instances").body)) == 1
    assert server.get(address(number=2), "application/dicom").status == 404
    assert server.get("/readyz").status == 200
    server.kill()
    server.start()  # what the process remembered of the first object is gone with it
    assert server.get(address(number=1), "application/dicom").status == 503
    told = server.run("doctor", "--data", str(server.data)).stdout
    assert "MEND IT the store of pictures" in told
    assert seaweed.SECRET_KEY not in told + server.log.read_text()
    assert not [
        path
        for path in server.data.rglob("*")
        if path.is_file() and seaweed.SECRET_KEY.encode() in path.read_bytes()
    ]
