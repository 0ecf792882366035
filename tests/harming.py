"""How does somebody change what the database refuses to change? By going past its triggers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from safelight.platform.audit.checkpoints import note, signer
from safelight.platform.audit.entry import mac
from safelight.platform.audit.merkle import Frontier, leaf_hash
from safelight.platform.audit.models import Checkpoint, Entry
from safelight.platform.audit.offline.trail import NO_CHAIN
from safelight.platform.audit.tree import place
from safelight.platform.database.triggers import installed
from safelight.platform.keys.ring import ring


@contextmanager
def past_triggers() -> Iterator[CursorWrapper]:
    """Give a cursor for which no trigger fires; afterwards they stand as they stood."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            present = installed(connection)
            for name in present:
                cursor.execute(f"DROP TRIGGER {name}")
            yield cursor
            for made in present.values():
                cursor.execute(made)
        else:
            cursor.execute("SET LOCAL session_replication_role = replica")
            yield cursor
            cursor.execute("SET LOCAL session_replication_role = origin")


def sign_all_anew(cursor: CursorWrapper) -> None:
    """Make chain, tree, checkpoints and tip fit what is there, and sign them.

    That is what somebody can do who holds the database and all keys of the instance.
    """
    by, key = signer(), ring().instance_key("audit-entry")
    chain, frontier = NO_CHAIN, Frontier()
    checkpoints = set(Checkpoint.objects.values_list("size", flat=True))
    roots: dict[int, bytes] = {}
    cursor.execute("DELETE FROM audit_node")
    cursor.execute("DELETE FROM audit_cosignature")
    placed = Entry.objects.filter(seq__isnull=False).order_by("seq")
    for seq, said in list(placed.values_list("seq", "text")):
        text = said
        if '"kind":"checkpoint.signed"' in said:
            # It states an old root; whoever holds the keys states the new one.
            size = int(said.partition('"subject":"checkpoint/')[2].partition('"')[0])
            stated = said.partition('"reason":"')[2].partition('"')[0]
            text = said.replace(stated, roots[size].hex()) if size in roots else said
        leaf = leaf_hash(text.encode())
        chain = hashlib.sha256(chain + leaf).digest()
        for level, index, root in frontier.append(leaf):
            cursor.execute(
                "INSERT INTO audit_node (place, hash) VALUES (%s, %s)", [place(level, index), root]
            )
        cursor.execute(
            "UPDATE audit_entry SET text = %s, mac = %s, chain = %s WHERE seq = %s",
            [text, mac(key, text), chain, seq],
        )
        if seq in checkpoints:
            roots[seq or 0] = frontier.root()
            cursor.execute(
                "UPDATE audit_checkpoint SET note = %s WHERE size = %s",
                [note(by, seq or 0, frontier.root()), seq],
            )
    cursor.execute(
        "UPDATE audit_tip SET size = %s, chain = %s, frontier = %s, note = %s",
        [
            frontier.size,
            chain,
            frontier.to_bytes(),
            note(by, frontier.size, frontier.root()),
        ],
    )
