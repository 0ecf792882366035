"""Do the migrations of the newer rooms go back and forth while rows are there?

Back to each room's first form and forward again, one migration at a time: what was kept
before a migration is still there after it was taken back and made again. The rows come
from real acts; those of what nobody brings about quickly are written as the room does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import bases
from accepting import CURRENT
from server import Server

pytestmark = pytest.mark.server

TESTS = Path(__file__).parent.parent
ROOMS = (
    "access",
    "agreements",
    "compliance",
    "compromise",
    "partners",
    "recovery",
    "review",
    "trail",
    "transfer",
    "watch",
)
_ROWS = """
import datetime, pathlib, sys
from django.db import transaction
from acting import make_staff
from cast import make_person, party_of_person
from matrix.operating import put_alert, put_item, put_search, put_watched
from partnering import a_bond, a_certificate, a_house, a_partner, agree
from safelight.exchange.access.mode import Mode, set_mode
from safelight.governance.compromise.models import Way
from safelight.governance.compromise.reporting import report
from safelight.governance.recovery.models import Drill, JournalTip
from safelight.governance.watch.models import AlertEntry, Cursor, Decoy, Incident, IncidentStep
from safelight.governance.watch.models import Measure, Seen
from safelight.exchange.release.transfer.models import Transfer, TransferItem
from safelight.kernel import clock
from safelight.kernel.ids import new_id
from safelight.records.accounts.models import Kind

at = clock.now()
house = a_house()
partner = a_partner(house)
a_bond(house, partner, a_certificate(pathlib.Path(sys.argv[1])))
today = at.date()
agree(house, partner, "baa", today, today + datetime.timedelta(days=30))
for mode in (Mode.READ_ONLY, Mode.NORMAL):
    with transaction.atomic():
        set_mode(mode, "An exercise", actor="operator", at=at)
report(make_person("Pat Person", Kind.INDIVIDUAL).account.pk, Way.SESSION, at=at)
IncidentStep.objects.create(
    incident=Incident.objects.get(), state="closed", outcome="no-breach", by="x", at=at, words="w"
)
put_alert("account/x"), put_item(), put_search(), put_watched()
Cursor.objects.create(seq=1, read_at=at)
Seen.objects.create(rule="D1", key="network/n", what="failed", other="o", at=at, seq=1)
Decoy.objects.create(name="study/x", planted_at=at)
sending = Transfer.objects.create(
    vault_id=new_id(), study_id=new_id(), organization_id=house.organization_id,
    connection_id=new_id(), ordered_by="account/x", ordered_at=at, wanted=1, changed_at=at,
)
TransferItem.objects.create(transfer=sending, number=1, instance_id=new_id())
JournalTip.objects.create(begun="b", seq=3)
Drill.objects.create(
    at=at, backup_id="b", passed=True, lost_seconds=1, took_seconds=1.5, exams=2, note="{}"
)
"""
_BACK_AND_FORTH = """
import json
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

ROOMS = %r

def counts(room):
    with connection.cursor() as cursor:
        found = {}
        for name in sorted(connection.introspection.table_names()):
            if name.startswith(room + "_"):
                cursor.execute('SELECT count(*) FROM "%%s"' %% name)
                found[name] = cursor.fetchone()[0]
        return found

def move(room, name):
    call_command("migrate", room, name, verbosity=0)

said = {}
for room in ROOMS:
    graph = MigrationLoader(connection).graph
    names = sorted(name for label, name in graph.nodes if label == room)
    before = counts(room)
    left = before
    for name in reversed(names[:-1]):
        move(room, name)
        left = {table: count for table, count in left.items() if table in counts(room)}
        assert {table: counts(room)[table] for table in left} == left, (room, name)
    # Tables that a later migration made begin empty again; the others hold what they held.
    call_command("migrate", verbosity=0)
    after = counts(room)
    assert after.keys() == before.keys(), room
    said[room] = {"before": before, "kept": {table: after[table] for table in left}, "left": left}
    if room == "compliance":
        with connection.cursor() as cursor:
            cursor.execute("SELECT min(number) FROM access_gate WHERE duty = 'statement'")
            said[room]["accepted"] = cursor.fetchone()[0]
for room in ROOMS:
    move(room, "zero")
call_command("migrate", verbosity=0)
print(json.dumps(said))
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path / "data", tmp_path / "keys" / "root.key", env=bases.fresh())
    made.init()
    yield made
    made.kill()


def run(server: Server, code: str, *arguments: str) -> str:
    settings = {
        "SAFELIGHT_DATA": str(server.data),
        "SAFELIGHT_ROOT_KEY_FILE": str(server.key),
        "DJANGO_SETTINGS_MODULE": "safelight.config.settings",
        "PYTHONPATH": str(TESTS),
    }
    done = subprocess.run(
        [sys.executable, "-c", f"import django\ndjango.setup()\n{code}", *arguments],
        env=os.environ | server.env | settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_what_was_kept_before_a_migration_outlives_its_way_back(
    server: Server, tmp_path: Path
) -> None:
    run(server, _ROWS, str(tmp_path))
    said = json.loads(run(server, _BACK_AND_FORTH % (ROOMS,)))
    assert said.keys() == set(ROOMS)
    for room, told in said.items():
        assert any(told["before"].values()), f"{room} had no rows, so this says nothing of it"
        assert told["kept"] == told["left"], room
    # Which version each account accepted is known again, or everybody would be limited.
    assert said["compliance"]["accepted"] == CURRENT
    full = {table for told in said.values() for table, count in told["before"].items() if count}
    assert {
        *("partners_partner", "partners_connection", "agreements_agreement"),
        *("access_agreementgate", "access_modechange", "watch_incidentstep", "watch_seen"),
        *("transfer_transfer", "transfer_transferitem"),
        *("recovery_drill", "recovery_journaltip", "compromise_compromisereport"),
    } <= full
    server.start()
    assert server.get("/dicomweb/studies").status == 401
