"""What is in a bundle that an outsider sent, as far as the bundle itself says?

Nothing here looks into the vault: what is said of a file is the same whether it is
there already, contradicts what is there, or is new.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Final

import orjson

from safelight.dicom.json.summary import search_facts, series_answer, study_answer
from safelight.dicom.reasons import UnreadableError
from safelight.dicom.registry.tags import PATIENT_NAME
from safelight.dicom.search.titles import exam_title
from safelight.dicom.source import BytesSource, Source
from safelight.exchange.receive.bundles import BundledFile, FileKind, Slice
from safelight.exchange.receive.look_over import Looked, look_over
from safelight.exchange.receive.unpacking import IN_MEMORY, sha256_of
from safelight.exchange.receive.verdicts import CHANGED, SENTENCES

PAPERS: Final = "papers"
_NO_PAPERS: Final = "Papers and photographs cannot be sent to a desk. Send the images only."
_TOO_MANY: Final = "More files than may be sent by this link. Ask for another link."


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One file of a parcel, as it says of itself. `refused` is why it was not kept, or "".

    `person` is "" for a paper; `on` is YYYY-MM-DD or "".
    """

    n: int
    sha256: str
    size: int
    kind: str
    refused: str = ""
    sentence: str = ""
    person: str = ""
    written_name: str = ""
    name: str = ""
    birth_date: str = ""
    study: str = ""
    title: str = ""
    on: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exam:
    """One exam in a parcel."""

    title: str
    on: date | None
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Somebody:
    """One person whose images are in a parcel. `key` stands for them while it waits."""

    key: str
    name: str
    written_name: str
    birth_date: date | None
    files: int
    exams: tuple[Exam, ...]


def look_at(file: BundledFile, bundle: Source, *, papers: bool, room: bool) -> Line:
    """Look at one file; `papers` says whether papers are taken, `room` whether any more is."""
    source: Source = Slice(bundle, file.offset, file.size)
    if file.size <= IN_MEMORY:
        source = BytesSource(source.read(0, file.size))
    if sha256_of(source) != file.sha256:
        return _refused(file, CHANGED, SENTENCES[CHANGED])
    if not room:
        return _refused(file, "more-than-agreed", _TOO_MANY)
    if file.kind is not FileKind.DICOM:
        if not papers:
            return _refused(file, "no-papers", _NO_PAPERS)
        return _line(file, title=file.title, on=file.on)
    try:
        return _of_picture(file, look_over(source))
    except UnreadableError as error:
        return _refused(file, error.reason.value, str(error))


def people_in(lines: Iterable[Line]) -> list[Somebody]:
    """Return whose images there are, by name; their keys are numbers in that order."""
    by_person: dict[str, list[Line]] = {}
    for line in lines:
        if line.person and not line.refused:
            by_person.setdefault(line.person, []).append(line)
    return [_somebody(str(n), by_person[key]) for n, key in enumerate(sorted(by_person))]


def keys_of(lines: Iterable[Line]) -> dict[str, str]:
    """Return the key of each person in a whole parcel, by how lines name them; "" is papers."""
    people = {line.person for line in lines if line.person and not line.refused}
    return {person: str(n) for n, person in enumerate(sorted(people))} | {"": PAPERS}


def to_bytes(lines: list[Line]) -> bytes:
    """Write lines, to be sealed."""
    return orjson.dumps([asdict(line) for line in lines])


def from_bytes(data: bytes) -> list[Line]:
    """Read lines back."""
    return [Line(**each) for each in orjson.loads(data)]


def day(text: str) -> date | None:
    """Read a day as a line writes it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _of_picture(file: BundledFile, looked: Looked) -> Line:
    facts = search_facts(looked.model)
    who = facts.patient_name_groups
    return _line(
        file,
        person=orjson.dumps([*who, facts.birth_date, facts.issuer, facts.patient_id]).decode(),
        written_name=looked.header.text(PATIENT_NAME),
        name=facts.patient_name_shown,
        birth_date=facts.birth_date,
        study=looked.names.study_instance_uid,
        title=exam_title(study_answer(looked.model), [series_answer(looked.model)]),
        on=facts.study_date.isoformat() if facts.study_date else "",
    )


def _line(file: BundledFile, **facts: str) -> Line:
    return Line(n=file.number, sha256=file.sha256, size=file.size, kind=file.kind.value, **facts)


def _refused(file: BundledFile, reason: str, sentence: str) -> Line:
    return _line(file, refused=reason, sentence=sentence)


def _somebody(key: str, lines: list[Line]) -> Somebody:
    by_study: dict[str, list[Line]] = {}
    for line in lines:
        by_study.setdefault(line.study, []).append(line)
    exams = [
        Exam(title=few[0].title, on=day(few[0].on), files=len(few)) for few in by_study.values()
    ]
    return Somebody(
        key=key,
        name=lines[0].name,
        written_name=lines[0].written_name,
        birth_date=day(lines[0].birth_date),
        files=len(lines),
        exams=tuple(sorted(exams, key=lambda exam: (exam.on or date.min, exam.title))),
    )
