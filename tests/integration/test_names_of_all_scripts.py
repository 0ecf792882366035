"""A person is found by each way their name is written, in whatever character set that came."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from asking import STORED
from cast import Person, make_person, multipart
from objects import a_file, element
from safelight.dicom.elements.people import folded_name
from safelight.dicom.json.model import to_json
from safelight.dicom.reading.index import index
from safelight.dicom.source import BytesSource
from safelight.records.accounts.models import Kind
from samples import LEFT_OUT, Sample, all_files

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

NAME, STUDY, CHARSET = "00100010", "0020000D", "00080005"
GROUPS = ("Alphabetic", "Ideographic", "Phonetic")
WRITTEN = {
    "japanese": (
        b"ISO 2022 IR 13\\ISO 2022 IR 87",
        (
            b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J"
            b"=\x1b$B$d$^$@\x1b(J^\x1b$B$?$m$&\x1b(J"
        ),
        ("\u30e4\u30de\u30c0^\u30bf\u30ed\u30a6", "\u5c71\u7530*", "\u3084\u307e\u3060*"),
    ),
    "korean": (
        b"\\ISO 2022 IR 149",
        b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7",
        ("hong^gildong", "\u6d2a*", "\u6d2a^\u5409\u6d1e"),
    ),
    "chinese": (
        b"GB18030",
        "Wang^XiaoDong=\u738b^\u5c0f\u4e1c".encode("gb18030"),
        ("WANG*", "\u738b^\u5c0f\u4e1c", "\u738b*"),
    ),
    "simplified": (
        b"\\ISO 2022 IR 58",
        b"Zhang=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1",
        ("zhang", "\u5f20*"),
    ),
    "thai": (b"ISO_IR 166", b"\xca\xc1\xaa\xd2\xc2", ("\u0e2a\u0e21\u0e0a\u0e32\u0e22",)),
    "greek": (
        b"ISO_IR 126",
        b"\xc4\xe9\xef\xed\xf5\xf3\xe9\xef\xf2",
        ("\u0394\u0399\u039f\u039d\u03a5\u03a3\u0399\u039f\u03a3",),
    ),
    "french": (b"ISO_IR 100", b"Buc^J\xe9r\xf4me", ("Buc^Jerome", "BUC^J\u00c9R*")),
    "damaged": (b"ISO_IR 192", b"M\xfcller^J\xf6rg", ("M\ufffdller*",)),
}


@pytest.mark.parametrize("script", WRITTEN)
def test_a_study_is_found_by_every_group_of_the_name(
    web: TestClient, owner: Person, script: str
) -> None:
    terms, name, asked = WRITTEN[script]
    whole = a_file()
    for tag, vr, value in ((0x00080005, b"CS", terms), (0x00100010, b"PN", name)):
        found = index(BytesSource(whole)).elements[tag]
        fresh = element(tag >> 16, tag & 0xFFFF, vr, value + b" " * (len(value) % 2))
        whole = whole[: found.offset - 8] + fresh + whole[found.offset + found.length :]
    keep(web, owner, whole)
    for words in asked:
        assert len(studies(web, owner, words)) == 1, words
    assert studies(web, owner, "Nobody*") == []


def test_every_charset_file_is_found_by_what_its_name_says(web: TestClient) -> None:
    tried = groups = 0
    for sample in charset_files():
        owner = make_person(f"Owner {tried}", Kind.INDIVIDUAL)  # the files share their UIDs
        model = to_json(index(BytesSource(sample.data)))
        name = (model.get(NAME, {}).get("Value") or [None])[0]
        keep(web, owner, sample.data)
        for group in GROUPS:
            words = (name or {}).get(group, "")
            if not folded_name(words) or "*" in words:
                continue
            found = studies(web, owner, words)
            mine = [each for each in found if each[STUDY] == model[STUDY]]
            assert mine, (sample.name, group)
            assert mine[0][NAME]["Value"][0] == name
            assert mine[0][CHARSET]["Value"] == ["ISO_IR 192"]
            groups += 1
        tried += 1
    assert tried >= 15
    assert groups >= 20


def charset_files() -> Iterator[Sample]:
    for sample in all_files():
        if "charset_files" in str(sample.path) and sample.name not in LEFT_OUT:
            yield sample


def keep(web: TestClient, owner: Person, data: bytes) -> None:
    body, headers = multipart(data)
    answer = web.post("/dicomweb/studies", content=body, headers=headers | owner.headers)
    assert answer.status_code in {200, 202}, answer.text
    assert STORED in answer.json() or answer.status_code == 202


def studies(web: TestClient, owner: Person, words: str) -> list[dict[str, dict[str, list[str]]]]:
    answer = web.get(
        "/dicomweb/studies", params={"PatientName": words, "limit": "100"}, headers=owner.headers
    )
    assert answer.status_code in {200, 204}, answer.text
    return list(answer.json()) if answer.status_code == 200 else []
