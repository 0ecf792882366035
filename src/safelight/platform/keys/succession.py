"""How does another key sign from now on, and why does whoever knew the old one believe it?

The old key signs a note that names the new one, and the new one signs it too. The note
stays in the list that is told to everybody, so all that the old key signed before still
verifies. The new key signs a few seconds later: by then each process knows it. The old
private half is destroyed when nobody can be using it any more.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction

from safelight.platform.database.turns import take_turn
from safelight.platform.keys import store
from safelight.platform.keys.cipher import seal
from safelight.platform.keys.models import Change, Kind, SigningKey, Standing, WrappedKey
from safelight.platform.keys.names import id_of_purpose, name_under_root
from safelight.platform.keys.ring import KeyRing
from safelight.platform.keys.signing import Signer, first_signer, later_keys, signer_of_version

FORM: Final = "safelight-key-line/1"
KNOWN_AFTER: Final = timedelta(seconds=5)
"""When a new key begins to sign: each process looks for changes once a second."""


def succeed(ring: KeyRing, purpose: str, sort: str, *, at: datetime) -> tuple[str, datetime]:
    """Let another key sign for a purpose; return its name, and from when on it does.

    Where one is about to begin already, that goes on.
    """
    with transaction.atomic(using=store.ALIAS, durable=True):
        take_turn(f"signing/{purpose}", using=store.ALIAS)
        ring.forget()
        found = later_keys(purpose, sort)
        if found and found[-1].since > at:
            return found[-1].name, found[-1].since
        old = signer_of_version(purpose, sort, found[-1].version if found else 1)
        new = _new(sort, origin=first_signer(purpose, sort).name)
        since = (at + KNOWN_AFTER).replace(microsecond=0) + timedelta(seconds=1)
        version = len(found) + 2
        SigningKey.objects.using(store.ALIAS).create(
            purpose=purpose,
            version=version,
            public=new.public,
            since=since,
            endorsement=_endorsed(old, new, since),
        )
        keep_private(ring, purpose, version, new, at)
        Change.objects.using(store.ALIAS).create(
            kind=Kind.SIGNING, subject_id=id_of_purpose(purpose), version=version, at=at
        )
    ring.forget()
    return new.name, since


def _new(sort: str, *, origin: str) -> Signer:
    private = Ed25519PrivateKey.generate()
    return Signer(sort, private, private.public_key().public_bytes_raw(), origin)


def _endorsed(old: Signer, new: Signer, since: datetime) -> str:
    said = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = f"{old.name}\n{FORM}\nnext: {new.verifier_key}\nsince: {said}\n"
    return f"{body}\n{old.line_under(body)}{new.line_under(body)}"


def keep_private(ring: KeyRing, purpose: str, version: int, new: Signer, at: datetime) -> None:
    """Keep the private half wrapped by the root key, which rotates it like all others."""
    root, subject = ring.sealing_root(), id_of_purpose(purpose)
    rows = WrappedKey.objects.using(store.ALIAS).filter(kind=Kind.SIGNING, subject_id=subject)
    rows.filter(standing=Standing.CURRENT).update(standing=Standing.PAST, stands_since=at)
    name = name_under_root(Kind.SIGNING.value, subject, root.id, version)
    WrappedKey.objects.using(store.ALIAS).create(
        kind=Kind.SIGNING,
        subject_id=subject,
        vault_id=subject,
        root_id=root.id,
        wrapped=seal(root.material, new.private.private_bytes_raw(), bound_to=name),
        version=version,
        standing=Standing.CURRENT,
        created_at=at,
        stands_since=at,
    )
