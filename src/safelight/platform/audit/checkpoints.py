"""How does the trail's end get signed, so that anyone may keep it as a witness?

A checkpoint is a C2SP signed note (tlog-checkpoint, signed-note):

    origin
    size
    base64(root)

    (em dash) origin base64(key hash || Ed25519 signature)
"""

from __future__ import annotations

import base64

from safelight.platform.keys.signing import Signer, signer_for


def signer() -> Signer:
    """Return the signer of this instance's trail; the log's origin is its name."""
    return signer_for("audit-signing", "safelight-audit")


def note(by: Signer, size: int, root: bytes) -> str:
    """Sign the statement that the trail has `size` entries under `root`."""
    body = f"{by.name}\n{size}\n{base64.b64encode(root).decode()}\n"
    signature = by.key_hash + by.sign(body.encode())
    return f"{body}\n\N{EM DASH} {by.name} {base64.b64encode(signature).decode()}\n"
