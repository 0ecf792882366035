"""Three hundred words, numbers and pixels that nobody may read at rest.

They go in by files (every kind of value, nested, private, in pictures, before and behind what
is meant), by what people say of themselves, by what is asked for, and by mistakes.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from io import BytesIO

from pydicom import Dataset, Sequence, dcmread
from pydicom._dicom_dict import DicomDictionary
from pydicom.dataset import FileDataset
from pydicom.uid import UID

from story import CT

_chance = random.Random(19300)  # noqa: S311 (made-up words)
_CONSONANTS, _VOWELS = "bcdfghjklmnprstvwz", "aeiou"
_WORDED = {"LO", "SH", "PN", "LT", "ST", "UT", "UC", "UR", "AE"}
_NEEDED = {0x00080016, 0x00080018, 0x0020000D, 0x0020000E, 0x00080005}
_IN_THE_HEADER, _NESTED, _PRIVATE, _UIDS, _PIXELS = 120, 50, 20, 30, 13
PERSONS, QUESTIONS, MISTAKES = 10, 10, 14
ALL = 300


def word() -> str:
    """Return a word of twelve letters that stands in no language and no file."""
    return "".join(_chance.choice(_CONSONANTS) + _chance.choice(_VOWELS) for _ in range(6))


@dataclass(frozen=True)
class Person:
    """Somebody with a name, an address and a password; three canaries."""

    name: str
    mailbox: str
    password: str

    @property
    def email(self) -> str:
        return f"{self.mailbox}@people.example"


@dataclass
class Planted:
    """What was planted: the files that hold it, and every canary by its place."""

    places: dict[str, str | bytes] = field(default_factory=dict)
    files: list[bytes] = field(default_factory=list)
    persons: list[Person] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    patient_name: str = ""
    patient_id: str = ""
    study: str = ""
    picture: str = ""  # the first one's address below the study

    def put(self, place: str, value: str | bytes) -> str | bytes:
        assert place not in self.places
        self.places[place] = value
        return value

    def words(self, place: str) -> str:
        made = word()
        self.put(place, made)
        return made


def plant() -> Planted:
    """Plant all of them."""
    planted = Planted()
    _in_files(planted)
    for number in range(PERSONS):
        planted.persons.append(
            Person(
                planted.words(f"name of person {number}").title(),
                planted.words(f"address of person {number}"),
                planted.words(f"password of person {number}") + " over the hills",
            )
        )
    planted.questions = [planted.words(f"question {number}") for number in range(QUESTIONS)]
    planted.mistakes = [planted.words(f"mistake {number}") for number in range(MISTAKES)]
    assert len(planted.places) == ALL, len(planted.places)
    return planted


def _in_files(planted: Planted) -> None:
    ct = dcmread(CT)
    planted.study, series = _uid(), _uid()
    ct.StudyInstanceUID = planted.put("study", planted.study)
    ct.SeriesInstanceUID = planted.put("series", series)
    planted.patient_name = planted.words("name of the patient").title()
    ct.PatientName = planted.patient_name
    planted.patient_id = ct.PatientID = planted.words("number of the patient")
    worded = [
        (tag, vr)
        for tag, (vr, multiplicity, *_) in sorted(DicomDictionary.items())
        if vr in _WORDED and multiplicity.startswith("1") and 0x00080000 < tag < 0x50000000
        and tag not in _NEEDED and tag not in {0x00100010, 0x00100020}
    ]  # fmt: skip
    chosen = _chance.sample(worded, _IN_THE_HEADER + _NESTED)
    for tag, vr in chosen[:_IN_THE_HEADER]:
        ct.add_new(tag, vr, _said(planted.words(f"header {tag:08x}"), vr))
    inner = Dataset()
    for tag, vr in chosen[_IN_THE_HEADER:]:
        inner.add_new(tag, vr, _said(planted.words(f"nested {tag:08x}"), vr))
    deeper = Dataset()
    deeper.ReferencedStudySequence = Sequence([inner])
    ct.RequestAttributesSequence = Sequence([deeper])
    block = ct.private_block(0x0029, planted.words("private creator"), create=True)
    for number in range(_PRIVATE):
        block.add_new(number + 1, "LO", planted.words(f"private {number}"))
    uids = [tag for tag, (vr, *_) in sorted(DicomDictionary.items()) if vr == "UI"]
    uids = [tag for tag in uids if tag not in _NEEDED and 0x00080000 < tag < 0x50000000]
    for tag in _chance.sample(uids, _UIDS):
        ct.add_new(tag, "UI", planted.put(f"uid {tag:08x}", _uid()))
    drawn = bytearray(ct.PixelData)
    for number in range(_PIXELS):
        run = _chance.randbytes(64)
        planted.put(f"pixels {number}", run)
        drawn[400 * number : 400 * number + 64] = run
    ct.PixelData = bytes(drawn)
    ct.add_new(0x60000022, "LO", planted.words("overlay"))
    ct.add_new(0xFFFCFFFC, "OB", planted.words("padding").encode())
    ct.file_meta.SourceApplicationEntityTitle = planted.words("meta")
    ct.preamble = planted.words("preamble").encode().ljust(128, b"\0")
    for number in range(2):
        instance = _uid()
        planted.put(f"instance {number}", instance)
        planted.picture = planted.picture or f"/series/{series}/instances/{instance}"
        ct.SOPInstanceUID = ct.file_meta.MediaStorageSOPInstanceUID = UID(instance)
        planted.files.append(_written(ct) + planted.words(f"behind {number}").encode())


def _said(made: str, vr: str) -> str:
    return f"https://{made}.example/" if vr == "UR" else made


def _uid() -> str:
    return f"1.2.826.0.1.3680043.9.7.{_chance.getrandbits(70)}"


def _written(dataset: FileDataset) -> bytes:
    out = BytesIO()
    dataset.save_as(out)
    return out.getvalue()
