"""Is this certificate of a destroyed key what the instance signed, and what does it say?

    python verify_destruction.py CERTIFICATE --key PUBLIC

One file, standard library only, no network: it can be read in full before it is trusted.
PUBLIC is the instance's key for certificates ("safelight-destruction-...+hash+key"), or a
file that holds it; get it from the instance's people, not from the certificate. Exit code
0: as it was signed. 1: not. 2: usage.

A certificate is a C2SP signed note: the name of the key that signed it, lines "name: value",
an empty line, and an Ed25519 signature over all that stands before the empty line.
"""

from __future__ import annotations

import argparse
import base64
import sys
from dataclasses import dataclass
from pathlib import Path

from safelight.platform.audit.offline.keys import PublicKey

FORM = "safelight-destruction/1"
KEYS = "signing-keys"  # the list of keys in base64, where there was more than one
NEEDED = ("form", "key", "destroyed", "unreadable-everywhere-from", "issued")


class NotAsSignedError(Exception):
    """The certificate is not what was signed."""


@dataclass(frozen=True)
class Certificate:
    """What a certificate says, name by name, in its order."""

    said: list[tuple[str, str]]
    signed_by: str


def open_certificate(note: str, key: PublicKey) -> Certificate:
    """Return what a certificate says.

    Raises:
        NotAsSignedError: this key did not sign it, or it is not a certificate.
    """
    _, *lines = note.rpartition("\n\n")[0].split("\n")
    said = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
    named = dict(said)
    listed = named.pop(KEYS, "")
    try:
        if listed:
            key = key.joined(base64.b64decode(listed, validate=True).decode())
        by = key.signer_of(note)
        is_late = by.is_over(named.get("issued", ""))
    except ValueError as error:
        raise NotAsSignedError(str(error)) from None
    if is_late:
        raise NotAsSignedError("this key had been replaced by then")
    if named.get("form") != FORM or any(name not in named for name in NEEDED):
        raise NotAsSignedError("this is not a certificate of a destroyed key")
    return Certificate([each for each in said if each[0] != KEYS], by.name)


def main(arguments: list[str] | None = None) -> int:
    """Verify the certificate named on the command line."""
    parser = argparse.ArgumentParser(description="Verify a certificate that a key is destroyed.")
    parser.add_argument("certificate", type=Path)
    parser.add_argument("--key", required=True, help="the public key, or a file that holds it")
    given = parser.parse_args(arguments)
    try:
        named = Path(given.key)
        key = PublicKey.parse(named.read_text() if named.is_file() else given.key)
        note = given.certificate.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        parser.error(str(error))
    try:
        certificate = open_certificate(note, key)
    except NotAsSignedError as broken:
        sys.stdout.write(f"NOT AS SIGNED: {broken}\n")
        return 1
    sys.stdout.write(f"as signed by {certificate.signed_by}\n")
    for name, value in certificate.said:
        sys.stdout.write(f"{name}: {value}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
