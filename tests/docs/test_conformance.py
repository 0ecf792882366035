"""Does the conformance statement say what the code does?"""

from __future__ import annotations

import re
from pathlib import Path

from safelight.dicom.elements import charsets, iso2022
from safelight.dicom.registry import transfer_syntaxes
from safelight.dicom.writing import transcoding
from safelight.exchange.receive.door import WRITE_SCOPE
from safelight.exchange.release.viewing import search_all, search_keys
from safelight.records.accounts.tokens import Scope
from safelight.surfaces.dicomweb import questions, rendered, stow_json, wado_frames, wado_uri
from safelight.surfaces.dicomweb.app import app
from walk import services

TEXT = (Path(__file__).resolve().parents[2] / "docs/reference/dicom-conformance.md").read_text()


def between(start: str, end: str) -> str:
    return TEXT.split(start, 1)[1].split(end, 1)[0]


def tags(part: str) -> set[str]:
    return {first + last for first, last in re.findall(r"\(([0-9A-F]{4}),([0-9A-F]{4})\)", part)}


_BOUNDED = ("/dicomweb/shares/{share_id}", "/dicomweb/exams/{exam_id}")


def test_every_resource_is_told_and_no_other() -> None:
    told = set(re.findall(r"^\| `([A-Z]+ /[^`]*)`", TEXT, re.MULTILINE))
    served = {
        f"{method} {path.removeprefix('/dicomweb').replace(':path', '')}"
        for path, methods in services(app.routes).items()
        for method in methods
        if path.startswith("/dicomweb/") and not path.startswith(_BOUNDED) and method != "HEAD"
    }
    assert told == served


def test_every_search_and_retrieval_stands_below_a_share_and_an_exam_too() -> None:
    paths = services(app.routes)
    reading = {
        path.removeprefix("/dicomweb")
        for path, methods in paths.items()
        if path.startswith("/dicomweb/") and not path.startswith(_BOUNDED) and "GET" in methods
    }
    for root in _BOUNDED:
        there = {path for path in paths if path.startswith(root)}
        assert there == {root + path for path in reading}
        assert all(set(paths[path]) == {"GET", "HEAD"} for path in there)


def test_attributes_are_those_that_are_matched_and_returned() -> None:
    assert tags(between("for studies**", "**For series**")) == search_keys.STUDY_MATCHED
    assert tags(between("**For series**", "**For instances**")) == search_keys.SERIES_MATCHED
    assert (
        tags(between("**For instances**", "**Paging.**")) == search_keys.INSTANCE_ANSWERED_QUICKLY
    )


def test_transfer_syntaxes_are_those_that_are_decoded_and_written() -> None:
    rows = re.findall(r"^\| [^|]+ \| `(1\.2\.[0-9.]+)` \| ([a-z, ]+) \|$", TEXT, re.MULTILINE)
    decoded = transfer_syntaxes._DECODED | transcoding.NATIVE
    assert {uid for uid, _ in rows} == decoded
    objects = {uid for uid, written in rows if "objects" in written}
    assert objects == transcoding.NATIVE | set(transcoding._BITS)
    frames = {uid for uid, written in rows if "frames" in written}
    assert frames == {transfer_syntaxes.EXPLICIT_LITTLE, *wado_frames.WRITTEN.values()}


def test_media_types_parameters_and_limits_are_told() -> None:
    pictures = between("| pictures |", "\n")
    assert set(re.findall(r"image/[a-z]+", pictures)) == set(rendered.PICTURES)
    documents = between("| documents |", "\n")
    assert set(re.findall(r"`([a-z]+/[a-z]+)`", documents)) == set(rendered.DOCUMENTS)
    frames = between("| frames |", "\n")
    assert set(re.findall(r"image/[a-z-]+[0-9]*", frames)) == set(wado_frames.STORED_TYPES.values())
    uri = between("**WADO-URI** follows", "**Conditions.**")
    assert set(re.findall(r"`([a-zA-Z]+)`", uri)) == {
        *wado_uri.UNDERSTOOD, *wado_uri.REFUSED, "annotation"
    }  # fmt: skip
    limits = (
        questions.DEFAULT_LIMIT, questions.HIGHEST_LIMIT, search_all.MOST_STUDIES,
        search_all.MOST_INSTANCES,
    )  # fmt: skip
    for number in limits:
        assert f" {number:,} " in between("**Paging.**", "## 4").replace("\n", " "), number
    assert f"{stow_json.MOST_AT_ONCE >> 20} MiB" in between("## 5", "## 6")


def test_character_sets_and_scopes_are_told() -> None:
    sets = between("## 6", "## 7").replace("\n", " ")
    told = {int(number) for number in re.findall(r"\b[0-9]{1,3}\b", sets.split("ISO_IR 192")[0])}
    known = {each.number for each in iso2022._DESIGNATIONS.values()}
    assert told - {2022} == known | set(iso2022.SINGLE_BYTE)
    for name in charsets._STAND_ALONE:
        assert name in sets
    scopes = set(re.findall(r"`(dicomweb:[a-z]+)`", TEXT))
    assert scopes == {str(scope) for scope in Scope if scope.startswith("dicomweb:")}
    assert WRITE_SCOPE in scopes
