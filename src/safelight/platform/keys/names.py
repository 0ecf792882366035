"""What is a wrapped key bound to, so that it opens in its own row and in no other?

Kind, id, owner and, under the root key, which root key: a row moved to another
id, owner or kind does not open.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID, uuid5

_PURPOSES: Final = UUID("5b0d2c8e-7a57-4f0e-9b3c-1f6f5a1f2d60")


def name_of_secret(root_id: str) -> str:
    """Name the instance secret."""
    return f"instance-secret|1|instance|{root_id}"


def name_under_root(kind: str, vault_id: UUID, root_id: str, version: int = 1) -> str:
    """Name a version of the key of a "vault" or of its "ledger"."""
    return f"{kind}-key|{vault_id.hex}|{vault_id.hex}|{root_id}{_later(version)}"


def name_of_study(study_id: UUID, vault_id: UUID, version: int = 1) -> str:
    """Name a version of a study's key; its owner is the vault."""
    return f"study-key|{study_id.hex}|{vault_id.hex}{_later(version)}"


def id_of_purpose(purpose: str) -> UUID:
    """Return the subject of the keys that sign for a purpose."""
    return uuid5(_PURPOSES, purpose)


def name_of_fields(vault_id: UUID) -> str:
    """Name the secret of a vault's fields, once it is not the vault's key itself any more."""
    return f"fields-key|{vault_id.hex}|{vault_id.hex}"


def _later(version: int) -> str:
    # The first one has no number: it was there before there were versions.
    return f"|{version}" if version > 1 else ""
