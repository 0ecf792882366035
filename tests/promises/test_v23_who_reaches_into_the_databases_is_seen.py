"""V23: access to the databases is watched from within; whoever comes past the program is seen."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.db import connection

from powers import security_officer
from safelight.governance.review.models import Item
from safelight.governance.review.picking import pick_on
from safelight.governance.watch.models import Incident
from safelight.governance.watch.queries import alert_lists
from safelight.kernel import clock
from safelight.platform.audit.queries import TrailFilter, page_of
from watching import alerts, look_now

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
_SHELL = ("sh", "-c", '"$@" & echo $! > "$0"')
_HAND = """
import sqlite3, sys, time
by_hand = sqlite3.connect(sys.argv[1])
by_hand.execute("SELECT count(*) FROM accounts_account").fetchone()
open(sys.argv[2], "w").close()
time.sleep(60)
"""


@contextmanager
def by_hand() -> Iterator[None]:
    """Connect to the database as somebody with a shell does, and stay for a moment."""
    if connection.vendor == "postgresql":
        psycopg = pytest.importorskip("psycopg")
        asked = connection.get_connection_params() | {"application_name": "psql"}
        for name in ("context", "cursor_factory"):
            asked.pop(name, None)
        with psycopg.connect(**asked) as other:
            other.execute("SELECT count(*) FROM accounts_account")
            yield
        return
    with TemporaryDirectory() as folder:
        there, number = Path(folder) / "there", Path(folder) / "pid"
        name = str(connection.settings_dict["NAME"])
        # From a shell that ends, so that it is no child of this program.
        subprocess.run(
            [*_SHELL, str(number), sys.executable, "-c", _HAND, name, str(there)], check=True
        )
        while not there.exists():
            time.sleep(0.05)
        yield
        os.kill(int(number.read_text()), signal.SIGTERM)


def test_a_connection_by_hand_is_an_alert_and_waits_for_review() -> None:
    officer = security_officer()
    look_now()
    assert not alerts("D15"), "the program itself is no visitor"
    with by_hand():
        look_now()
        look_now()
    (alert,) = alerts("D15")
    assert (alert.severity, alert.count) == ("high", 1), "one visit is one"
    (entry,) = page_of(TrailFilter(kinds=["database.touched-from-outside"])).entries
    assert entry.subject == "database/default"
    waiting = alert_lists(officer.party, at=clock.now())
    assert alert.pk in [each.pk for each in waiting.waiting]
    assert Incident.objects.filter(alert=alert).count() == 1
    pick_on(at=clock.now())
    items = Item.objects.filter(entry_id=entry.entry_id, decision="")
    assert [each.rule for each in items] == ["outside"], "it waits in the review queue too"
    look_now()
    assert len(alerts("D15")) == 1
