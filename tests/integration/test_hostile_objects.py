"""A hostile object costs one refused item, never the delivery and never the server."""

from __future__ import annotations

import re
import resource
import struct
import time
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from pydicom.data import get_testdata_file
from starlette.testclient import TestClient

from asking import (
    FAILED,
    STORED,
    address,
)
from cast import Person, multipart
from objects import a_file, element, nested, uid, with_elements
from safelight.dicom.reading.index import index
from safelight.dicom.reasons import Reason
from safelight.dicom.source import BytesSource
from samples import all_files

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

SENTENCES = tuple(reason.explanation for reason in Reason)
ZIP = b"PK\x03\x04 a program hidden behind the picture"


class Sent:
    """What was said of a hostile batch that ends with one good file."""

    def __init__(self, web: TestClient, person: Person, *hostile: bytes) -> None:
        good = a_file(1, study=77)
        body, headers = multipart(*hostile, good)
        began = time.monotonic()
        answer = web.post("/dicomweb/studies", content=body, headers=headers | person.headers)
        self.seconds = time.monotonic() - began
        assert answer.status_code in {200, 202}, answer.text
        said = answer.json()
        kept = [each["00081155"]["Value"][0] for each in said[STORED]["Value"]]
        assert kept[-1] == uid(77, 1, 1)
        self.kept = len(kept) - 1
        self.sentences = [
            each["00080119"]["Value"][0] for each in said.get(FAILED, {}).get("Value", [])
        ]
        assert all(each.startswith(SENTENCES) for each in self.sentences), self.sentences

    def refused_for(self, reason: Reason) -> bool:
        return all(each.startswith(reason.explanation) for each in self.sentences)


def test_lengths_that_lie_cost_their_own_item(web: TestClient, owner: Person) -> None:
    whole = a_file()
    header = index(BytesSource(whole))
    spoiled = []
    for found in header.elements.values():
        is_long = found.vr in {"OW", "SQ"}
        at = found.offset - 4 if is_long else found.offset - 2
        width = 4 if is_long else 2
        remaining = len(whole) - found.offset
        for lie in (0, 1, found.length + 1, remaining + 1, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF):
            stated = (lie & (1 << width * 8) - 1).to_bytes(width, "little")
            spoiled.append(whole[:at] + stated + whole[at + width :])
    sent = Sent(web, owner, *spoiled)
    assert len(spoiled) > 150
    assert len(sent.sentences) > len(spoiled) // 2
    assert sent.seconds < 30


def test_a_length_of_four_gigabytes_allocates_nothing(web: TestClient, owner: Person) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    lie = element(0x0009, 0x1001, b"UN", b"", length=0xFFFFFFF0)
    sent = Sent(web, owner, *[with_elements(a_file(), lie)] * 20)
    assert sent.refused_for(Reason.LENGTH_BEYOND_END)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 64 << 10  # KiB


@pytest.mark.parametrize("levels", [33, 200, 1_000, 20_000])
def test_nesting_is_bounded(web: TestClient, owner: Person, levels: int) -> None:
    sent = Sent(web, owner, with_elements(a_file(), nested(levels)))
    assert len(sent.sentences) == 1
    assert sent.refused_for(Reason.TOO_DEEP)
    assert sent.seconds < 10


def test_items_and_elements_are_counted(web: TestClient, owner: Person) -> None:
    item = struct.pack("<HHI", 0xFFFE, 0xE000, 0)
    items = element(0x0009, 0x1001, b"SQ", item * 500_000)
    elements = b"".join(
        element(0x0009 + 2 * (number >> 16), number & 0xFFFF, b"SH", b"")
        for number in range(0x100, 560_000)
        if number & 0xFFFF
    )
    for extra, reason in ((items, Reason.TOO_MANY_ITEMS), (elements, Reason.TOO_MANY_ELEMENTS)):
        sent = Sent(web, owner, with_elements(a_file(), extra))
        assert len(sent.sentences) == 1
        assert sent.refused_for(reason)
        assert sent.seconds < 20


def test_a_deflate_bomb_is_stopped_while_it_opens(web: TestClient, owner: Person) -> None:
    whole = a_file()
    at = whole.index(b"\x08\x00\x05\x00CS")
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(whole[at : at + 400])
    packed += packer.compress(element(0x0009, 0x1001, b"OB", b"", length=1 << 30))
    packed += b"".join(packer.compress(bytes(1 << 20)) for _ in range(400)) + packer.flush()
    plain, deflated = b"\x14\x001.2.840.10008.1.2.1\0", b"\x16\x001.2.840.10008.1.2.1.99"
    meta = bytearray(whole[:at].replace(plain, deflated))
    length = int.from_bytes(meta[140:144], "little")
    meta[140:144] = (length + 2).to_bytes(4, "little")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sent = Sent(web, owner, bytes(meta) + packed)
    assert len(sent.sentences) == 1
    assert sent.refused_for(Reason.INFLATE_TOO_LARGE)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 256 << 10  # KiB


@pytest.mark.parametrize(
    "lie",
    [
        {"Rows": 65535, "Columns": 65535},
        {"NumberOfFrames": 2**31 - 1},
        {"Rows": 65535, "Columns": 65535, "NumberOfFrames": 2**31 - 1},
        {"BitsAllocated": 0},
        {"BitsAllocated": 64},
        {"Rows": 0},
        {"SamplesPerPixel": 300},
        {"NumberOfFrames": -1},
        {"PixelData": b"\0\0"},
    ],
)
def test_pixels_that_are_not_there_are_refused(
    web: TestClient, owner: Person, lie: dict[str, Any]
) -> None:
    sent = Sent(web, owner, a_file(**lie))
    assert len(sent.sentences) == 1
    assert sent.seconds < 10


@pytest.mark.parametrize(
    "odd",
    [
        {"BitsAllocated": 7},
        {"BitsAllocated": 1},
        {"BitsStored": 99},
        {"HighBit": 0},
        {"PixelRepresentation": 9},
        {"PhotometricInterpretation": "PALETTE COLOR"},
        {"PhotometricInterpretation": "NO SUCH THING"},
        {"WindowWidth": 0, "WindowCenter": 1e300},
        {"RescaleSlope": "1e308", "RescaleIntercept": "-1e308"},
    ],
)
def test_odd_pixels_are_shown_or_said_not_to_be_showable(
    web: TestClient, owner: Person, odd: dict[str, Any]
) -> None:
    sent = Sent(web, owner, a_file(**odd))
    if sent.sentences:
        return
    answer = web.get(f"{address()}/rendered", headers=owner.headers)
    assert answer.status_code in {200, 406}, answer.text


COMPRESSED = (
    "MR_small_RLE.dcm", "SC_rgb_jpeg_gdcm.dcm", "JPEG2000.dcm", "MR_small_jpeg_ls_lossless.dcm",
    "JPGLosslessP14SV1_1s_1f_8b.dcm",
)  # fmt: skip


@pytest.mark.parametrize("name", COMPRESSED)
def test_flipped_bits_in_compressed_frames_leave_the_server_unharmed(
    web: TestClient, owner: Person, name: str
) -> None:
    (sample,) = [each for each in all_files() if each.name == name]
    header = index(BytesSource(sample.data))
    assert header.pixels is not None
    fragment = header.pixels.fragments[1]
    for turn in range(6):
        spoiled = bytearray(sample.data)
        for step in range(40):
            at = fragment.offset + (turn * 7919 + step * 104_729) % fragment.length
            spoiled[at] ^= 1 << (turn + step) % 8
        instance = f"{header.sop_instance_uid[:50]}.{turn}"
        body, headers = multipart(renamed(bytes(spoiled), instance))
        web.post("/dicomweb/studies", content=body, headers=headers | owner.headers)
        at_address = (
            f"/dicomweb/studies/{header.study_instance_uid}"
            f"/series/{header.series_instance_uid}/instances/{instance}"
        )
        for asked in ("/rendered", "/frames/1"):
            got = web.get(
                at_address + asked,
                headers=owner.headers
                | ({"Accept": 'multipart/related; type="application/octet-stream"; '
                    "transfer-syntax=1.2.840.10008.1.2.1"} if "frames" in asked else {}),
            )  # fmt: skip
            assert got.status_code in {200, 404, 406}, (name, turn, got.text)
    assert Sent(web, owner).kept == 0


def renamed(data: bytes, instance: str) -> bytes:
    """Give a file another SOP Instance UID, in a value of the same length."""
    at = index(BytesSource(data)).elements[0x00080018]
    value = instance.encode()[: at.length].ljust(at.length, b"\0")
    return data[: at.offset] + value + data[at.offset + at.length :]


@pytest.mark.parametrize(
    ("charset", "raw"),
    [
        (b"ISO 2022 IR 87", b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B"),
        (b"ISO 2022 IR 87", b"\x1b$B\x1b$B\x1b(Z\x1b\x1b^\x1b"),
        (b"ISO_IR 192", b"\xc0\xaf\xff\xfe^\xed\xa0\x80"),
        (b"ISO_IR 192", "Anna\u202egreB^\u0000\u200b".encode()),
        (b"GB18030", b"\x81\x30\x81\xff^\x84\x31"),
        (b"NO SUCH SET", b"\xe9\xe8^\x00"),
        (b"", b"M\xfcller^J\xf6rg"),
        (b"\\ISO 2022 IR 149", b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7"),
    ],
)
def test_charset_tricks_end_as_valid_utf_8_without_escapes(
    web: TestClient, owner: Person, charset: bytes, raw: bytes
) -> None:
    whole = a_file()
    for tag, vr, value in ((0x00080005, b"CS", charset), (0x00100010, b"PN", raw)):
        found = index(BytesSource(whole)).elements[tag]
        padded = value + (b" " if len(value) % 2 else b"")
        fresh = element(tag >> 16, tag & 0xFFFF, vr, padded)
        whole = whole[: found.offset - 8] + fresh + whole[found.offset + found.length :]
    assert Sent(web, owner, whole).kept == 1
    for asked in ("/dicomweb/studies", f"{address()}/metadata"):
        answer = web.get(asked, headers=owner.headers)
        assert answer.status_code == 200
        text = answer.content.decode("utf-8", "strict")
        assert "\\u001b" not in text.lower()
        assert "\x1b" not in text
    got = web.get(address(), headers=owner.headers | {"Accept": "application/dicom"})
    assert got.content == whole


TRAVERSALS = ("../../etc/passwd", "..\\..\\x", "/etc/shadow", "C:\\x", "a\0b", "%2e%2e%2f", "con")


@pytest.mark.parametrize("words", TRAVERSALS)
def test_no_value_of_an_object_reaches_a_path(web: TestClient, owner: Person, words: str) -> None:
    Sent(web, owner, a_file(PatientID=words, StudyDescription=words, SOPInstanceUID=words))
    names = {
        path.relative_to(settings.SAFELIGHT_DATA).as_posix()
        for path in (settings.SAFELIGHT_DATA / "packs").rglob("*")
        if path.is_file()
    }
    assert names
    assert all(re.fullmatch(r"packs/[0-9a-f/]+\.pack", name) for name in names)


def test_a_real_file_survives_among_the_hostile(web: TestClient, owner: Person) -> None:
    real = Path(str(get_testdata_file("CT_small.dcm"))).read_bytes()
    sent = Sent(web, owner, b"", b"\0" * 200, real, b"DICM" * 100, real[:200])
    assert sent.kept == 1
    assert len(sent.sentences) == 4
