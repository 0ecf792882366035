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
import json
import sys
from pathlib import Path

from safelight.platform.audit.offline.keys import PublicKey
from safelight.platform.audit.offline.proofs import verify_proof
from safelight.platform.audit.offline.reports import verify_report
from safelight.platform.audit.offline.trail import BrokenTrailError, Trail, verify_lines


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
