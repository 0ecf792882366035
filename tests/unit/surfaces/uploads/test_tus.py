"""A bundle arrives piece by piece, sealed, checked, and only from its owner's pages."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from safelight.exchange.receive.models import Upload
from safelight.exchange.receive.uploads import LARGEST_BUNDLE, forget_expired
from safelight.kernel import clock
from safelight.platform.keys import memory
from uploading import TUS, Browser, bundled, pictures

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.fixture
def address(owner: Browser) -> str:
    return str(owner.create(owner.open_batch(), 10).headers["Location"])


def checksum(piece: bytes, algorithm: str = "sha256") -> dict[str, str]:
    digest = hashlib.new(algorithm, piece).digest()
    return {"Upload-Checksum": f"{algorithm} {base64.b64encode(digest).decode()}"}


def test_the_server_says_what_it_can_do(owner: Browser) -> None:
    answer = owner.ask("OPTIONS", "/uploads")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert answer.headers["Tus-Extension"] == "creation,checksum,termination,expiration"
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha256,sha1"
    assert int(answer.headers["Tus-Max-Size"]) == LARGEST_BUNDLE


def test_pieces_are_added_where_the_last_one_ended(owner: Browser, address: str) -> None:
    first = owner.add(address, 0, b"SLBN")
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, "4")
    assert owner.offset(address) == 4
    assert owner.add(address, 3, b"D").status_code == 409
    assert owner.add(address, 5, b"D").status_code == 409
    assert owner.offset(address) == 4


def test_more_than_was_announced_is_refused_and_nothing_of_it_kept(
    owner: Browser, address: str
) -> None:
    piece = b"x" * 11
    assert owner.add(address, 0, piece, **checksum(piece)).status_code == 413
    assert owner.offset(address) == 0


def test_a_piece_that_was_damaged_on_the_way_is_not_kept(owner: Browser, address: str) -> None:
    for algorithm in ("sha256", "sha1"):
        damaged = owner.add(address, 0, b"12345", **checksum(b"12346", algorithm))
        assert damaged.status_code == 460
        assert owner.offset(address) == 0
    assert owner.add(address, 0, b"12345", **checksum(b"12345", "sha1")).status_code == 204


def test_a_checksum_we_cannot_check_is_refused(owner: Browser, address: str) -> None:
    for value in ("md5 AAAA", "sha256 !!!!", "sha512"):
        assert owner.add(address, 0, b"12345", **{"Upload-Checksum": value}).status_code == 422
    assert owner.offset(address) == 0


def test_another_version_or_form_of_piece_is_refused(owner: Browser, address: str) -> None:
    owner.tus = {"Tus-Resumable": "0.2.2"}
    assert owner.add(address, 0, b"1").status_code == 412
    owner.tus = dict(TUS)
    assert owner.add(address, 0, b"1", **{"Content-Type": "text/plain"}).status_code == 415
    assert owner.add(address, 0, b"1", **{"Upload-Offset": "-1"}).status_code == 422


def test_nobody_else_finds_an_upload_or_a_batch(
    owner: Browser, stranger: Browser, address: str
) -> None:
    unknown = address[:-3] + "000"
    for method in ("HEAD", "PATCH", "DELETE"):
        headers = TUS | {
            "Upload-Offset": "0",
            "Content-Type": "application/offset+octet-stream",
        }
        theirs = stranger.ask(method, address, headers=headers)
        assert theirs.status_code == 404
        assert theirs.content == stranger.ask(method, unknown, headers=headers).content
    assert stranger.ask("GET", address + "/verdicts").status_code == 404
    batch = owner.open_batch()
    assert stranger.create(batch, 10).status_code == 404
    assert stranger.ask("POST", f"/uploads/batches/{batch}/finish", json={}).status_code == 404
    assert owner.offset(address) == 0


def test_a_foreign_page_changes_nothing(owner: Browser, address: str) -> None:
    for change in (
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"X-CSRF-Token": "0" * 32},
        {"X-CSRF-Token": ""},
    ):
        refused = owner.add(address, 0, b"12345", **change)
        assert refused.status_code == 403
        assert refused.json()["code"] == "csrf_failed"
    assert owner.offset(address) == 0


def test_a_request_without_origin_or_without_session_changes_nothing(
    owner: Browser, address: str
) -> None:
    headers = owner.headers | TUS
    del headers["Origin"]
    assert owner.client.delete(address, headers=headers).status_code == 403
    signed_out = {"Origin": owner.headers["Origin"]} | TUS
    assert owner.client.delete(address, headers=signed_out).status_code == 401
    assert owner.offset(address) == 0


def test_a_bearer_token_is_not_for_uploads(owner: Browser, address: str) -> None:
    headers = TUS | {"Authorization": "Bearer sl_something"}
    assert owner.client.head(address, headers=headers).status_code == 401


def test_an_upload_can_be_taken_back_until_it_is_complete(owner: Browser, address: str) -> None:
    owner.add(address, 0, b"12345")
    spool = Path(settings.SAFELIGHT_DATA) / "uploads" / Upload.objects.get().spool
    assert spool.exists()
    assert owner.ask("DELETE", address, headers=TUS).status_code == 204
    assert not spool.exists()
    assert owner.ask("HEAD", address, headers=TUS).status_code == 404


def test_what_waits_on_the_disk_cannot_be_read(owner: Browser) -> None:
    data = bundled(*pictures())
    address = owner.create(owner.open_batch(), len(data)).headers["Location"]
    owner.add(address, 0, data[:-1])
    kept = (Path(settings.SAFELIGHT_DATA) / "uploads" / Upload.objects.get().spool).read_bytes()
    assert len(kept) > len(data) - 1
    assert b"SLBNDL" not in kept
    assert b"Owner^Olga" not in kept


def test_a_piece_comes_when_keys_must_be_looked_for(
    owner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_LOOK_AGAIN_AFTER", 0.0)
    data = bundled(*pictures())
    address = owner.create(owner.open_batch(), len(data)).headers["Location"]
    assert owner.add(address, 0, data).status_code == 204


def test_an_upload_goes_on_from_what_the_disk_holds_after_a_crash(owner: Browser) -> None:
    data = bundled(*pictures())
    address = owner.create(owner.open_batch(), len(data)).headers["Location"]
    owner.add(address, 0, data[:5000])
    # The row fell behind the disk: the process died between the flush and the row.
    Upload.objects.update(received=1000)
    assert owner.offset(address) == 5000
    assert owner.add(address, 5000, data[5000:]).status_code == 204
    files = owner.ask("GET", address + "/verdicts").json()["files"]
    assert [each["verdict"] for each in files] == ["stored", "stored"]


def test_an_upload_that_waited_too_long_is_gone(owner: Browser, address: str) -> None:
    owner.add(address, 0, b"12345")
    spool = Path(settings.SAFELIGHT_DATA) / "uploads" / Upload.objects.get().spool
    Upload.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert owner.ask("HEAD", address, headers=TUS).status_code == 410
    assert owner.add(address, 5, b"12345").status_code == 410
    assert forget_expired(at=clock.now()) == 1
    assert not spool.exists()


def test_too_large_too_much_and_too_many_are_refused(owner: Browser) -> None:
    batch = owner.open_batch()
    assert owner.create(batch, LARGEST_BUNDLE + 1).status_code == 413
    for _ in range(32):
        assert owner.create(batch, 10).status_code == 201
    refused = owner.create(batch, 10)
    assert (refused.status_code, refused.json()["code"]) == (413, "quota_exceeded")
    Upload.objects.all().delete()
    owner.create(batch, 10)
    Upload.objects.update(length=200 << 30)
    assert owner.create(batch, 10).json()["code"] == "quota_exceeded"


def test_a_bundle_says_how_long_it_will_be(owner: Browser) -> None:
    batch = base64.b64encode(owner.open_batch().encode()).decode()
    for length in ("", "-1", "1.5", "9" * 30, "ten"):
        headers = TUS | {"Upload-Length": length, "Upload-Metadata": f"batch {batch}"}
        assert owner.ask("POST", "/uploads", headers=headers).status_code == 422


def test_a_bundle_belongs_to_a_batch_that_is_open(owner: Browser) -> None:
    headers = TUS | {"Upload-Length": "10"}
    assert owner.ask("POST", "/uploads", headers=headers).status_code == 404
    broken = headers | {"Upload-Metadata": "batch !!"}
    assert owner.ask("POST", "/uploads", headers=broken).status_code == 422
    batch = owner.open_batch()
    owner.ask("POST", f"/uploads/batches/{batch}/finish", json={})
    assert owner.create(batch, 10).status_code == 409
