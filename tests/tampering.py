"""In how many ways can a record be tampered with, with and without the keys?

Each harm changes the tables of a real database past its triggers and returns the
sequence that a verification must name; None where what it harmed has no one place.
Whoever holds the keys makes everything fit again and signs it: then only what was
signed outside tells, and the place is the first after the last signature that holds.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper

from harming import sign_all_anew
from safelight.platform.audit.models import Checkpoint, Entry
from safelight.platform.audit.tree import place

Value = str | int | bytes | datetime | UUID | None


@dataclass(frozen=True, slots=True)
class Target:
    """The record that is harmed, and where this time."""

    cursor: CursorWrapper
    dice: random.Random
    size: int
    seq: int
    witnessed: tuple[int, ...]  # sizes of which a signature lies outside

    def do(self, statement: str, *values: Value) -> None:
        self.cursor.execute(statement, list(values))

    @property
    def after_the_last_good_signature(self) -> int:
        return max((size for size in self.witnessed if size < self.seq), default=0) + 1


Harm = Callable[[Target], int | None]


def edit_text(on: Target) -> int:
    """Change one character of what is hashed."""
    text = Entry.objects.get(seq=on.seq).text
    at = on.dice.randrange(len(text))
    other = on.dice.choice([letter for letter in "abcdef0123456789" if letter != text[at]])
    changed = text[:at] + other + text[at + 1 :]
    on.do("UPDATE audit_entry SET text = %s WHERE seq = %s", changed, on.seq)
    return on.seq


def edit_column(on: Target) -> int:
    """Change what lists and filters look at."""
    columns: list[tuple[str, Value]] = [
        ("actor", "account/other"),
        ("subject", "study/other"),
        ("kind", "study.other"),
        ("outcome", "denied"),
        ("at", "2026-01-01 00:00:00"),
        ("vault_id", "0" * 31 + "1"),
        ("entry_id", "0" * 31 + "2"),
        ("chain", bytes(32)),
        ("mac", bytes(16)),
    ]
    column, value = on.dice.choice(columns)
    on.do(f"UPDATE audit_entry SET {column} = %s WHERE seq = %s", value, on.seq)  # noqa: S608
    return on.seq


def delete(on: Target) -> int:
    """Take one entry away."""
    on.do("DELETE FROM audit_entry WHERE seq = %s", on.seq)
    return on.seq


def close_gap(on: Target) -> int:
    """Take one entry away and move the later ones down."""
    on.do("DELETE FROM audit_entry WHERE seq = %s", on.seq)
    on.do("UPDATE audit_entry SET seq = -seq WHERE seq > %s", on.seq)
    on.do("UPDATE audit_entry SET seq = -seq - 1 WHERE seq < 0")
    return on.seq


def swap(on: Target) -> int:
    """Exchange the places of two entries."""
    other = on.seq + on.dice.choice([1, 2, 7]) if on.seq < on.size - 7 else on.seq - 1
    _exchange(on, on.seq, other)
    return min(on.seq, other)


def unplace(on: Target) -> int:
    """Take an entry's place away, as if it had just been written."""
    on.do("UPDATE audit_entry SET seq = NULL, chain = NULL WHERE seq = %s", on.seq)
    return on.seq


def cut_tail(on: Target) -> int:
    """Take away everything from one entry on."""
    on.do("DELETE FROM audit_entry WHERE seq >= %s", on.seq)
    return on.seq


def repeat(on: Target) -> int:
    """Put a copy of an entry after the last, or among those that wait."""
    return _forge(on, Entry.objects.get(seq=on.seq).text)


def insert(on: Target) -> int:
    """Put an entry of one's own after the last, or among those that wait."""
    return _forge(on, Entry.objects.get(seq=1).text.replace("account/", "account/x"))


def harm_checkpoint(on: Target) -> None:
    """Change, move or take away a checkpoint."""
    size = on.dice.choice(list(Checkpoint.objects.values_list("size", flat=True)))
    how = on.dice.choice(
        [
            "DELETE FROM audit_checkpoint WHERE size = %s",
            "UPDATE audit_checkpoint SET note = replace(note, '\n', '\n ') WHERE size = %s",
            "UPDATE audit_checkpoint SET size = size + 1 WHERE size = %s",
            "UPDATE audit_checkpoint SET at = '2026-01-01 00:00:00' WHERE size = %s",
            "UPDATE audit_checkpoint SET note = (SELECT note FROM audit_tip) WHERE size = %s",
        ]
    )
    on.do(how, size)


def harm_tip(on: Target) -> None:
    """Change where the record ends."""
    how, *values = on.dice.choice(
        [
            ("DELETE FROM audit_tip",),
            ("UPDATE audit_tip SET size = size - 1",),
            ("UPDATE audit_tip SET size = size + 1",),
            ("UPDATE audit_tip SET chain = %s", bytes(32)),
            ("UPDATE audit_tip SET frontier = %s", bytes(32)),
            ("UPDATE audit_tip SET note = ''",),
            ("UPDATE audit_tip SET note = (SELECT min(note) FROM audit_checkpoint)",),
        ]
    )
    on.do(str(how), *values)


def harm_node(on: Target) -> int:
    """Change, move, take away or add a kept hash of the tree."""
    index = on.dice.randrange(on.size // 16)
    at = place(4, index)
    how, *values = on.dice.choice(
        [
            ("DELETE FROM audit_node WHERE place = %s", at),
            ("UPDATE audit_node SET hash = %s WHERE place = %s", bytes(32), at),
            ("UPDATE audit_node SET place = place + 999 WHERE place = %s", at),
            ("INSERT INTO audit_node (place, hash) VALUES (%s, %s)", at + 999, bytes(32)),
        ]
    )
    on.do(str(how), *values)
    return on.size + 1 if str(how).startswith("INSERT") else index * 16 + 1


def rewrite_without_keys(on: Target) -> int:
    """Change an entry and make chain and tree fit, as far as that goes without the keys."""
    mac = bytes(Entry.objects.get(seq=on.seq).mac)
    notes = list(Checkpoint.objects.values_list("size", "note"))
    tip = _tip_note(on)
    _rewrite(on)
    sign_all_anew(on.cursor)
    on.do("UPDATE audit_entry SET mac = %s WHERE seq = %s", mac, on.seq)
    for size, note in notes:
        on.do("UPDATE audit_checkpoint SET note = %s WHERE size = %s", note, size)
    on.do("UPDATE audit_tip SET note = %s", tip)
    return on.seq


def rewrite_with_keys(on: Target) -> int:
    """Change what an entry says, and sign everything anew."""
    _rewrite(on)
    sign_all_anew(on.cursor)
    return on.after_the_last_good_signature


def cut_tail_with_keys(on: Target) -> int:
    """Cut the record, and sign the shorter one."""
    on.do("DELETE FROM audit_entry WHERE seq >= %s", on.seq)
    on.do("DELETE FROM audit_checkpoint WHERE size >= %s", on.seq)
    on.do("DELETE FROM audit_cosignature")
    sign_all_anew(on.cursor)
    return on.seq


def exchange_with_keys(on: Target) -> int:
    """Exchange what two entries say, and sign everything anew."""
    seen = Entry.objects.filter(kind="study.seen", seq__gte=on.seq).order_by("seq")
    first, second = seen[:2]
    for one, other in ((first, second), (second, first)):
        on.do(
            "UPDATE audit_entry SET text = %s, actor = %s, subject = %s, at = %s WHERE row = %s",
            *(_said_as(other, one), other.actor, other.subject, one.at, one.row),
        )
    sign_all_anew(on.cursor)
    at = first.seq or 0
    return max((size for size in on.witnessed if size < at), default=0) + 1


WITHOUT_KEYS: tuple[Harm, ...] = (
    *(edit_text, edit_text, edit_column, edit_column, delete, close_gap, swap, unplace),
    *(cut_tail, repeat, insert, harm_checkpoint, harm_tip, harm_node, rewrite_without_keys),
)
WITH_KEYS: tuple[Harm, ...] = (rewrite_with_keys, cut_tail_with_keys, exchange_with_keys)
HARMS = (*WITHOUT_KEYS, *WITH_KEYS)


def _rewrite(on: Target) -> None:
    entry = Entry.objects.get(seq=on.seq)
    text = entry.text.replace(f'"actor":"{entry.actor}"', '"actor":"account/x"')
    on.do("UPDATE audit_entry SET text = %s, actor = 'account/x' WHERE seq = %s", text, on.seq)


def _said_as(other: Entry, one: Entry) -> str:
    """Return what `other` says, with the id and time of `one`."""
    text = one.text
    for name in ("actor", "subject"):
        text = text.replace(
            f'"{name}":"{getattr(one, name)}"', f'"{name}":"{getattr(other, name)}"'
        )
    return text


def _exchange(on: Target, one: int, other: int) -> None:
    on.do("UPDATE audit_entry SET seq = -1 WHERE seq = %s", one)
    on.do("UPDATE audit_entry SET seq = %s WHERE seq = %s", one, other)
    on.do("UPDATE audit_entry SET seq = %s WHERE seq = -1", other)


def _tip_note(on: Target) -> str:
    on.do("SELECT note FROM audit_tip")
    note: str = on.cursor.fetchone()[0]
    return note


def _forge(on: Target, text: str) -> int:
    real = Entry.objects.get(seq=on.seq)
    forged = UUID(int=on.dice.getrandbits(128), version=4)
    is_placed = on.dice.random() < 0.5
    values = {
        "row": 100_000 + on.seq,
        "entry_id": forged if connection.vendor == "postgresql" else forged.hex,
        "at": real.at,
        "kind": real.kind,
        "outcome": real.outcome,
        "actor": real.actor,
        "subject": real.subject,
        "text": text.replace(str(real.entry_id), str(forged)),
        "mac": bytes(real.mac),
        "seq": on.size + 1 if is_placed else None,
        "chain": bytes(32) if is_placed else None,
    }
    names = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join(["%s"] * len(values))
    on.do(f"INSERT INTO audit_entry ({names}) VALUES ({marks})", *values.values())  # noqa: S608
    return on.size + 1
