"""How does somebody prove, without us, that an entry is in the record, and as it stands?

With the entry's text, the newest checkpoint with its signatures, and the hashes from
the one to the other. It is one small JSON file; `verify_audit.py` checks it offline. A
paper that lists acts names their places in the record, and carries the same of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

import orjson

from safelight.platform.audit.checkpoints import keys_to_add
from safelight.platform.audit.errors import EntryUnknownError, NotSignedYetError
from safelight.platform.audit.events import Outcome
from safelight.platform.audit.models import Checkpoint, Entry
from safelight.platform.audit.tree import Tree
from safelight.platform.audit.witnesses import cosigned

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

VERSION = 1
T = TypeVar("T")
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Places:
    """Which places some entries have in the record up to its newest checkpoint.

    What is newer than that has none here: there is a checkpoint each minute.
    """

    size: int
    of: dict[UUID, int]

    def checkpoint(self) -> str:
        """Return the checkpoint with all its signatures; empty before the first."""
        found = Checkpoint.objects.filter(size=self.size).first()
        return "" if found is None else cosigned(found)

    def proofs(self) -> dict[int, dict[str, Any]]:
        """Return of each place what a proof file says of it."""
        tree = Tree(self.size)
        found: dict[int, dict[str, Any]] = {}
        for some in _some_at_once(sorted(self.of.values())):
            rows = Entry.objects.filter(seq__in=some).values_list("seq", "text")
            found |= {seq: _told(tree, seq, text) for seq, text in rows if seq is not None}
        return found


def places_of(entry_ids: Collection[UUID]) -> Places:
    """Return the places of entries; whichever is unknown or not signed yet has none."""
    size = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0
    found: dict[UUID, int] = {}
    for some in _some_at_once(list(set(entry_ids))):
        rows = Entry.objects.filter(entry_id__in=some, seq__lte=size)
        found |= {each: seq for each, seq in rows.values_list("entry_id", "seq") if seq is not None}
    return Places(size, found)


def entries_by_act(
    subject: str, kinds: Sequence[str]
) -> dict[tuple[str, str, datetime], list[UUID]]:
    """Return which entries tell of acts upon a subject, by what was done, by whom and when."""
    rows = Entry.objects.filter(subject=subject, kind__in=kinds, outcome=Outcome.OK.value)
    found: dict[tuple[str, str, datetime], list[UUID]] = {}
    for entry_id, kind, actor, at in rows.values_list("entry_id", "kind", "actor", "at"):
        found.setdefault((kind, actor, at), []).append(entry_id)
    return found


def _some_at_once(all_of_them: list[T]) -> Iterator[list[T]]:
    for start in range(0, len(all_of_them), _AT_ONCE):
        yield all_of_them[start : start + _AT_ONCE]


def _told(tree: Tree, seq: int, text: str) -> dict[str, Any]:
    return {"seq": seq, "entry": text, "hashes": [each.hex() for each in tree.inclusion(seq)]}


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
            "entries": [_told(tree, seq, text) for seq, text in rows if seq is not None],
            **keys_to_add(),
        },
        option=orjson.OPT_INDENT_2,
    )


def newest_checkpoint() -> str:
    """Return the newest checkpoint with all its signatures; empty before the first."""
    newest = Checkpoint.objects.order_by("-size").first()
    return "" if newest is None else cosigned(newest)
