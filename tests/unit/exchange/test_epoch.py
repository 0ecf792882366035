"""Which remembered answers does a change make void, and which stay good?"""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from safelight.exchange.access.epoch import _Changes, current_epoch, is_still_good, turn_epoch
from safelight.exchange.access.models import Change

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

ONE, OTHER = UUID(int=71), UUID(int=72)


def begun() -> int:
    """Turn once, so that this process knows where the numbers stand."""
    with transaction.atomic():
        turn_epoch()
    return current_epoch()


def test_a_change_voids_what_was_said_of_its_exam_and_of_no_other() -> None:
    changes, then = _Changes(), begun()
    changes.good_since(then, ONE)
    with transaction.atomic():
        turn_epoch([ONE])
    now = current_epoch()
    assert now == then + 1
    assert changes.good_since(now, ONE) == now
    assert changes.good_since(now, OTHER) == then


def test_a_change_about_everything_voids_everything() -> None:
    changes, then = _Changes(), begun()
    changes.good_since(then, ONE)
    with transaction.atomic():
        turn_epoch()
    assert changes.good_since(current_epoch(), OTHER) == then + 1


def test_a_process_that_was_not_there_trusts_nothing_older_than_itself() -> None:
    begun()
    with transaction.atomic():
        turn_epoch([ONE])
    now = current_epoch()
    assert _Changes().good_since(now, OTHER) == now


def test_a_change_that_is_rolled_back_voids_nothing() -> None:
    then = begun()
    with transaction.atomic():
        turn_epoch([ONE])
        transaction.set_rollback(True)
    assert current_epoch() == then
    assert is_still_good(then, current_epoch(), ONE)
    assert not Change.objects.filter(number__gt=then).exists()


def test_nothing_is_asked_while_nothing_changed() -> None:
    changes, then = _Changes(), begun()
    changes.good_since(then, ONE)
    with CaptureQueriesContext(connection) as asked:
        changes.good_since(then, ONE)
    assert not asked.captured_queries


def test_whoever_missed_thousands_of_changes_forgets_everything() -> None:
    changes, then = _Changes(), begun()
    changes.good_since(then, ONE)
    assert changes.good_since(then + 5000, OTHER) == then + 5000


def test_a_change_about_very_many_exams_is_about_all() -> None:
    with transaction.atomic():
        turn_epoch(UUID(int=number) for number in range(1000))
    assert list(Change.objects.values_list("study_id", flat=True)) == [None]


def test_a_new_database_is_not_taken_for_an_older_one() -> None:
    changes, then = _Changes(), begun()
    changes.good_since(then, ONE)
    assert changes.good_since(3, ONE) == 3
    assert changes.good_since(then + 1, ONE) == then + 1


def test_nothing_is_learned_from_a_turn_that_never_commits() -> None:
    then = begun()
    assert not is_still_good(then - 1, then, ONE)
    with transaction.atomic():
        turn_epoch([OTHER])
        assert not is_still_good(then, current_epoch(), ONE)
        transaction.set_rollback(True)
    with transaction.atomic():
        turn_epoch([ONE])
    assert not is_still_good(then, current_epoch(), ONE)
    assert is_still_good(then, current_epoch(), OTHER)
