"""What does an object that waits say of itself, and which records might it belong to?

The answer helps a person decide. Nothing is ever joined by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

import orjson

from safelight.dicom.elements.dates import parse_date
from safelight.dicom.elements.people import fold
from safelight.dicom.json.model import Model, to_json
from safelight.dicom.json.summary import SearchFacts, search_facts
from safelight.dicom.reading.index import index
from safelight.platform.keys.ring import ring
from safelight.records.imaging.answers import open_model
from safelight.records.imaging.models import (
    Instance,
    InstanceModel,
    PatientRecord,
    ReviewItem,
    SearchToken,
    Study,
    StudyState,
)
from safelight.records.imaging.patients import Identity, identity_of
from safelight.records.imaging.quarantine import require_sound
from safelight.records.imaging.tokens import uid_token, word_token
from safelight.records.imaging.upkeep.checking import open_stored

_AT_MOST: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """One of the things by which a person is told. `agrees` is None where one side is silent."""

    what: str
    came: str
    known: str
    agrees: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A record that what came might belong to; `is_of_study`: the exam it names lies there."""

    patient_id: UUID
    traits: tuple[Trait, ...]
    is_of_study: bool
    is_claimed: bool

    @property
    def score(self) -> int:
        """How many traits agree."""
        return sum(trait.agrees is True for trait in self.traits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What came, the records it might belong to, the best first, and what differs in its bytes.

    `born_on` is ISO 8601, "" where it is not said.
    `differing` are tags, as "(gggg,eeee)": empty where nothing is kept under the same UID.
    """

    facts: SearchFacts
    born_on: str
    candidates: tuple[Candidate, ...]
    is_of_known_exam: bool
    has_other_version: bool
    differing: tuple[str, ...]


def compare(item: ReviewItem) -> Compared:
    """Read what waits and set it beside what its own custodian keeps.

    Raises:
        QuarantinedError: it does not read as it was stored.
    """
    require_sound(item.pk)
    stored = open_stored(item)
    model = to_json(index(stored))
    facts = search_facts(model)
    study = Study.objects.filter(
        vault_id=item.vault_id,
        uid_token=uid_token(item.vault_id, stored.card.study_instance_uid),
    ).first()
    of_name = Instance.objects.filter(vault_id=item.vault_id, uid_token=bytes(item.uid_token))
    kept = of_name.exclude(digest_token=bytes(item.digest_token)).first()
    return Compared(
        facts=facts,
        born_on=_day(facts.birth_date),
        candidates=_candidates(item.vault_id, facts, study),
        is_of_known_exam=study is not None,
        has_other_version=kept is not None,
        differing=_differing(model, kept) if kept is not None else (),
    )


def _candidates(vault_id: UUID, facts: SearchFacts, study: Study | None) -> tuple[Candidate, ...]:
    words = [("patient-id", facts.patient_id)]
    words += [("name", group) for group in facts.patient_name_groups]
    tokens = [word_token(vault_id, field, word) for field, word in words if word]
    named = SearchToken.objects.filter(vault_id=vault_id, token__in=tokens)
    ids = list(
        Study.objects.filter(
            pk__in=named.values("study_id"), vault_id=vault_id, state=StudyState.FILED
        )
        .order_by()
        .values_list("patient_id", flat=True)
        .distinct()[: _AT_MOST * 10]
    )
    if study is not None:
        ids.append(study.patient_id)
    rows = PatientRecord.objects.filter(vault_id=vault_id, pk__in=set(ids))
    found = [_candidate(row, facts, study) for row in rows]
    found.sort(key=lambda each: (not each.is_of_study, -each.score, str(each.patient_id)))
    return tuple(found[:_AT_MOST])


def _candidate(row: PatientRecord, facts: SearchFacts, study: Study | None) -> Candidate:
    return Candidate(
        patient_id=row.pk,
        traits=_traits(facts, identity_of(row.vault_id, row)),
        is_of_study=study is not None and study.patient_id == row.pk,
        is_claimed=row.account_id is not None,
    )


def _traits(came: SearchFacts, known: Identity) -> tuple[Trait, ...]:
    """Compare number with issuer, name, and day of birth.

    An equal number of another issuer is another number.
    """
    pairs = (
        ("number", _number(came.patient_id, came.issuer), _number(known.patient_id, known.issuer)),
        ("name", came.patient_name_shown, known.name),
        ("birth", _day(came.birth_date), _day(known.birth_date)),
    )
    return tuple(
        Trait(
            what=what,
            came=left,
            known=right,
            agrees=fold(left) == fold(right) if left and right else None,
        )
        for what, left, right in pairs
    )


def _day(text: str) -> str:
    day = parse_date(text)
    return day.isoformat() if day else ""


def _number(number: str, issuer: str) -> str:
    return f"{number} ({issuer})" if number and issuer else number


def _differing(model: Model, kept: Instance) -> tuple[str, ...]:
    row = InstanceModel.objects.get(pk=kept.id)
    study_key = ring().study_key(kept.study_id)
    other: Model = orjson.loads(open_model(kept.id, row.sealed_model, study_key=study_key))
    # As JSON, so that both sides have the same types.
    mine: Model = orjson.loads(orjson.dumps(model))
    tags = sorted(tag for tag in mine.keys() | other.keys() if mine.get(tag) != other.get(tag))
    return tuple(f"({tag[:4]},{tag[4:]})" for tag in tags)
