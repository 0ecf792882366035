"""Does an act and its record stay together, and does the record say no more than it may?"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from safelight.kernel.ids import new_id
from safelight.platform.audit.actions import MOST_APART, record, record_denial
from safelight.platform.audit.errors import (
    AuditUnavailableError,
    DetailGoneError,
    EntryUnknownError,
    MalformedEventError,
    OutsideTransactionError,
)
from safelight.platform.audit.events import Outcome
from safelight.platform.audit.folds import write_closed_folds
from safelight.platform.audit.models import DenialFold, Entry
from safelight.platform.audit.queries import (
    TrailFilter,
    events_about,
    events_in_vault,
    open_detail,
    page_of,
    read_trail,
    refusals_since,
)
from safelight.platform.audit.triggers import TRIGGERS, install_triggers
from safelight.platform.database.triggers import Trigger, install, missing
from safelight.platform.keys.ring import ring

NOON = datetime(2026, 3, 1, 12, 0, 30, 123456, tzinfo=UTC)
PATIENT = "DOE^JANE"
OFFICER = "account/officer"

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


class Happened(StrEnum):
    """Events of a made-up room."""

    SEEN = "study.seen"
    REFUSED = "study.refused"


def text_of(entry_id: UUID) -> str:
    return Entry.objects.get(entry_id=entry_id).text


def test_an_entry_is_canonical_json_with_every_part() -> None:
    vault_id, consent_id = new_id(), new_id()
    ring().create_vault_key(vault_id)
    entry_id = record(
        Happened.SEEN,
        actor="account/a1",
        at=NOON,
        subject="study/s1",
        vault_id=vault_id,
        session="x9",
        on_behalf="account/a2",
        purpose="treatment",
        consent_id=consent_id,
        reason="consent",
        count=3,
        size=4096,
    )
    assert text_of(entry_id) == (
        '{"actor":"account/a1","at":"2026-03-01T12:00:30.123456Z",'
        f'"consent":"{consent_id}","count":3,"detail":"","id":"{entry_id}","kind":"study.seen",'
        '"on_behalf":"account/a2","origin":"","outcome":"ok","purpose":"treatment",'
        '"reason":"consent","session":"x9","size":4096,"subject":"study/s1","v":1,'
        f'"vault":"{vault_id}"}}'
    )


def test_times_are_written_in_utc() -> None:
    local = NOON.astimezone(datetime.now().astimezone().tzinfo)
    entry_id = record(Happened.SEEN, actor="system", at=local)
    assert '"at":"2026-03-01T12:00:30.123456Z"' in text_of(entry_id)


@pytest.mark.parametrize(
    "values",
    [
        {"actor": "jane@example.org"},
        {"actor": "Jane Doe"},
        {"actor": ""},
        {"actor": "account/a1", "subject": "study/1.2.840.113619.2"},
        {"actor": "account/a1", "reason": "because Jane asked"},
        {"actor": "account/a1", "session": "a b"},
    ],
)
def test_what_could_name_a_person_is_refused_in_the_clear(values: dict[str, Any]) -> None:
    with pytest.raises(MalformedEventError) as refusal:
        record(Happened.SEEN, at=NOON, **values)
    assert "ane" not in str(refusal.value)


def test_detail_and_origin_are_sealed_and_open_for_a_reader_who_is_recorded() -> None:
    entry_id = record(
        Happened.SEEN,
        actor="account/a1",
        at=NOON,
        origin="203.0.113.7",
        detail={"patient": PATIENT},
    )
    assert PATIENT not in text_of(entry_id)
    assert "203.0.113.7" not in text_of(entry_id)
    opened = open_detail(OFFICER, entry_id, at=NOON)
    assert opened == {"patient": PATIENT, "origin": "203.0.113.7"}
    assert events_about(f"entry/{entry_id}").entries[0].actor == OFFICER


def test_equal_origins_can_be_told_without_being_read() -> None:
    one, two, other = (
        json.loads(text_of(record(Happened.SEEN, actor="system", at=NOON, origin=origin)))["origin"]
        for origin in ("203.0.113.7", "203.0.113.7", "203.0.113.8")
    )
    assert one == two != other


def test_detail_of_a_vault_ends_with_its_ledger_key_and_not_before() -> None:
    vault_id = new_id()
    ring().create_vault_key(vault_id)
    entry_id = record(
        Happened.SEEN, actor="account/a1", at=NOON, vault_id=vault_id, detail={"n": PATIENT}
    )
    ring().destroy_vault_key(vault_id, at=NOON)
    assert open_detail(OFFICER, entry_id, at=NOON) == {"n": PATIENT}
    ring().destroy_ledger_key(vault_id, at=NOON)
    with pytest.raises(DetailGoneError):
        open_detail(OFFICER, entry_id, at=NOON)


def test_an_unknown_entry_is_not_found() -> None:
    with pytest.raises(EntryUnknownError):
        open_detail(OFFICER, new_id(), at=NOON)


@pytest.mark.django_db(databases=["default", "keys"], transaction=True)
def test_nothing_is_recorded_outside_a_transaction() -> None:
    with pytest.raises(OutsideTransactionError):
        record(Happened.SEEN, actor="system", at=NOON)
    assert not Entry.objects.exists()


@pytest.mark.django_db(databases=["default", "keys"], transaction=True)
def test_an_act_that_is_undone_leaves_no_record() -> None:
    def act_that_fails() -> None:
        with transaction.atomic():
            record(Happened.SEEN, actor="system", at=NOON)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act_that_fails()
    assert not Entry.objects.exists()


@pytest.mark.django_db(databases=["default", "keys"], transaction=True)
def test_an_act_fails_when_the_record_cannot_be_written() -> None:
    full = Trigger(name="no_room", table="audit_entry", event="INSERT", says="full")
    install(connection, [full])
    with pytest.raises(AuditUnavailableError), transaction.atomic():
        record(Happened.SEEN, actor="system", at=NOON)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_entry",
        "UPDATE audit_entry SET text = 'x'",
        "UPDATE audit_entry SET actor = 'x', seq = 9, chain = mac",
        "UPDATE audit_entry SET seq = 9",
        "UPDATE audit_entry SET row = row + 5",
        "DELETE FROM audit_checkpoint",
        "UPDATE audit_checkpoint SET note = 'x'",
        "DELETE FROM audit_tip",
        "UPDATE audit_tip SET size = size - 1",
    ],
)
def test_the_database_refuses_to_change_what_was_written(statement: str) -> None:
    record(Happened.SEEN, actor="system", at=NOON)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO audit_checkpoint VALUES (1, '2026-01-01', 'n')")
        cursor.execute("INSERT INTO audit_tip VALUES (1, 5, %s, %s, '')", [b"", b""])
        with pytest.raises(IntegrityError, match="audit_"), transaction.atomic():
            cursor.execute(statement)


def test_a_place_is_given_once() -> None:
    record(Happened.SEEN, actor="system", at=NOON)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_entry SET seq = 1, chain = %s", [b"\0"])
        with pytest.raises(DatabaseError, match="placed_once"), transaction.atomic():
            cursor.execute("UPDATE audit_entry SET seq = 2, chain = %s", [b"\0"])


def test_triggers_that_were_lost_are_put_back() -> None:
    on_table = " ON audit_entry" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER audit_entry_not_deleted{on_table}")
    assert missing(connection, TRIGGERS) == ["audit_entry_not_deleted"]
    install_triggers()
    assert missing(connection, TRIGGERS) == []


def test_equal_denials_of_a_minute_become_the_first_and_one_more_event() -> None:
    for second in range(5):
        record_denial(
            Happened.REFUSED,
            actor="account/a1",
            at=NOON.replace(second=second),
            subject=f"study/s{second}",
            reason="no-grant",
        )
    record_denial(Happened.REFUSED, actor="account/b2", at=NOON, subject="study/s1")
    refused = page_of(TrailFilter(actor="account/a1")).entries
    assert [(entry.subject, entry.outcome) for entry in refused] == [("study/s0", Outcome.DENIED)]

    write_closed_folds(NOON.replace(second=59))
    assert DenialFold.objects.count() == 2
    write_closed_folds(NOON + timedelta(minutes=1))
    assert not DenialFold.objects.exists()
    more = page_of(TrailFilter(actor="account/a1")).entries[0]
    assert (more.subject, more.count, more.reason) == ("study", 4, "no-grant")
    assert len(refusals_since(NOON - timedelta(hours=1)).entries) == 3


def test_denials_told_apart_show_each_subject_up_to_a_bound_and_lose_no_count() -> None:
    for number in range(MOST_APART + 3):
        for _ in range(2):
            record_denial(
                Happened.REFUSED, actor="anonymous", at=NOON, subject=f"aim/{number}", apart=True
            )
    refused = page_of(TrailFilter(actor="anonymous")).entries
    assert len({entry.subject for entry in refused}) == MOST_APART + 1
    write_closed_folds(NOON + timedelta(minutes=1))
    counted = Entry.objects.filter(actor="anonymous").values_list("text", flat=True)
    assert sum(max(1, orjson.loads(text)["count"]) for text in counted) == 2 * (MOST_APART + 3)


def test_denials_from_two_places_are_not_folded_into_one() -> None:
    for origin in ("203.0.113.7", "203.0.113.8", "203.0.113.7"):
        record_denial(Happened.REFUSED, actor="anonymous", at=NOON, origin=origin)
    assert Entry.objects.count() == 2
    write_closed_folds(NOON + timedelta(minutes=1))
    (more,) = (entry for entry in page_of(TrailFilter()).entries if entry.count)
    assert open_detail(OFFICER, more.entry_id, at=NOON) == {"origin": "203.0.113.7"}


@pytest.mark.django_db(databases=["default", "keys"], transaction=True)
def test_a_denial_is_not_recorded_where_a_rollback_would_take_it_along() -> None:
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        record_denial(Happened.REFUSED, actor="account/a1", at=NOON)
    record_denial(Happened.REFUSED, actor="account/a1", at=NOON)
    assert Entry.objects.count() == 1


def test_reading_the_trail_is_recorded_and_pages_do_not_overlap() -> None:
    for number in range(5):
        record(Happened.SEEN, actor="account/a1", at=NOON, subject=f"study/s{number}")
    wanted = TrailFilter(kinds=[Happened.SEEN], actor="account/a1")
    first = read_trail(OFFICER, wanted, at=NOON, limit=3)
    second = read_trail(OFFICER, wanted, at=NOON, limit=3, older_than=first.older_than)
    seen = [entry.subject for page in (first, second) for entry in page.entries]
    assert seen == [f"study/s{number}" for number in (4, 3, 2, 1, 0)]
    assert second.older_than is None
    assert [entry.count for entry in page_of(TrailFilter(actor=OFFICER)).entries] == [2, 3]


def test_filters_hold_together() -> None:
    vault_id = new_id()
    ring().create_vault_key(vault_id)
    record(Happened.SEEN, actor="account/a1", at=NOON, vault_id=vault_id)
    record(Happened.SEEN, actor="account/a1", at=NOON + timedelta(days=1))
    record(Happened.REFUSED, actor="account/a1", at=NOON, vault_id=vault_id)
    assert len(events_in_vault(vault_id).entries) == 2
    assert len(events_in_vault(vault_id, kinds=[Happened.SEEN]).entries) == 1
    assert len(page_of(TrailFilter(until=NOON + timedelta(hours=1))).entries) == 2
    assert len(page_of(TrailFilter(since=NOON + timedelta(hours=1))).entries) == 1
