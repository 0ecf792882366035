"""Does a witness sign only what continues what it signed, and never forget that?"""

from __future__ import annotations

import base64
import http.client
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from safelight.platform.audit.checkpoints import note
from safelight.platform.audit.merkle import consistency_proof, leaf_hash, root_of
from safelight.platform.audit.offline.keys import PublicKey
from safelight.platform.audit.witness import Witness, WitnessStateError
from safelight.platform.audit.witness_server import served
from safelight.platform.keys.signing import Signer
from witnessing import WitnessProcess

LEAVES = [leaf_hash(bytes([number])) for number in range(40)]
OTHERS = [*LEAVES[:7], leaf_hash(b"rewritten"), *LEAVES[8:]]


def signer_of(seed: int) -> Signer:
    private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return Signer("safelight-audit", private, private.public_key().public_bytes_raw())


LOG = signer_of(1)


@dataclass
class Listening:
    """A witness that listens, in a thread or in a process of its own."""

    port: int
    key: str


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Listening]:
    kept = Witness(tmp_path / "witness", PublicKey.parse(LOG.verifier_key))
    server = served(kept, "127.0.0.1", 0)
    with ThreadPoolExecutor(1) as other:
        other.submit(server.serve_forever, 0.05)
        yield Listening(server.server_port, kept.cosigner.verifier_key)
        server.shutdown()
    server.server_close()
    kept.close()


def note_of(size: int, leaves: list[bytes] = LEAVES, by: Signer = LOG) -> str:
    return note(by, size, root_of(leaves[:size]))


def ask(
    witness: Listening | WitnessProcess,
    old: int,
    size: int,
    leaves: list[bytes] = LEAVES,
    by: Signer = LOG,
) -> tuple[int, str]:
    proof = consistency_proof(leaves[:size], old) if 0 < old <= size else []
    return post(witness, old, proof, note_of(size, leaves, by))


def post(
    witness: Listening | WitnessProcess, old: int, proof: list[bytes], text: str
) -> tuple[int, str]:
    lines = [f"old {old}", *(base64.b64encode(each).decode() for each in proof)]
    return send(witness, "\n".join(lines) + "\n\n" + text)


def send(
    witness: Listening | WitnessProcess, body: str, path: str = "/add-checkpoint"
) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", witness.port, timeout=20)
    connection.request("POST", path, body.encode())
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def test_it_signs_what_continues_what_it_signed(witness: Listening) -> None:
    key = PublicKey.parse(witness.key)
    for old, size in ((0, 3), (3, 3), (3, 8), (8, 33), (33, 40)):
        status, line = ask(witness, old, size)
        assert status == 200
        assert key.signed_at(note_of(size) + line) > 1_700_000_000
        assert key.open(note_of(size) + line) == (size, root_of(LEAVES[:size]))
        with pytest.raises(ValueError, match="not signed"):
            key.open(note_of(size - 1) + line)


def test_it_tells_its_size_to_whoever_believes_another(witness: Listening) -> None:
    assert ask(witness, 0, 10)[0] == 200
    assert ask(witness, 0, 20) == (409, "10\n")
    assert ask(witness, 5, 8) == (409, "10\n")  # the record was cut
    assert ask(witness, 10, 10, OTHERS) == (409, "10\n")  # as long as before, and another


def test_it_signs_no_other_history(witness: Listening) -> None:
    assert ask(witness, 0, 10)[0] == 200
    assert ask(witness, 10, 20, OTHERS)[0] == 422
    honest = consistency_proof(LEAVES[:20], 10)
    for wrong in ([], honest[:-1], [*honest, bytes(32)], honest[::-1], [bytes(32)] * 63):
        assert post(witness, 10, wrong, note_of(20))[0] == 422
    assert post(witness, 10, honest, note_of(20, OTHERS))[0] == 422
    assert post(witness, 10, honest, note_of(20))[0] == 200


def test_it_signs_for_its_own_record_only(witness: Listening) -> None:
    other = signer_of(2)
    assert ask(witness, 0, 10, by=other)[0] == 404
    forged = note_of(10, by=other).replace(other.name, LOG.name)
    assert post(witness, 0, [], forged)[0] == 403
    assert post(witness, 0, [], note_of(10).replace("\n10\n", "\n11\n"))[0] == 403


@pytest.mark.parametrize(
    "body",
    [
        "",
        "old 0",
        "old 0\n\n",
        "old x\n\n{note}",
        "old -1\n\n{note}",
        "old 00\n\n{note}",
        "old 11\n\n{note}",
        "new 0\n\n{note}",
        "old 0\nAAAA\n\n{note}",
        "old 0\n!\n\n{note}",
        "old 0\n" + (base64.b64encode(bytes(32)).decode() + "\n") * 64 + "\n{note}",
    ],
)
def test_what_is_no_request_is_refused(witness: Listening, body: str) -> None:
    assert send(witness, body.replace("{note}", note_of(10)))[0] == 400


def test_it_reads_no_endless_request_and_knows_no_other_page(witness: Listening) -> None:
    assert send(witness, "x" * 70_000)[0] == 413
    assert send(witness, "", "/")[0] == 404
    assert send(witness, "", "/../witness.key")[0] == 404


def test_it_remembers_after_a_crash(tmp_path: Path) -> None:
    witness = WitnessProcess(tmp_path / "witness", LOG.verifier_key)
    witness.start()
    key = witness.key
    assert ask(witness, 0, 10)[0] == 200
    witness.end(by=signal.SIGKILL)
    signed = witness.folder / "signed.jsonl"
    with signed.open("ab") as file:
        file.write(b'{"note": "torn in the mid')
    witness.start()
    assert witness.key == key
    assert ask(witness, 0, 5) == (409, "10\n")
    assert ask(witness, 10, 12)[0] == 200
    assert len(signed.read_bytes().splitlines()) == 2
    assert witness.end() == 0


def test_its_key_is_its_own(tmp_path: Path) -> None:
    log = PublicKey.parse(LOG.verifier_key)
    made = Witness(tmp_path / "w", log)
    key = tmp_path / "w" / "witness.key"
    assert key.stat().st_mode & 0o777 == 0o400
    with pytest.raises(WitnessStateError, match="another witness"):
        Witness(tmp_path / "w", log)
    name = made.cosigner.name
    made.close()
    again = Witness(tmp_path / "w", log)
    assert again.cosigner.name == name
    again.close()
    key.chmod(0o440)
    with pytest.raises(WitnessStateError, match="may read"):
        Witness(tmp_path / "w", log)
    key.chmod(0o400)


def test_a_folder_of_another_record_is_refused(tmp_path: Path) -> None:
    made = Witness(tmp_path / "w", PublicKey.parse(LOG.verifier_key))
    assert made.add("old 0\n\n" + note_of(4), at=1).status == 200
    made.close()
    with pytest.raises(WitnessStateError, match="of another trail"):
        Witness(tmp_path / "w", PublicKey.parse(signer_of(2).verifier_key))
