"""How does somebody prove, without us, that an entry is in the record, and as it stands?

With the entry's text, the newest checkpoint with its signatures, and the hashes from
the one to the other. It is one small JSON file; `verify_audit.py` checks it offline.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from safelight.platform.audit.errors import EntryUnknownError, NotSignedYetError
from safelight.platform.audit.models import Checkpoint, Entry
from safelight.platform.audit.tree import Tree
from safelight.platform.audit.witnesses import cosigned

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

VERSION = 1


def prove(entry_ids: Sequence[UUID]) -> bytes:
    """Return the proof file of some entries, in the order of the record.

    Raises:
        EntryUnknownError: one of them does not exist.
        NotSignedYetError: one is newer than the newest checkpoint; there is one each minute.
    """
    entries = Entry.objects.filter(entry_id__in=entry_ids).order_by("seq", "row")
    rows = list(entries.values_list("seq", "text"))
    if len(rows) != len(set(entry_ids)):
        raise EntryUnknownError
    newest = Checkpoint.objects.order_by("-size").first()
    if newest is None or any(seq is None or seq > newest.size for seq, _ in rows):
        raise NotSignedYetError
    tree = Tree(newest.size)
    return orjson.dumps(
        {
            "type": "proof",
            "v": VERSION,
            "checkpoint": cosigned(newest),
            "entries": [
                {"seq": seq, "entry": text, "hashes": [each.hex() for each in tree.inclusion(seq)]}
                for seq, text in rows
                if seq is not None
            ],
        },
        option=orjson.OPT_INDENT_2,
    )


def newest_checkpoint() -> str:
    """Return the newest checkpoint with all its signatures; empty before the first."""
    newest = Checkpoint.objects.order_by("-size").first()
    return "" if newest is None else cosigned(newest)
