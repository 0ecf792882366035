"""Does a search see every study once, in order, however many pages the index is read in?"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from safelight.kernel import clock
from safelight.kernel.ids import new_id
from safelight.records.imaging.models import SearchToken, Study, StudyState
from safelight.records.imaging.study_index import Condition, Wanted, newest_first, studies_of

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

VAULT, OTHER_VAULT = new_id(), new_id()
COMMON, RARE = b"common word here", b"rare word is her"
_FIRST = date(2024, 1, 1)


@pytest.fixture
def studies() -> list[Study]:
    """Make 150 studies on few days and 20 without one; every fifth has the rare word."""
    at = clock.now()
    rows = [
        Study(
            id=new_id(),
            vault_id=VAULT,
            patient_id=new_id(),
            uid_token=number.to_bytes(16, "big"),
            study_on=None if number >= 150 else _FIRST + timedelta(days=number * 7 % 9),
            received_at=at,
            changed_at=at,
            sealed_answer=b"",
        )
        for number in range(170)
    ]
    Study.objects.bulk_create(rows)
    SearchToken.objects.bulk_create(
        SearchToken(vault_id=VAULT, token=token, study_on=row.study_on, study_id=row.id)
        for number, row in enumerate(rows)
        for token in (COMMON, RARE)
        if token == COMMON or not number % 5
    )
    return rows


def found(wanted: Wanted, within: Condition | None = None) -> list[Study]:
    return list(studies_of(VAULT, wanted, within=within))


def test_a_whole_vault_is_read_in_order_and_each_study_once(studies: list[Study]) -> None:
    expected = [row.id for row in sorted(studies, key=newest_first)]
    assert [row.id for row in found(Wanted())] == expected
    assert [row.id for row in found(Wanted(words=((COMMON,),)))] == expected


def test_words_and_days_narrow_together(studies: list[Study]) -> None:
    rare = studies[::5]
    both = Wanted(words=((RARE,), (COMMON,)))
    assert [row.id for row in found(both)] == [row.id for row in sorted(rare, key=newest_first)]
    day = _FIRST + timedelta(days=3)
    on_day = [row for row in rare if row.study_on == day]
    for days in ((day, day), (day, day + timedelta(days=0))):
        narrowed = Wanted(words=((RARE,),), days=days)
        assert {row.id for row in found(narrowed)} == {row.id for row in on_day}
    since = Wanted(days=(day, None))
    later = [row for row in studies if row.study_on is not None and row.study_on >= day]
    assert [row.id for row in found(since)] == [row.id for row in sorted(later, key=newest_first)]


def test_one_of_several_words_is_enough(studies: list[Study]) -> None:
    either = Wanted(words=((RARE, b"a word of nobody"),))
    assert {row.id for row in found(either)} == {row.id for row in studies[::5]}


def test_uids_and_conditions_narrow_too(studies: list[Study]) -> None:
    some = studies[:3]
    by_uid = Wanted(uids=tuple(bytes(row.uid_token) for row in some))
    assert {row.id for row in found(by_uid)} == {row.id for row in some}
    of_one = Condition(" AND study.patient_id = %s", (some[1].patient_id,))
    assert [row.id for row in found(by_uid, of_one)] == [some[1].id]
    assert [row.id for row in found(Wanted(), of_one)] == [some[1].id]
    assert found(Wanted(uids=())) == []


def test_neither_removed_studies_nor_those_of_other_vaults_are_found(studies: list[Study]) -> None:
    Study.objects.filter(pk=studies[0].pk).update(state=StudyState.REMOVED)
    Study.objects.filter(pk=studies[5].pk).update(vault_id=OTHER_VAULT)
    SearchToken.objects.filter(study_id=studies[5].pk).update(vault_id=OTHER_VAULT)
    gone = {studies[0].id, studies[5].id}
    for wanted in (Wanted(), Wanted(words=((RARE,),))):
        assert gone.isdisjoint(row.id for row in found(wanted))
