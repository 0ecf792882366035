"""Is this receipt what the instance signed, to the last byte, and what does it prove?

    python verify_receipt.py RECEIPT.pdf --key PUBLIC

One file, standard library only, no network: it can be read in full before it is
trusted. PUBLIC is the instance's key for consents ("safelight-consents-...+hash+key"),
or a file that holds it; get it from the instance's people or its address /receipts/key,
not from the receipt. Exit code 0: as it was signed. 1: not. 2: usage.

The file's last line is "%safelight-signature NAME HEX": an Ed25519 signature over all
bytes before that line. The lines "%record ..." hold base64 of one JSON object: `record`,
the signature record as text; `signature`, Ed25519 over that text; `words`, the words
that were shown, whose SHA-256 stands in the record; `handwriting`, a signature drawn on the
screen, if one was, whose SHA-256 stands there too. An accounting holds no record.
The lines "%keys ..." hold base64 of the list of keys, where PUBLIC is not the only one:
each that follows is signed by the one before and by itself.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from safelight.platform.audit.offline.keys import PublicKey

LAST_LINE = re.compile(rb"%safelight-signature ([\w-]{1,80}) ([0-9a-f]{128})\n\Z")
KEYS = re.compile(rb"^%keys ([A-Za-z0-9+/=]+)$", re.MULTILINE)
RECORD = re.compile(rb"^%record ([A-Za-z0-9+/=]+)$", re.MULTILINE)
LONGEST_LAST_LINE = 300
SHOWN = (
    *("consent", "printed_name", "given_at", "meaning", "method", "handwriting_sha256"),
    *("authority", "subject_name"),
)


class NotAsSignedError(Exception):
    """The file is not what the instance signed."""


@dataclass(frozen=True)
class Paper:
    """What a good paper proves: the record's facts and the words; both empty where it has none."""

    said: dict[str, Any]
    words: str
    signed_by: str = ""


def open_paper(data: bytes, key: PublicKey) -> Paper:
    """Return what a paper proves. Raises NotAsSignedError."""
    last = LAST_LINE.search(data[-LONGEST_LAST_LINE:])
    if last is None:
        raise NotAsSignedError("it does not end with a signature")
    signed = data[: -len(last[0])]
    key = _with_listed(key, signed)
    by = key.named(last[1].decode())
    if by is None:
        raise NotAsSignedError("it was signed with another key")
    if not by.is_signed(by.public, signed, bytes.fromhex(last[2].decode())):
        raise NotAsSignedError("it was changed after it was signed")
    lines = RECORD.findall(signed)
    paper = _proved(b"".join(lines), key) if lines else Paper({}, "")
    return replace(paper, signed_by=by.name)


def _with_listed(key: PublicKey, signed: bytes) -> PublicKey:
    """Return the key with those that the paper lists, where it was replaced."""
    listed = base64.b64decode(b"".join(KEYS.findall(signed)))
    try:
        return key.joined(listed.decode()) if listed else key
    except ValueError:
        raise NotAsSignedError("its list of keys is not endorsed by this one") from None


def _proved(encoded: bytes, key: PublicKey) -> Paper:
    kept = json.loads(base64.b64decode(encoded, validate=True))
    text = kept["record"].encode()
    said = json.loads(text)
    if key.signer(text, bytes.fromhex(kept["signature"]), at=said.get("signed_at", "")) is None:
        raise NotAsSignedError("its signature record was not signed with this key")
    if hashlib.sha256(kept["words"].encode()).hexdigest() != said["words_sha256"]:
        raise NotAsSignedError("its words are not those that were signed")
    drawn = kept.get("handwriting", "")
    if drawn or "handwriting_sha256" in said:
        _require_drawn(drawn, said)
    return Paper(said, kept["words"])


def _require_drawn(drawn: str, said: dict[str, Any]) -> None:
    digest = hashlib.sha256(drawn.encode())
    if digest.hexdigest() != said.get("handwriting_sha256"):
        raise NotAsSignedError("its drawn signature is not the one that was signed")
    shown = b"".join(bytes.fromhex(said[name]) for name in ("terms_sha256", "words_sha256"))
    signed = hashlib.sha256(b"consent/v1\0" + shown).digest()
    by_hand = hashlib.sha256(b"consent-by-hand/v1\0" + signed + digest.digest())
    if by_hand.hexdigest() != said["signed_digest"]:
        raise NotAsSignedError("its drawn signature was not approved with the words")


def main(arguments: list[str] | None = None) -> int:
    """Verify the paper named on the command line."""
    parser = argparse.ArgumentParser(description="Verify a paper that Safelight signed.")
    parser.add_argument("paper", type=Path)
    parser.add_argument("--key", required=True, help="the public key, or a file that holds it")
    given = parser.parse_args(arguments)
    try:
        named = Path(given.key)
        key = PublicKey.parse(named.read_text() if named.is_file() else given.key)
        data = given.paper.read_bytes()
    except (OSError, ValueError) as error:
        parser.error(str(error))
    try:
        paper = open_paper(data, key)
    except NotAsSignedError as broken:
        sys.stdout.write(f"NOT AS SIGNED: {broken}\n")
        return 1
    sys.stdout.write(f"as signed by {paper.signed_by}\n")
    for name in SHOWN:
        if paper.said.get(name):
            sys.stdout.write(f"{name}: {paper.said[name]}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
