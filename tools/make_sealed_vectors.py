"""Which bytes must every reader and writer of the sealed format agree on?

Prints docs/reference/vectors/sealed-format.json; a test holds that file against
this function, and the independent reader against that file. Everything random
in the product (keys, nonces, salts) is a counting pattern here.
"""

from __future__ import annotations

import hashlib
import json
import sys
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from safelight.platform.keys.cipher import derive, seal_same, token
from safelight.platform.keys.names import name_of_secret, name_of_study, name_under_root
from safelight.platform.keys.root import RootKey
from safelight.platform.storage.codec import Codec
from safelight.platform.storage.layout import Layout, Segment
from safelight.platform.storage.record import seal_record

VAULT = UUID("11111111-1111-4111-8111-111111111111")
STUDY = UUID("22222222-2222-4222-8222-222222222222")
SHORT = 1024
OBJECT = UUID("33333333-3333-4333-8333-333333333333")


def counting(start: int, length: int) -> bytes:
    """Return `length` bytes that count up from `start`."""
    return bytes((start + number) % 251 for number in range(length))


def sealed(key: bytes, plaintext: bytes, bound_to: str, nonce: bytes) -> bytes:
    """Seal as the product does, but under a nonce that is given."""
    return b"\x01" + nonce + AESGCM(key).encrypt(nonce, plaintext, bound_to.encode())


def hierarchy() -> list[dict[str, str]]:
    """Return one key of each kind, wrapped under the one above it."""
    root = RootKey.of(counting(0, 32))
    secret, vault, ledger, study, thing = (counting(32 * n, 32) for n in range(1, 6))
    rows = [
        ("instance-secret", root.material, secret, name_of_secret(root.id)),
        ("vault", root.material, vault, name_under_root("vault", VAULT, root.id)),
        ("ledger", root.material, ledger, name_under_root("ledger", VAULT, root.id)),
        ("study", vault, study, name_of_study(STUDY, VAULT)),
        ("object", study, thing, f"object|{OBJECT}"),
    ]
    return [
        {
            "kind": kind,
            "above": above.hex(),
            "key": key.hex(),
            "bound_to": name,
            "wrapped": sealed(above, key, name, counting(7 * number, 12)).hex(),
        }
        for number, (kind, above, key, name) in enumerate(rows)
    ]


def derivations() -> list[dict[str, Any]]:
    """Return what HKDF makes of one key for the purposes in use."""
    purposes = [
        ("root-id", 8),
        ("root-check", 32),
        ("instance/sessions", 32),
        ("instance/account-fields", 32),
        ("instance/account-fields", 64),
        ("field", 32),
        ("token/patient-name", 32),
    ]
    key = counting(0, 32)
    return [
        {
            "key": key.hex(),
            "purpose": purpose,
            "length": length,
            "derived": derive(key, purpose, length).hex(),
        }
        for purpose, length in purposes
    ]


def seals() -> dict[str, list[dict[str, str]]]:
    """Return small values sealed in the three ways."""
    column = "accounts_account|name"
    values = [b"", b"a", counting(3, 100)]
    key, same_key = counting(64, 32), counting(64, 64)
    nonce = counting(9, 12)
    return {
        "seal": [
            {
                "key": key.hex(),
                "plaintext": value.hex(),
                "bound_to": column,
                "sealed": sealed(key, value, column, nonce).hex(),
            }
            for value in values
        ],
        "seal_same": [
            {
                "key": same_key.hex(),
                "plaintext": value.hex(),
                "bound_to": column,
                "sealed": seal_same(same_key, value, bound_to=column).hex(),
            }
            for value in values
        ],
        "token": [
            {"key": key.hex(), "value": value.hex(), "token": token(key, value).hex()}
            for value in values
        ],
    }


def records() -> list[dict[str, Any]]:
    """Return records of objects that end before, at and after a chunk's end."""
    key, salt, bits = counting(160, 32), counting(99, 32), 14
    rows = []
    for length in (0, 1, 1 << bits, (1 << bits) + 1):
        plaintext = counting(5, length)
        record = b"".join(seal_record(key, OBJECT, [plaintext], chunk_bits=bits, salt=salt))
        row: dict[str, Any] = {
            "key": key.hex(),
            "object_id": str(OBJECT),
            "salt": salt.hex(),
            "chunk_bits": bits,
            "plaintext": f"(5 + n) mod 251 for n from 0 to {length}, which is left out",
            "plaintext_length": length,
            "record_length": len(record),
            "record_sha256": hashlib.sha256(record).hexdigest(),
        }
        rows.append(row | ({"record": record.hex()} if len(record) < SHORT else {}))
    return rows


def layouts() -> list[dict[str, Any]]:
    """Return layouts with their compact form."""
    cases = [
        (),
        (Segment(9712, 9712, Codec.RAW), Segment(524288, 129754, Codec.ZSTD_SPLIT)),
        (Segment(1 << 20, 77, Codec.ZSTD), Segment(1 << 40, 1 << 40, Codec.RAW)),
    ]
    return [
        {
            "segments": [[part.length, part.stored, part.codec.name] for part in segments],
            "compact": Layout(segments).to_bytes().hex(),
        }
        for segments in cases
    ]


def vectors() -> dict[str, Any]:
    """Return all vectors."""
    return {
        "hierarchy": hierarchy(),
        "derive": derivations(),
        **seals(),
        "record": records(),
        "layout": layouts(),
    }


def text() -> str:
    """Return the file as it must be."""
    return json.dumps(vectors(), indent=1) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
