"""Rows written by statements composed once are the rows that the mapper reads back."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from safelight.kernel.ids import new_id
from safelight.platform.database.writing import insert
from safelight.platform.jobs.models import Job
from safelight.records.imaging.models import Instance, SearchToken, Study

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
AT = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)


def a_study(token: bytes) -> Study:
    return Study(
        id=new_id(), vault_id=new_id(), patient_id=new_id(), uid_token=token,
        study_on=date(2024, 2, 29), received_at=AT, changed_at=AT, sealed_answer=b"\x00\xff%s",
    )  # fmt: skip


@pytest.mark.parametrize("count", [1, 3])
def test_what_is_written_is_what_is_read(count: int) -> None:
    made = [a_study(bytes([number])) for number in range(count)]
    insert(made)
    for study in made:
        read = Study.objects.get(pk=study.pk)
        for field in Study._meta.concrete_fields:
            value = getattr(read, field.attname)
            value = bytes(value) if isinstance(value, memoryview) else value
            assert value == getattr(study, field.attname)


def test_numbers_are_given_by_the_database_in_order() -> None:
    ids = [new_id() for _ in range(5)]
    insert(
        [
            Instance(
                id=each, vault_id=ids[0], study_id=ids[0], series_id=ids[0],
                uid_token=each.bytes, digest_token=b"", pack="packs/00.pack", offset=1 << 40,
                length=7, wrapped_key=b"k", sealed_card=b"c", received_at=AT,
            )
            for each in ids
        ]
    )  # fmt: skip
    assert list(Instance.objects.order_by("arrival").values_list("id", flat=True)) == ids


def test_a_row_that_was_written_can_be_changed_by_the_mapper() -> None:
    study = a_study(b"1")
    insert([study])
    study.study_on = None
    study.save()
    assert Study.objects.get().study_on is None


def test_json_and_defaults_are_kept() -> None:
    job = Job(name="a.task", ids={"number": 7}, run_at=AT, max_attempts=3, created_at=AT)
    insert([job])
    read = Job.objects.get(pk=job.pk)
    assert (read.ids, read.state, read.run_at, read.lease_until) == (
        {"number": 7},
        "ready",
        AT,
        None,
    )


def test_all_or_none() -> None:
    same = a_study(b"1")
    again = Study(**{field.attname: getattr(same, field.attname) for field in Study._meta.fields})
    with pytest.raises(IntegrityError), transaction.atomic():
        insert([a_study(b"2"), same, again])
    assert not Study.objects.exists()


def test_those_that_are_there_can_be_left_out() -> None:
    study_id, vault_id = new_id(), new_id()

    def token(word: bytes) -> SearchToken:
        return SearchToken(vault_id=vault_id, token=word, study_on=None, study_id=study_id)

    insert([token(b"1")])
    insert([token(b"1"), token(b"2")], unless_there=True)
    assert sorted(bytes(each.token) for each in SearchToken.objects.all()) == [b"1", b"2"]


def test_nothing_is_written_for_nothing() -> None:
    insert([])
    assert not Study.objects.exists()
