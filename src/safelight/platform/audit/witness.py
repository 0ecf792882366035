"""Who notices when a trail is cut or rewritten, even by somebody who holds all its keys?

A witness: a small program on another machine, in other hands. It keeps the newest
checkpoint that it saw, and signs a newer one only with a proof that the newer trail
contains the older. It holds no part of any trail but sizes and hashes.

The form is C2SP tlog-witness. POST /add-checkpoint: "old SIZE", the lines of the
consistency proof, an empty line, the note. Answers: 200 and the cosignature; 409 and
the size that the witness holds, where `old` is another; 422 where the proof does not
prove; 403 and 404 for notes of other trails; 400 for what is none. Beside it,
POST /add-keys takes the keys that followed the first, each endorsed by the one before, and
GET /notes gives all that was ever signed, for whoever looks where a trail parts from it.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import threading
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from safelight.kernel.errors import ExpectedError
from safelight.platform.audit.cosignatures import Cosigner
from safelight.platform.audit.merkle import HASH_SIZE, extends
from safelight.platform.audit.offline.keys import PublicKey

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

GONE_ON: Final = "gone_on"  # in a line of what was signed: an owner let another history begin
_MOST_HASHES: Final = 63
_OTHERS_MAY: Final = 0o077
_TAIL: Final = 1 << 16  # more than one record is long


class WitnessStateError(ExpectedError):
    """The witness's folder is not one that it can rely on."""

    code = "witness_state"


class WitnessRefusesError(ExpectedError):
    """The witness does not go on with this record."""

    code = "witness_refuses"


@dataclass(frozen=True, slots=True)
class Left:
    """What was left behind when a witness went on: it kept `common` entries of `held`."""

    common: int
    held: int
    size: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What the witness says to a request."""

    status: HTTPStatus
    text: str = ""
    media_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to sign: what the asker believes the witness holds, the proof, and the note."""

    old: int
    proof: Sequence[bytes]
    note: str

    @classmethod
    def parse(cls, text: str) -> Asked:
        """Read the body of a request. Raises ValueError."""
        head, _, note = text.partition("\n\n")
        first, *hashes = head.split("\n")
        word, _, old = first.partition(" ")
        proof = [base64.b64decode(each, validate=True) for each in hashes]
        is_well_formed = word == "old" and len(proof) <= _MOST_HASHES and "\n\n" in note
        if not is_well_formed or any(len(each) != HASH_SIZE for each in proof):
            raise ValueError(text[:0])
        return cls(_plain_number(old), proof, note)


class Witness:
    """One trail's witness, with its key and all that it signed in `folder`.

    Raises:
        WitnessStateError: others may read the key, another process uses the folder, or
            what it holds is damaged.
    """

    def __init__(self, folder: Path, log: PublicKey) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(self._folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.close()
            raise WitnessStateError("another witness runs in this folder") from None
        self._keys_file = folder / "log-keys"
        self.signed_file = folder / "signed.jsonl"
        self._lock = threading.Lock()
        try:
            self.cosigner = Cosigner(_key_in(folder / "witness.key", self._folder))
            self.log = self._with_kept_keys(log)
            self._size, self._root = self._newest()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the folder."""
        os.close(self._folder)

    def add(self, text: str, *, at: int) -> Answer:
        """Answer a request to sign. What it answers with 200 is on disk before."""
        try:
            asked = Asked.parse(text)
            origin, said_size, *_rest = asked.note.split("\n")
            size = _plain_number(said_size)
        except ValueError:
            return Answer(HTTPStatus.BAD_REQUEST)
        if self.log.named(origin) is None:
            return Answer(HTTPStatus.NOT_FOUND)
        try:
            _, root = self.log.open(asked.note)
        except ValueError:
            return Answer(HTTPStatus.FORBIDDEN)
        if asked.old > size:
            return Answer(HTTPStatus.BAD_REQUEST)
        with self._lock:
            if asked.old != self._size or (size == self._size and root != self._root):
                return Answer(HTTPStatus.CONFLICT, f"{self._size}\n", "text/x.tlog.size")
            if not self._continues(size, root, asked.proof):
                return Answer(HTTPStatus.UNPROCESSABLE_ENTITY)
            line = self.cosigner.line(asked.note, at=at)
            if size != self._size:
                self._keep(self._with_line(asked.note, line))
                self._size, self._root = size, root
        return Answer(HTTPStatus.OK, line)

    def add_keys(self, text: str) -> Answer:
        """Take the keys that follow the one that is known, each endorsed by the one before.

        What was taken stays: another that would follow an old key instead is refused.
        """
        with self._lock:
            try:
                self.log = self.log.joined(text)
            except ValueError:
                return Answer(HTTPStatus.FORBIDDEN)
            if len(self.log.line) == 1 + text.count("\nnext: "):
                self._write_keys(text)
        return Answer(HTTPStatus.OK)

    def go_on(self, text: str, *, reason: str, at: int) -> Left:
        """Sign a record that was put back to an earlier moment, and hold to it from now on.

        It must contain the newest checkpoint from before that moment which this witness
        signed; from before its first there is none, and that takes a new witness. What was
        signed since stays in the file, with the line that ends it.

        Raises:
            WitnessRefusesError: no reason, no request, or of a record that does not contain it.
        """
        if not reason.strip():
            raise WitnessRefusesError("say why")
        try:
            asked = Asked.parse(text)
            size, root = self.log.open(asked.note)
        except ValueError:
            raise WitnessRefusesError("this is no request of the record that is watched") from None
        with self._lock:
            known = self._root_at(asked.old)
            if known is None:
                raise WitnessRefusesError(f"nothing of {asked.old} entries was signed here")
            if not extends(known, asked.old, root, size, asked.proof):
                raise WitnessRefusesError("it does not contain what was signed here")
            left = Left(common=asked.old, held=self._size, size=size)
            line = self.cosigner.line(asked.note, at=at)
            said = {"at": at, "reason": reason, "common": asked.old, "held": self._size}
            self._keep(self._with_line(asked.note, line), {GONE_ON: said})
            self._size, self._root = size, root
        return left

    def _root_at(self, size: int) -> bytes | None:
        """Return the root that was signed last at a size."""
        lines = self.signed_file.read_bytes().splitlines() if self.signed_file.exists() else []
        for line in reversed(lines):
            held, root = self.log.open(json.loads(line)["note"])
            if held == size:
                return root
        return None

    def _continues(self, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
        if self._size in {0, size}:
            return not proof
        return extends(self._root, self._size, root, size, proof)

    def _with_line(self, note: str, line: str) -> str:
        body, _, lines = note.rpartition("\n\n")
        marks = tuple(f"\N{EM DASH} {key.name} " for key in self.log.line)
        own = [each for each in lines.splitlines() if each.startswith(marks)]
        return "\n".join([body, "", *own, line])

    def _keep(self, note: str, more: dict[str, object] | None = None) -> None:
        with self.signed_file.open("ab") as file:
            file.write(json.dumps({"note": note} | (more or {})).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.fsync(self._folder)

    def _with_kept_keys(self, log: PublicKey) -> PublicKey:
        if not self._keys_file.exists():
            return log
        try:
            return log.joined(self._keys_file.read_text())
        except ValueError:
            raise WitnessStateError("the keys that it was told are of another trail") from None

    def _write_keys(self, text: str) -> None:
        new = self._keys_file.with_suffix(".new")
        with new.open("w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._keys_file)
        os.fsync(self._folder)

    def _newest(self) -> tuple[int, bytes]:
        """Return what was signed last; what a crash left unfinished was never answered."""
        if not self.signed_file.exists():
            return 0, hashlib.sha256(b"").digest()
        with self.signed_file.open("r+b") as file:
            length = file.seek(0, os.SEEK_END)
            file.seek(max(0, length - _TAIL))
            tail = file.read()
            whole = tail[: tail.rfind(b"\n") + 1]
            file.truncate(length - len(tail) + len(whole))
            os.fsync(file.fileno())
        if not whole:
            if length > _TAIL:
                raise WitnessStateError("what it signed cannot be read")
            return 0, hashlib.sha256(b"").digest()
        try:
            return self.log.open(json.loads(whole.splitlines()[-1])["note"])
        except (ValueError, KeyError, TypeError):
            raise WitnessStateError("what it signed is damaged, or of another trail") from None


def _key_in(path: Path, folder: int) -> Ed25519PrivateKey:
    if not path.exists():
        made = Ed25519PrivateKey.generate()
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        with os.fdopen(opened, "w") as file:
            file.write(made.private_bytes_raw().hex() + "\n")
            file.flush()
            os.fsync(opened)
        os.fsync(folder)
        return made
    if path.stat().st_mode & _OTHERS_MAY:
        raise WitnessStateError("others than its owner may read the witness's key")
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text().strip()))
    except ValueError:
        raise WitnessStateError("the witness's key is damaged") from None


def _plain_number(text: str) -> int:
    number = int(text)
    if str(number) != text or number < 0:
        raise ValueError(text[:0])
    return number
