"""Is the record still whole after six years of all the housekeeping there is?

45 CFR 164.316(b)(2) asks for six years; here nothing of the record is ever deleted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction

import safelight
from safelight.kernel import clock
from safelight.platform.audit.actions import record
from safelight.platform.audit.events import AuditEvent
from safelight.platform.audit.models import Checkpoint, Entry
from safelight.platform.audit.sequencer import sequence_once
from safelight.platform.audit.verify import verify_trail
from safelight.platform.jobs.claims import reap
from safelight.platform.jobs.schedule import forget_ticks
from safelight.records.accounts.jobs import forget
from stage import moved_clock

__all__ = ["moved_clock"]
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
SIX_YEARS = timedelta(days=6 * 366)
_DELETES = re.compile(r"\b(Entry|Checkpoint|Tip|Node|Cosignature)\.objects[^\n]*\.delete\(")


def test_an_entry_of_six_years_ago_stands(moved_clock: Callable[[timedelta], datetime]) -> None:
    for _ in range(20):
        with transaction.atomic():
            record(AuditEvent.READ, actor="account/a1", at=clock.now())
    while sequence_once():
        pass
    texts = list(Entry.objects.order_by("seq").values_list("text", flat=True))
    later = moved_clock(SIX_YEARS)
    forget.function()
    forget_ticks(later)
    reap()
    while sequence_once():
        pass
    kept = list(Entry.objects.order_by("seq").values_list("text", flat=True))
    assert kept[: len(texts)] == texts
    assert verify_trail().is_whole


@pytest.mark.parametrize("table", ["entry", "checkpoint", "tip", "node"])
def test_the_database_refuses_to_delete_of_the_record_at_any_age(
    table: str, moved_clock: Callable[[timedelta], datetime]
) -> None:
    for _ in range(20):
        with transaction.atomic():
            record(AuditEvent.READ, actor="account/a1", at=clock.now())
    while sequence_once():
        pass
    assert Checkpoint.objects.exists()
    moved_clock(SIX_YEARS)
    with (
        pytest.raises(IntegrityError, match=f"audit_{table}_not_deleted"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"DELETE FROM audit_{table}")  # noqa: S608 (one of four names)


def test_no_line_of_the_program_deletes_of_the_record() -> None:
    source = Path(safelight.__file__).parent
    found = [
        str(path.relative_to(source))
        for path in source.rglob("*.py")
        if "platform.audit.models import" in path.read_text() and _DELETES.search(path.read_text())
    ]
    assert found == []
