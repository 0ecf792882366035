"""What a browser sends becomes part of its owner's records, file by file, with a reason."""

from __future__ import annotations

import hashlib
import io
from contextlib import closing
from typing import Any

import pytest
from PIL import Image
from pydicom import dcmread

from safelight.exchange.receive.door import attestation_of
from safelight.exchange.receive.models import IntakeBatch, Upload, UploadState
from safelight.exchange.receive.uploads import opened_spool
from uploading import ATTESTED, Browser, bundle, bundled, manifest_line, pictures

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def rulings(verdicts: dict[int, dict[str, Any]]) -> list[tuple[int, str, str]]:
    return [(n, each["verdict"], each["reason"]) for n, each in sorted(verdicts.items())]


def uid_hash(data: bytes) -> str:
    return hashlib.sha256(dcmread(io.BytesIO(data)).SOPInstanceUID.encode()).hexdigest()


def test_each_file_gets_its_own_verdict_and_a_bad_one_costs_only_itself(owner: Browser) -> None:
    good, other = pictures()
    cut = good[:400]
    batch = owner.open_batch()
    first = owner.send(
        batch,
        bundle(
            (manifest_line(0, good), good),
            (manifest_line(1, b"words"), b"words"),
            (manifest_line(2, cut), cut),
            (manifest_line(3, other) | {"sha256": "0" * 64}, other),
        ),
    )
    assert [ruling for _, ruling, _ in rulings(first)] == ["stored"] + ["refused"] * 3
    assert first[3]["reason"] == "changed-on-the-way"
    assert all(first[n]["sentence"] for n in (1, 2, 3))
    again = owner.send(batch, bundled(good, other))
    assert [ruling for _, ruling, _ in rulings(again)] == ["duplicate", "stored"]


def test_the_receipt_counts_what_became_of_all(owner: Browser) -> None:
    batch = owner.open_batch(expected={"files": 3, "bytes": 100})
    owner.send(batch, bundled(*pictures(), b"words"))
    assert owner.ask("GET", "/uploads/batches/unfinished").json()["batches"][0] | {
        "started_at": ""
    } == {"batch": batch, "started_at": "", "files": 3, "bytes": 100, "decided": 3}
    finished = owner.ask("POST", f"/uploads/batches/{batch}/finish", json={})
    assert batch in finished.json()["receipt_url"]
    assert owner.ask("GET", "/uploads/batches/unfinished").json()["batches"] == []
    row = IntakeBatch.objects.get()
    assert (row.stored, row.duplicate, row.review, row.refused) == (2, 0, 0, 1)


def test_pictures_of_somebody_else_need_a_word_about_whose_they_are(owner: Browser) -> None:
    theirs = bundled(*pictures("Someone^Else", 1))
    silent = owner.send(owner.open_batch(), theirs)
    assert rulings(silent) == [(0, "refused", "not-the-account-holder")]
    batch = owner.open_batch(
        attestation={"whose": "represented", "accurate": True}, other_name_choice="represented"
    )
    assert rulings(owner.send(batch, theirs)) == [(0, "stored", "")]
    declared = attestation_of(IntakeBatch.objects.order_by("started_at").last() or IntakeBatch())
    assert declared is not None
    assert (declared.whose, declared.other_name) == ("represented", "represented")


def test_nothing_opens_without_the_attestation(owner: Browser) -> None:
    for attestation in (
        None,
        {},
        {"whose": "mine"},
        {"whose": "mine", "accurate": False},
        {"whose": "mine", "accurate": "yes"},
        {"whose": "theirs", "accurate": True},
    ):
        asked = {"attestation": attestation, "expected": {"files": 1, "bytes": 1}}
        refused = owner.ask("POST", "/uploads/batches", json=asked)
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid:attestation")
    assert not IntakeBatch.objects.exists()


def test_a_request_that_makes_no_sense_is_refused(owner: Browser) -> None:
    attested = b'{"attestation": {"whose": "mine", "accurate": true}, '
    for body in (
        b"not json",
        b"[]",
        attested + b'"other_name_choice": "x"}',
        attested + b'"other_name_choice": ["represented"]}',
        attested + b'"expected": {"files": -1}}',
        b" " * ((1 << 20) + 1),
    ):
        assert owner.ask("POST", "/uploads/batches", content=body).status_code == 422


def test_a_photograph_and_a_bad_pdf(owner: Browser) -> None:
    buffer = io.BytesIO()
    Image.new("L", (20, 10), 90).save(buffer, "JPEG")
    photograph = buffer.getvalue()
    declared = {"title": "Rash on the left arm", "study_date": "2026-04-28"}
    verdicts = owner.send(
        owner.open_batch(),
        bundle(
            (manifest_line(0, photograph, "jpeg", declared=declared), photograph),
            (manifest_line(1, b"%PDF-no", "pdf"), b"%PDF-no"),
        ),
    )
    assert [ruling for _, ruling, _ in rulings(verdicts)] == ["stored", "refused"]
    assert verdicts[1]["sentence"]


def test_a_person_learns_only_of_what_is_in_their_own_account(
    owner: Browser, stranger: Browser
) -> None:
    first, second = pictures()
    owner.send(owner.open_batch(), bundled(first))
    asked = {"sop": [uid_hash(first), uid_hash(second)]}
    assert owner.ask("POST", "/uploads/known", json=asked).json() == {"known": [uid_hash(first)]}
    assert stranger.ask("POST", "/uploads/known", json=asked).json() == {"known": []}
    for wrong in (["x"], [1], "all", None, ["0" * 64] * 5001):
        assert owner.ask("POST", "/uploads/known", json={"sop": wrong}).status_code == 422


def test_a_bundle_that_cannot_be_told_apart_brings_nothing(owner: Browser) -> None:
    assert owner.send(owner.open_batch(), b"no bundle at all") == {}


def test_a_bundle_that_a_restart_interrupted_is_taken_up_again(owner: Browser) -> None:
    data = bundled(*pictures())
    batch = owner.open_batch()
    address = owner.create(batch, len(data)).headers["Location"]
    owner.add(address, 0, data[:-1])
    with closing(opened_spool(Upload.objects.get())) as spool:
        # As if the process had died right after the last piece: nothing was looked at.
        spool.append(data[-1:])
        spool.flush()
    Upload.objects.update(state=UploadState.PROCESSING, received=len(data))
    assert owner.ask("POST", f"/uploads/batches/{batch}/finish", json={}).status_code == 409
    assert owner.ask("GET", address + "/verdicts").json() == {"state": "processing", "files": []}
    again = owner.ask("GET", address + "/verdicts").json()
    assert [each["verdict"] for each in again["files"]] == ["stored", "stored"]
    assert owner.ask("POST", f"/uploads/batches/{batch}/finish", json={}).status_code == 200


def test_a_page_that_was_signed_out_gets_a_token_that_works(owner: Browser) -> None:
    token = owner.ask("GET", "/uploads/batches/unfinished").json()["csrf"]
    assert token != owner.token
    owner.token = token
    assert owner.open_batch(attestation=ATTESTED)
