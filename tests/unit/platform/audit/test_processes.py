"""Does the trail hold when many processes write it, and when they die?"""

from __future__ import annotations

import json
import time
from typing import Any

import bases
from safelight.platform.audit.triggers import TRIGGERS

_WRITER = """
from enum import StrEnum
from django.db import transaction
from safelight.kernel import clock
from safelight.platform.audit.actions import record
class Happened(StrEnum):
    SEEN = "study.seen"
number = 0
while number < {count}:
    with transaction.atomic():
        record(Happened.SEEN, actor="account/{name}", at=clock.now())
    number += 1
    print(number, flush=True)
"""
_SEQUENCER = """
from safelight.platform.audit.sequencer import sequence_once
while True:
    sequence_once()
    print("turn", flush=True)
"""
_SETTLE_AND_VERIFY = """
from safelight.platform.audit.sequencer import sequence_once
from safelight.platform.audit.verify import verify_trail
while sequence_once(): pass
finding = verify_trail()
print(finding.size, finding.seq, finding.problem)
"""
_TRIGGERS = """
import json
from django.core.management import call_command
from django.db import connection
from safelight.platform.audit.models import Entry
from safelight.platform.audit.triggers import TRIGGERS
from safelight.platform.database.triggers import installed
def show():
    names = {each.name for each in TRIGGERS}
    print(json.dumps(sorted(names & installed(connection).keys())))
show()
call_command("migrate", "audit", "zero", verbosity=0)
show()
call_command("migrate", "audit", verbosity=0)
show()
if connection.vendor == "sqlite":
    with connection.schema_editor() as editor:
        editor._remake_table(Entry)
else:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
show()
call_command("migrate", verbosity=0)
show()
"""


def test_writers_and_sequencers_side_by_side_leave_no_gap(instance: Any) -> None:  # noqa: ANN401
    writers = [instance.start(_WRITER.format(count=150, name=f"w{n}")) for n in range(4)]
    sequencers = [instance.start(_SEQUENCER) for _ in range(2)]
    for writer in writers:
        assert writer.wait(timeout=120) == 0, writer.stderr.read()
    for sequencer in sequencers:
        assert sequencer.poll() is None, sequencer.stderr.read()
        sequencer.kill()
        sequencer.wait()
    size, seq, *problem = instance.run(_SETTLE_AND_VERIFY).split(maxsplit=2)
    assert (seq, problem) == ("0", [])
    # Two more at the most: a checkpoint signed while we wrote, and one at the end.
    assert 601 <= int(size) <= 603


def test_what_a_killed_writer_said_was_recorded_is_recorded(instance: Any) -> None:  # noqa: ANN401
    said = 0
    for turn in range(4):
        writer = instance.start(_WRITER.format(count=10_000, name=f"w{turn}"))
        sequencer = instance.start(_SEQUENCER)
        for _ in range(20 + 7 * turn):
            assert writer.stdout.readline()
        assert sequencer.stdout.readline()
        time.sleep(0.01 * turn)
        writer.kill()
        sequencer.kill()
        sequencer.wait()
        rest = writer.stdout.read().splitlines()
        said += 20 + 7 * turn + sum(line.isdigit() for line in rest)
    size, seq, *problem = instance.run(_SETTLE_AND_VERIFY).split(maxsplit=2)
    assert (seq, problem) == ("0", [])
    assert int(size) >= said


def test_triggers_survive_migrating_forward_and_back_and_a_rebuilt_table(instance: Any) -> None:  # noqa: ANN401
    lists = [json.loads(line) for line in instance.run(_TRIGGERS).splitlines()]
    here = [each for each in TRIGGERS if bases.ON_POSTGRES or each.event != "TRUNCATE"]
    everyone = sorted(each.name for each in here)
    others = sorted(each.name for each in here if each.table != "audit_entry")
    assert lists == [everyone, [], everyone, others, everyone]
