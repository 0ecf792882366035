"""How are exams that an older version filed given the words of their patients' names?

In batches by id, each a transaction, so that it can be stopped at any moment. Until all
have them, names are sought without them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.dicom.json.summary import search_facts
from safelight.platform.database.turns import take_turn
from safelight.platform.database.writing import insert
from safelight.platform.keys.ring import ring
from safelight.records.imaging.answers import open_answer
from safelight.records.imaging.models import SearchToken, Study, StudyState, WordsToAdd
from safelight.records.imaging.tokens import name_word_tokens

_AT_ONCE: Final = 200


def all_have_words() -> bool:
    """Say whether every exam can be found by the words of its patient's name."""
    return not WordsToAdd.objects.exists()


def add_words(until: Callable[[], bool] = lambda: False) -> int:
    """Give exams their words until all have them or `until` says so; return to how many."""
    done = 0
    while not until():
        with transaction.atomic():
            row = WordsToAdd.objects.select_for_update().first()
            if row is None:
                break
            places = _next(row)
            for vault_id in sorted({vault_id for _, vault_id in places}):
                take_turn(f"filing/{vault_id}")
            # What was erased before this turn has no words any more, and gets none.
            there = Study.objects.filter(pk__in=[study_id for study_id, _ in places])
            insert(_words_of(there.exclude(state=StudyState.ERASED)), unless_there=True)
            if len(places) < _AT_ONCE:
                row.delete()
            else:
                row.after = places[-1][0]
                row.save()
        done += len(places)
    return done


def _next(row: WordsToAdd) -> list[tuple[UUID, UUID]]:
    """Return the next studies and their vaults."""
    rows = Study.objects.order_by("pk").values_list("id", "vault_id")
    return list((rows if row.after is None else rows.filter(pk__gt=row.after))[:_AT_ONCE])


def _words_of(studies: Iterable[Study]) -> list[SearchToken]:
    studies = list(studies)
    keys = ring().study_keys([study.id for study in studies])
    return [
        SearchToken(
            vault_id=study.vault_id, token=token, study_on=study.study_on, study_id=study.id
        )
        for study in studies
        if study.id in keys
        for token in name_word_tokens(
            study.vault_id,
            search_facts(
                open_answer("study", study.id, study.sealed_answer, study_key=keys[study.id])
            ).patient_name_words,
        )
    ]
