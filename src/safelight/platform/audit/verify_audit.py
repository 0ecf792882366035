"""Is this exported trail whole, in order, and as it was signed?

    python verify_audit.py TRAIL.jsonl --key PUBLIC [--witness NOTE ...] [--witness-key PUBLIC]
    python verify_audit.py PROOF.json --key PUBLIC [--witness-key PUBLIC]
    python verify_audit.py REPORT --key PUBLIC --paper-key PUBLIC [--witness-key PUBLIC]

One file, standard library only, no network: it can be read in full before it is
trusted. PUBLIC is the instance's audit key ("safelight-audit-...+hash+key"), or a
file that holds it; get it from the instance's people, not from the trail. A
witness is a checkpoint that was kept elsewhere: the trail must contain it. With a
witness's key, the checkpoint that all rests on must have its signature too.
Exit code 0: whole. 1: broken; the first broken sequence, or line, is named. 2: usage.

A REPORT says who looked at a person's exams: the PDF, the zip with all its files, or
the proof file alone. The record proves of each line that this was done and when; the
signature of the papers' key ("safelight-consents-...+hash+key") covers the words too,
and that no line is missing of those that were handed over.

The trail is one JSON object a line. {"type":"entry","seq","entry","chain"}: `entry`
is the text that is hashed, leaf = SHA-256(00 || entry), chain = SHA-256(chain of
seq-1 || leaf), beginning with 32 zero bytes. {"type":"checkpoint","note"}: a C2SP
signed note over the RFC 6962 root of all entries before it. {"type":"end","note"}:
the last of them, over the whole trail. Sequences begin at 1.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import csv
import hashlib
import io
import json
import re
import sys
import zipfile
import zlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

CLOCK_SLACK = timedelta(seconds=60)  # acts commit a little out of the order they began in
NO_CHAIN = bytes(32)
SIGNED = "checkpoint.signed"
_COSIGNS = 4  # the sort of a witness's key; a trail's is 1
_SORTS = (1, _COSIGNS)
_PROOF = {"type", "v", "checkpoint", "entries"}
_PROVED = {"seq", "entry", "hashes"}
_REPORT = {"type", "v", "checkpoint", "signed", "lines"}
_IN_PDF = re.compile(rb"^%proof ([A-Za-z0-9+/=]+)$", re.MULTILINE)
_LAST_LINE = re.compile(rb"%safelight-signature ([\w-]{1,80}) ([0-9a-f]{128})\n\Z")
_MOST_BYTES = 1 << 28
_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT_OF_MINUS_1 = pow(2, (_P - 1) // 4, _P)
_Point = tuple[int, int, int, int]  # extended coordinates: x/z, y/z, t = xy/z
_NEUTRAL: _Point = (0, 1, 1, 0)


class BrokenTrailError(Exception):
    """The trail is not what was signed, from `seq` on."""

    def __init__(self, seq: int, reason: str) -> None:
        super().__init__(f"sequence {seq}: {reason}")
        self.seq = seq
        self.reason = reason


class BrokenReportError(BrokenTrailError):
    """A report is not what was handed over; `seq` is the line, 0 for the whole."""

    def __str__(self) -> str:
        return f"line {self.seq} of the report: {self.reason}"


@dataclass(frozen=True)
class PublicKey:
    """The key of a trail, or of a witness of it (C2SP vkey), and how to check with it."""

    name: str
    key_hash: bytes
    public: bytes
    is_signed: Callable[[bytes, bytes, bytes], bool]
    is_witness: bool = False

    @classmethod
    def parse(
        cls, text: str, is_signed: Callable[[bytes, bytes, bytes], bool] | None = None
    ) -> PublicKey:
        """Read "name+hash+key". Raises ValueError where it is not one."""
        name, _, rest = text.strip().partition("+")
        key_hash, _, key = rest.partition("+")
        raw = base64.b64decode(key, validate=True)
        expected = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
        if len(raw) != 33 or raw[0] not in _SORTS or bytes.fromhex(key_hash) != expected:  # noqa: PLR2004
            message = "this is not an Ed25519 verifier key"
            raise ValueError(message)
        return cls(name, expected, raw[1:], is_signed or ed25519_is_signed, raw[0] == _COSIGNS)

    def open(self, note: str) -> tuple[int, bytes]:
        """Return the size and root that a note states. Raises ValueError if not signed so."""
        self.signed_at(note)
        _name, size, root, *_extensions = note.rpartition("\n\n")[0].split("\n")
        return int(size), base64.b64decode(root, validate=True)

    def signed_at(self, note: str) -> int:
        """Return when a witness signed a note, in seconds since 1970; 0 for the trail's own.

        Raises:
            ValueError: this key did not sign it.
        """
        body, _, signatures = note.rpartition("\n\n")
        for line in signatures.splitlines():
            dash, _, signed = line.partition(" ")
            signer, _, encoded = signed.partition(" ")
            if dash != "\N{EM DASH}" or signer != self.name:
                continue
            raw = base64.b64decode(encoded, validate=True)
            if raw[:4] != self.key_hash:
                continue
            at, text = 0, f"{body}\n"
            if self.is_witness:
                at = int.from_bytes(raw[4:12], "big")
                text = f"cosignature/v1\ntime {at}\n{text}"
            elif body.partition("\n")[0] != self.name:
                continue
            if self.is_signed(self.public, text.encode(), raw[12 if self.is_witness else 4 :]):
                return at
        message = "the note is not signed by this key"
        raise ValueError(message)


@dataclass
class Trail:
    """What has been read so far. Feed it entries and checkpoints in order."""

    key: PublicKey
    size: int = 0
    chain: bytes = NO_CHAIN
    peaks: list[bytes] = field(default_factory=list)
    good: int = 0
    witnessed: dict[int, bytes] = field(default_factory=dict)
    witness_key: PublicKey | None = None
    cosigned: int = 0  # the newest size that the witness signed
    on_subtree: Callable[[int, int, bytes], None] | None = None  # level, index, root
    _latest: str = ""
    _sure: int = 0
    _roots: dict[int, bytes] = field(default_factory=dict)

    def entry(self, seq: int, text: str, chain: bytes) -> dict[str, Any]:
        """Take the next entry and return what it says. Raises BrokenTrailError."""
        expected = self.size + 1
        if seq != expected:
            raise BrokenTrailError(expected, "missing" if seq > expected else "out of order")
        leaf = hashlib.sha256(b"\x00" + text.encode()).digest()
        if hashlib.sha256(self.chain + leaf).digest() != chain:
            raise BrokenTrailError(seq, "changed")
        self.size, self.chain = seq, chain
        self._append(leaf)
        try:
            said: dict[str, Any] = json.loads(text)
            self._check_clock(said["at"])
            if said["kind"] == SIGNED:
                self._check_claim(said["subject"], said["reason"])
        except (ValueError, KeyError, TypeError):
            raise BrokenTrailError(seq, "not an entry") from None
        witness = self.witnessed.pop(seq, None)
        if witness is not None and witness != self.root():
            raise BrokenTrailError(self._sure + 1, "not the trail that was witnessed")
        if witness is not None:
            self._sure = seq
        return said

    def checkpoint(self, note: str) -> None:
        """Take a checkpoint over all entries so far. Raises BrokenTrailError."""
        size, root = self._opened(note)
        if size != self.size:
            raise BrokenTrailError(min(size, self.size) + 1, "missing before a checkpoint")
        if self.witness_key is not None and is_cosigned(note, self.witness_key):
            self.cosigned = size
        if root != self.root():
            raise BrokenTrailError(self.good + 1, "rewritten since the last good checkpoint")
        self.good = size
        self._roots[size] = root

    def end(self, note: str) -> None:
        """Take the last checkpoint. Raises BrokenTrailError where the end is missing."""
        size, _ = self._opened(note)
        if size < self.size:
            raise BrokenTrailError(size + 1, "added after the trail was signed")
        self.checkpoint(note)
        for missing in sorted(self.witnessed):
            raise BrokenTrailError(min(missing, self.size + 1), "a witnessed part is missing")

    def root(self) -> bytes:
        """Return the RFC 6962 root over the entries so far."""
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = hashlib.sha256(b"\x01" + peak + root).digest()
        return root

    def _append(self, leaf: bytes) -> None:
        level, merges = 0, self.size - 1
        while merges & 1:
            leaf = hashlib.sha256(b"\x01" + self.peaks.pop() + leaf).digest()
            level, merges = level + 1, merges >> 1
            if self.on_subtree is not None:
                self.on_subtree(level, merges, leaf)
        self.peaks.append(leaf)

    def _check_clock(self, at: str) -> None:
        if at < self._latest:
            if datetime.fromisoformat(self._latest) - datetime.fromisoformat(at) > CLOCK_SLACK:
                raise BrokenTrailError(self.size, "the clock went back")
        else:
            self._latest = at

    def _check_claim(self, subject: str, root: str) -> None:
        size = int(subject.partition("/")[2])
        if self._roots.pop(size, b"").hex() != root:
            raise BrokenTrailError(size, "its checkpoint is missing or another")

    def _opened(self, note: str) -> tuple[int, bytes]:
        try:
            return self.key.open(note)
        except (ValueError, binascii.Error):
            raise BrokenTrailError(self.size, "a checkpoint is not signed by this key") from None


def verify_lines(lines: Iterable[str], trail: Trail) -> None:
    """Read an exported trail to its end. Raises BrokenTrailError."""
    for line in lines:
        try:
            said = json.loads(line)
            kind = said["type"]
            if kind == "entry":
                trail.entry(int(said["seq"]), said["entry"], bytes.fromhex(said["chain"]))
            elif kind == "checkpoint":
                trail.checkpoint(said["note"])
            elif kind == "end":
                trail.end(said["note"])
                return
        except (ValueError, KeyError, TypeError, AttributeError):
            raise BrokenTrailError(trail.size + 1, "not a line of a trail") from None
    raise BrokenTrailError(trail.size + 1, "the end is missing")


def is_cosigned(note: str, witness: PublicKey) -> bool:
    """Say whether a witness signed a checkpoint."""
    try:
        return witness.signed_at(note) > 0
    except (ValueError, binascii.Error):
        return False


def verify_proof(text: str, key: PublicKey, witness: PublicKey | None) -> tuple[int, int]:
    """Verify a proof file and return how many entries it proves, and the record's size.

    Raises:
        BrokenTrailError: an entry is not in the record that the checkpoint signs, or it
            is not signed.
    """
    try:
        said = json.loads(text)
        if (said["type"], said["v"], set(said)) == ("proof", 1, _PROOF):
            return _proved(said, key, witness)
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    raise BrokenTrailError(0, "not a proof that is signed by this key")


def _proved(said: dict[str, Any], key: PublicKey, witness: PublicKey | None) -> tuple[int, int]:
    size, root = _signed_root(said["checkpoint"], key, witness)
    _check_entries(said["entries"], size, root)
    return len(said["entries"]), size


def _signed_root(note: str, key: PublicKey, witness: PublicKey | None) -> tuple[int, bytes]:
    size, root = key.open(note)
    if witness is not None and not is_cosigned(note, witness):
        raise BrokenTrailError(size, "the checkpoint is not signed by the witness")
    return size, root


def _check_entries(entries: list[dict[str, Any]], size: int, root: bytes) -> None:
    for each in entries:
        leaf = hashlib.sha256(b"\x00" + each["entry"].encode()).digest()
        hashes = [bytes.fromhex(one) for one in each["hashes"]]
        if set(each) != _PROVED or _root_from(leaf, each["seq"] - 1, size, hashes) != root:
            raise BrokenTrailError(each["seq"], "not in the record that was signed")


def line_digest(said: dict[str, str]) -> str:
    """Return what stands for one line of a report where it is signed."""
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def verify_report(
    data: bytes, key: PublicKey, papers: PublicKey | None, witness: PublicKey | None
) -> str:
    """Verify a report, and return in words what it proves. Raises BrokenTrailError."""
    if not data.startswith(b"PK"):
        return _checked(_report_in(data, papers), key, papers, witness)
    with zipfile.ZipFile(io.BytesIO(data)) as files:
        read = {each.filename: files.read(each) for each in files.infolist()}
    report = _report_in(read.get("disclosures-proof.json", b""), papers)
    said = _checked(report, key, papers, witness)
    _check_table(read.get("disclosures.csv", b"").decode(), report["lines"])
    if _report_in(read.get("disclosures.pdf", b""), papers) != report:
        raise BrokenReportError(0, "the PDF is another report")
    return f"{said}the table and the PDF hold the same lines\n"


def _report_in(data: bytes, papers: PublicKey | None) -> dict[str, Any]:
    if data.startswith(b"%PDF"):
        last = _LAST_LINE.search(data[-300:])
        signed = data[: -len(last[0])] if last else b""
        if papers is not None and not (
            last is not None
            and last[1].decode() == papers.name
            and papers.is_signed(papers.public, signed, bytes.fromhex(last[2].decode()))
        ):
            raise BrokenReportError(0, "the PDF was changed after it was signed")
        packed = base64.b64decode(b"".join(_IN_PDF.findall(signed)))
        data = zlib.decompressobj().decompress(packed, _MOST_BYTES) if packed else b""
    try:
        said: dict[str, Any] = json.loads(data)
        if (said["type"], said["v"], set(said)) == ("report", 1, _REPORT):
            return said
    except (ValueError, KeyError, TypeError):
        pass
    raise BrokenReportError(0, "it carries no proof")


def _checked(
    report: dict[str, Any], key: PublicKey, papers: PublicKey | None, witness: PublicKey | None
) -> str:
    note, lines, without = report["checkpoint"], report["lines"], []
    if papers is not None:
        _check_signed(report["signed"], lines, papers)
    size, root = _signed_root(note, key, witness) if note else (0, b"")
    for number, line in enumerate(lines, start=1):
        try:
            _check_entries(line["entries"], size, root)
            is_true = _fits(line["said"], line["entries"])
        except (BrokenTrailError, ValueError, KeyError, TypeError, AttributeError):
            is_true = False
        if not is_true:
            raise BrokenReportError(number, "the record does not say so")
        if len(line["entries"]) < int(line["said"]["count"]):
            without.append(number)
    told = (
        f"proved: {len(lines) - len(without)} of {len(lines)} lines are in the record of {size}\n"
    )
    if without:
        told += f"NOT proved, their entries are too new or too old: lines {without}\n"
    if papers is None:
        return f"{told}names and other words are NOT checked: give --paper-key\n"
    return f"{told}words, and that no line is missing: as signed by {papers.name}\n"


def _check_signed(note: str, lines: list[dict[str, Any]], papers: PublicKey) -> None:
    try:
        papers.signed_at(note)
        _name, sort, _made, *digests = note.rpartition("\n\n")[0].split("\n")
    except (ValueError, binascii.Error):
        sort = ""
    if sort != "report/1":
        raise BrokenReportError(0, "its list of lines is not signed by the papers' key")
    found = (line_digest(line["said"]) for line in lines)
    for number, (one, other) in enumerate(zip_longest(digests, found), start=1):
        if one != other:
            raise BrokenReportError(number, "not as it was handed over")


def _fits(said: dict[str, str], entries: list[dict[str, Any]]) -> bool:
    first, last = (datetime.fromisoformat(said[name]) for name in ("date", "last_date"))
    acts = {"study.looked-at"} | ({"study.downloaded"} if said["channel"] == "download" else set())
    told = [json.loads(each["entry"]) for each in entries]
    times = [datetime.fromisoformat(each["at"]) for each in told]
    if len(told) == int(said["count"]) and (min(times), max(times)) != (first, last):
        return False
    return (
        said["entries"].split() == [str(each["seq"]) for each in entries]
        and all(each["kind"] in acts and each["outcome"] == "ok" for each in told)
        and all(first <= at <= last for at in times)
    )


def _check_table(table: str, lines: list[dict[str, Any]]) -> None:
    rows = csv.DictReader(io.StringIO(table.removeprefix("\ufeff"), newline=""))
    pairs: Iterable[tuple[Any, Any]] = zip_longest(rows, lines, fillvalue={})
    for number, (row, line) in enumerate(pairs, start=1):
        # Before what a spreadsheet would take for a formula stands one mark.
        bare = [
            {name: str(text).removeprefix("'") for name, text in cells.items()}
            for cells in (row, line.get("said", {}))
        ]
        if bare[0] != bare[1]:
            raise BrokenReportError(number, "another in the table")


def _root_from(leaf: bytes, index: int, size: int, hashes: list[bytes]) -> bytes:
    """Climb from a leaf to the root (RFC 9162 section 2.1.3.2); empty where that is not the way."""
    node, last = index, size - 1
    if not 0 <= node <= last:
        return b""
    for step in hashes:
        if last == 0:
            return b""
        if node & 1 or node == last:
            leaf = hashlib.sha256(b"\x01" + step + leaf).digest()
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            leaf = hashlib.sha256(b"\x01" + leaf + step).digest()
        node, last = node >> 1, last >> 1
    return leaf if last == 0 else b""


def ed25519_is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether an Ed25519 signature is good (RFC 8032 section 5.1.7)."""
    key, half = _point(public), _point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or key is None or half is None or scalar >= _ORDER:  # noqa: PLR2004
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    factor = int.from_bytes(digest, "little") % _ORDER
    base = _point((4 * pow(5, -1, _P) % _P).to_bytes(32, "little"))
    if base is None:
        return False
    x1, y1, z1, _ = _times(scalar, base)
    x2, y2, z2, _ = _plus(half, _times(factor, key))
    return (x1 * z2 - x2 * z1) % _P == 0 and (y1 * z2 - y2 * z1) % _P == 0


def _point(encoded: bytes) -> _Point | None:
    number = int.from_bytes(encoded, "little")
    y, sign = number & ((1 << 255) - 1), number >> 255
    if len(encoded) != 32 or y >= _P:  # noqa: PLR2004
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT_OF_MINUS_1 % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


def _plus(one: _Point, other: _Point) -> _Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * one[3] * other[3] * _D % _P
    d = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(scalar: int, point: _Point) -> _Point:
    result = _NEUTRAL
    while scalar:
        if scalar & 1:
            result = _plus(result, point)
        point = _plus(point, point)
        scalar >>= 1
    return result


def main(arguments: list[str] | None = None) -> int:
    """Verify the trail named on the command line."""
    parser = argparse.ArgumentParser(description="Verify an exported Safelight audit trail.")
    parser.add_argument("trail", type=Path)
    parser.add_argument("--key", required=True, help="the public key, or a file that holds it")
    parser.add_argument("--witness", type=Path, action="append", default=[], help="a kept note")
    parser.add_argument("--witness-key", help="a witness's public key, or a file that holds it")
    parser.add_argument("--paper-key", help="the public key of papers, or a file that holds it")
    given = parser.parse_args(arguments)
    try:
        sys.stdout.write(_verified(given))
    except BrokenTrailError as broken:
        sys.stdout.write(f"BROKEN at {broken}\n")
        return 1
    except (OSError, ValueError) as error:
        parser.error(str(error))
    return 0


def _verified(given: argparse.Namespace) -> str:
    key = _key_named(given.key)
    outside = _key_named(given.witness_key) if given.witness_key else None
    papers = _key_named(given.paper_key) if given.paper_key else None
    if not _is_trail(given.trail):
        data = given.trail.read_bytes()
        if data.startswith(b"{") and b'"report"' not in data:
            count, size = verify_proof(data.decode(), key, outside)
            return f"proved: {count} entries are in the record of {size}\n"
        return verify_report(data, key, papers, outside)
    with given.trail.open(encoding="utf-8", newline="\n") as lines:
        kept = dict(key.open(note.read_text()) for note in given.witness)
        trail = Trail(key, witnessed=kept, witness_key=outside)
        verify_lines(lines, trail)
    said = f"whole: {trail.size} entries, root {trail.root().hex()}\n"
    if outside is None:
        return said
    if not trail.cosigned:
        raise BrokenTrailError(1, "the witness signed nothing of this trail")
    return f"{said}signed by {outside.name} up to entry {trail.cosigned}\n"


def _is_trail(path: Path) -> bool:
    """Say whether a file is a trail: its first line is whole, and no proof or report."""
    with path.open("rb") as file:
        first = file.readline()
    if first.startswith((b"%PDF", b"PK")):
        return False
    try:
        return json.loads(first).get("type") not in {"proof", "report"}
    except (ValueError, AttributeError):
        return first.strip() != b"{"


def _key_named(text: str) -> PublicKey:
    named = Path(text)
    return PublicKey.parse(named.read_text() if named.is_file() else text)


if __name__ == "__main__":
    sys.exit(main())
