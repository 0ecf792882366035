"""How does the trail's end get signed, so that anyone may keep it as a witness?

A checkpoint is a C2SP signed note (tlog-checkpoint, signed-note):

    origin
    size
    base64(root)

    (em dash) key base64(key hash || Ed25519 signature)

The origin is the name of the trail's first key, also where another signs by now.
"""

from __future__ import annotations

import base64
from typing import Final

from safelight.platform.audit.offline.keys import PublicKey
from safelight.platform.keys.signing import (
    Signer,
    first_signer,
    is_signed,
    keys_beside,
    list_of_keys,
    signer_for,
)

PURPOSE: Final = "audit-signing"
SORT: Final = "safelight-audit"


def signer(*, after: str = "") -> Signer:
    """Return the signer of this instance's trail, none older than signed the note `after`."""
    return signer_for(PURPOSE, SORT, after=after)


def first_key() -> str:
    """Return the trail's first public key as text: whoever has it can verify all that follows."""
    return first_signer(PURPOSE, SORT).verifier_key


def all_keys() -> str:
    """Return all of the trail's public keys as text, each endorsed by the one before."""
    return list_of_keys(PURPOSE, SORT)


def keys_to_add() -> dict[str, str]:
    """Return what a file says of the trail's keys beside the first."""
    listed = keys_beside(PURPOSE, SORT)
    return {"keys": listed} if listed else {}


def known_keys() -> PublicKey:
    """Return the trail's public keys, to check with."""
    return PublicKey.parse(all_keys(), is_signed)


def note(by: Signer, size: int, root: bytes) -> str:
    """Sign the statement that the trail has `size` entries under `root`."""
    body = _body(by.origin or by.name, size, root)
    return f"{body}\n{by.line_under(body)}"


def is_note(text: str, size: int, root: bytes) -> bool:
    """Say whether a note is just what this instance signed of that size and root."""
    key = known_keys()
    head, _, line = text.rpartition("\n\n")
    if f"{head}\n" != _body(key.line[0].name, size, root) or line.count("\n") != 1:
        return False
    encoded = line.rstrip("\n").rpartition(" ")[2]
    try:
        key.signed_at(text)
        return base64.b64encode(base64.b64decode(encoded)).decode() == encoded
    except ValueError:
        return False


def _body(origin: str, size: int, root: bytes) -> str:
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
