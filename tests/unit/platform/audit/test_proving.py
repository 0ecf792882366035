"""Can somebody with one file, two public keys and Python check that an entry is in the record?"""

from __future__ import annotations

import random
import subprocess
import sys
from enum import StrEnum
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from safelight.kernel import clock
from safelight.kernel.ids import new_id
from safelight.platform.audit import verify_audit
from safelight.platform.audit.actions import record
from safelight.platform.audit.cosignatures import Cosigner
from safelight.platform.audit.errors import EntryUnknownError, NotSignedYetError
from safelight.platform.audit.export import export_trail, public_key
from safelight.platform.audit.models import Checkpoint, Cosignature, Entry
from safelight.platform.audit.offline.keys import PublicKey
from safelight.platform.audit.offline.one_file import one_file
from safelight.platform.audit.offline.proofs import verify_proof
from safelight.platform.audit.offline.trail import BrokenTrailError
from safelight.platform.audit.proving import prove
from safelight.platform.audit.sequencer import sequence_once
from safelight.platform.keys.signing import is_signed

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
WITNESS = Cosigner(Ed25519PrivateKey.from_private_bytes(bytes(31) + b"w"))
OTHER = Cosigner(Ed25519PrivateKey.from_private_bytes(bytes(31) + b"o"))


class Happened(StrEnum):
    """Events of a made-up room."""

    SEEN = "study.seen"


@pytest.fixture(autouse=True)
def _trail() -> None:
    for number in range(50):
        record(Happened.SEEN, actor="account/a1", at=clock.now(), subject=f"study/s{number}")
    while sequence_once():
        pass
    newest = Checkpoint.objects.get()
    line = WITNESS.line(newest.note, at=1_800_000_000)
    Cosignature.objects.create(checkpoint=newest, witness=WITNESS.name, at=clock.now(), line=line)


def proof() -> str:
    some = Entry.objects.filter(seq__in=[1, 17, 33, 50])
    return prove(list(some.values_list("entry_id", flat=True))).decode()


def alone(path: Path, *more: str) -> tuple[int, str]:
    """Run the verifier elsewhere, isolated from our code."""
    verifier = path.parent / "verify_audit.py"
    verifier.write_text(one_file(verify_audit))
    done = subprocess.run(
        [sys.executable, "-I", "-S", verifier, path, "--key", public_key(), *more],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_an_entry_is_proved_offline_with_the_witness(tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    path.write_text(proof())
    assert alone(path) == (0, "proved: 4 entries are in the record of 50\n")
    assert alone(path, "--witness-key", WITNESS.verifier_key)[0] == 0
    code, said = alone(path, "--witness-key", OTHER.verifier_key)
    assert (code, said) == (
        1,
        "BROKEN at sequence 50: the checkpoint is not signed by the witness\n",
    )


def test_an_exported_trail_carries_its_witness(tmp_path: Path) -> None:
    path = tmp_path / "trail.jsonl"
    path.write_bytes(b"".join(export_trail("account/officer", at=clock.now())))
    code, said = alone(path, "--witness-key", WITNESS.verifier_key)
    assert code == 0
    assert f"signed by {WITNESS.name} up to entry 50" in said
    assert alone(path, "--witness-key", OTHER.verifier_key)[0] == 1


def test_any_byte_that_differs_makes_the_proof_fail() -> None:
    text = proof()
    key = PublicKey.parse(public_key(), is_signed)
    witness = PublicKey.parse(WITNESS.verifier_key, is_signed)
    assert verify_proof(text, key, witness) == (4, 50)
    dice = random.Random(7)  # noqa: S311 (which byte is changed is no secret)
    # White space between values says nothing; all else does.
    solid = [at for at, letter in enumerate(text) if not letter.isspace()]
    for at in dice.sample(solid, 600):
        other = chr(ord(text[at]) ^ (1 << dice.randrange(5)))
        if other.lower() == text[at].lower():
            continue  # a hash in capitals is the same hash
        with pytest.raises(BrokenTrailError):
            verify_proof(text[:at] + other + text[at + 1 :], key, witness)


def test_what_is_not_signed_yet_is_not_proved() -> None:
    record(Happened.SEEN, actor="account/a1", at=clock.now())
    newest = Entry.objects.latest("row")
    with pytest.raises(NotSignedYetError):
        prove([newest.entry_id])
    with pytest.raises(EntryUnknownError):
        prove([new_id()])
