"""Can somebody who has only one file, a public key and Python verify the trail?"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from enum import StrEnum
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from safelight.kernel import clock
from safelight.platform.audit import verify_audit
from safelight.platform.audit.actions import record
from safelight.platform.audit.events import AuditEvent
from safelight.platform.audit.export import export_trail, latest_checkpoint, public_key
from safelight.platform.audit.models import Entry
from safelight.platform.audit.offline.curve import ed25519_is_signed
from safelight.platform.audit.offline.one_file import one_file
from safelight.platform.audit.offline.trail import NO_CHAIN
from safelight.platform.audit.sequencer import sequence_once

OFFICER = "account/officer"


class Happened(StrEnum):
    """Events of a made-up room."""

    SEEN = "study.seen"


@pytest.fixture
def trail(db: None, tmp_path: Path) -> Path:
    for number in range(20):
        record(Happened.SEEN, actor="account/a1", at=clock.now(), subject=f"study/s{number}")
        if number % 7 == 0:
            sequence_once()
    while sequence_once():
        pass
    path = tmp_path / "trail.jsonl"
    path.write_bytes(b"".join(export_trail(OFFICER, at=clock.now())))
    return path


def verify(path: Path, *more: str) -> tuple[int, str]:
    """Run the verifier as an auditor does: alone, elsewhere, isolated from our code."""
    alone = path.parent / "verify_audit.py"
    alone.write_text(one_file(verify_audit))
    done = subprocess.run(
        [sys.executable, "-I", "-S", alone, path, *more],
        capture_output=True,
        text=True,
        check=False,
        cwd=path.parent,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.django_db(databases=["default", "keys"])
def test_an_export_is_verified_alone_and_says_so(trail: Path) -> None:
    code, said = verify(trail, "--key", public_key())
    assert code == 0, said
    assert said.startswith("whole: 21 entries, root ")
    assert Entry.objects.get(kind=AuditEvent.EXPORTED).actor == OFFICER


@pytest.mark.django_db(databases=["default", "keys"])
def test_the_key_may_be_in_a_file_and_another_key_does_not_fit(trail: Path) -> None:
    key = trail.parent / "audit.pub"
    key.write_text(public_key() + "\n")
    assert verify(trail, "--key", str(key))[0] == 0
    name, key_hash, _ = public_key().split("+", 2)
    assert verify(trail, "--key", f"{name}+{key_hash}+AQAA")[0] == 2


@pytest.mark.django_db(databases=["default", "keys"])
@pytest.mark.parametrize(
    ("seq", "harm"),
    [
        (9, "edit"),
        (9, "drop"),
        (9, "swap"),
        (9, "repeat"),
        (22, "cut"),
        (1, "empty"),
        (5, "garbage"),
    ],
)
def test_the_first_broken_sequence_is_named(trail: Path, seq: int, harm: str) -> None:
    lines = trail.read_text().splitlines(keepends=True)
    at = next(n for n, line in enumerate(lines) if json.loads(line).get("seq") == min(seq, 21))
    changed = {
        "edit": [*lines[:at], lines[at].replace("account/a1", "account/a2"), *lines[at + 1 :]],
        "drop": lines[:at] + lines[at + 1 :],
        "swap": [*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]],
        "repeat": [*lines[:at], lines[at - 1], *lines[at:]],
        "cut": lines[:-1],
        "empty": [],
        "garbage": [*lines[:at], "{]\n", *lines[at:]],
    }[harm]
    trail.write_text("".join(changed))
    code, said = verify(trail, "--key", public_key())
    assert (code, said.partition(":")[0]) == (1, f"BROKEN at sequence {seq}")


@pytest.mark.django_db(databases=["default", "keys"])
def test_a_trail_rewritten_with_a_good_chain_does_not_fit_its_signatures(trail: Path) -> None:
    chain = NO_CHAIN
    lines = []
    for line in trail.read_text().splitlines():
        said = json.loads(line)
        if said["type"] == "entry":
            said["entry"] = said["entry"].replace("study/s15", "study/s16")
            leaf = hashlib.sha256(b"\0" + said["entry"].encode()).digest()
            chain = hashlib.sha256(chain + leaf).digest()
            said["chain"] = chain.hex()
        lines.append(json.dumps(said) + "\n")
    trail.write_text("".join(lines))
    code, said = verify(trail, "--key", public_key())
    assert code == 1
    assert "rewritten since the last good checkpoint" in said


@pytest.mark.django_db(databases=["default", "keys"])
def test_a_trail_must_contain_what_a_witness_kept(trail: Path) -> None:
    witness = trail.parent / "witness.note"
    witness.write_text(latest_checkpoint())
    assert verify(trail, "--key", public_key(), "--witness", str(witness))[0] == 0

    for _ in range(3):
        record(Happened.SEEN, actor="account/a1", at=clock.now())
    while sequence_once():
        pass
    later = b"".join(export_trail(OFFICER, at=clock.now())).splitlines()
    witness.write_text(json.loads(later[-1])["note"])
    code, said = verify(trail, "--key", public_key(), "--witness", str(witness))
    assert code == 1
    assert "a witnessed part is missing" in said


@pytest.mark.django_db(databases=["default", "keys"])
def test_an_empty_trail_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "trail.jsonl"
    path.write_bytes(b"".join(export_trail(OFFICER, at=clock.now())))
    assert verify(path, "--key", public_key())[0] == 0


@given(st.binary(max_size=200), st.binary(min_size=32, max_size=32), st.integers(0, 511))
def test_signatures_are_judged_as_the_library_judges_them(
    message: bytes, seed: bytes, flipped: int
) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert ed25519_is_signed(public, message, signature)
    assert not ed25519_is_signed(public, message + b"x", signature)
    other = bytearray(signature)
    other[flipped // 8] ^= 1 << flipped % 8
    assert not ed25519_is_signed(public, message, bytes(other))


def test_a_signature_of_another_form_is_not_good() -> None:
    private = Ed25519PrivateKey.generate()
    public, signature = private.public_key().public_bytes_raw(), private.sign(b"m")
    scalar = (
        int.from_bytes(signature[32:], "little") + 2**252 + 27742317777372353535851937790883648493
    )
    malleable = signature[:32] + scalar.to_bytes(32, "little")
    for wrong in (b"", signature[:63], signature + b"\0", malleable, bytes(64), b"\xff" * 64):
        assert not ed25519_is_signed(public, b"m", wrong)
    assert not ed25519_is_signed(b"\xff" * 32, b"m", signature)
