"""Make a trail in a real file, harm a copy of it in many ways, and verify each copy.

Run in an instance of its own: prints one JSON line per harm.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import sqlite3
import sys
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import django

django.setup()

from django.conf import settings  # noqa: E402 (Django must be set up first)
from django.db import connection, transaction  # noqa: E402

from safelight.kernel import clock  # noqa: E402
from safelight.platform.audit.actions import record  # noqa: E402
from safelight.platform.audit.merkle import Frontier, leaf_hash  # noqa: E402
from safelight.platform.audit.sequencer import sequence_once  # noqa: E402
from safelight.platform.audit.verify import verify_trail  # noqa: E402
from safelight.platform.audit.verify_audit import NO_CHAIN  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

ENTRIES = 60
Harm = tuple[str, int | None]  # what was done, and the sequence that must be named


class Happened(StrEnum):
    """Events of a made-up room."""

    SEEN = "study.seen"


def make_trail() -> int:
    """Write a trail with several checkpoints and return its size."""
    clock.allow_moving()
    for number in range(ENTRIES):
        with transaction.atomic():
            record(
                Happened.SEEN,
                actor=f"account/a{number % 7}",
                at=clock.now(),
                subject=f"study/s{number}",
                detail={"n": number} if number % 3 == 0 else None,
            )
        if number % 10 == 9:
            clock.move(timedelta(seconds=61))
            sequence_once()
    while sequence_once():
        pass
    with connection.cursor() as cursor:
        cursor.execute("SELECT size FROM audit_tip")
        size: int = cursor.fetchone()[0]
    return size


def edit_text(db: sqlite3.Connection, seq: int, dice: random.Random) -> Harm:
    """Change one character of what is hashed."""
    text = db.execute("SELECT text FROM audit_entry WHERE seq = ?", [seq]).fetchone()[0]
    at = dice.randrange(len(text))
    other = dice.choice([c for c in "abcdef0123456789" if c != text[at]])
    db.execute(
        "UPDATE audit_entry SET text = ? WHERE seq = ?", [text[:at] + other + text[at + 1 :], seq]
    )
    return "text", seq


def edit_column(db: sqlite3.Connection, seq: int, dice: random.Random) -> Harm:
    """Change what lists and filters look at."""
    column, value = dice.choice(
        [
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
    )
    db.execute(f"UPDATE audit_entry SET {column} = ? WHERE seq = ?", [value, seq])  # noqa: S608
    return column, seq


def delete(db: sqlite3.Connection, seq: int, _dice: random.Random) -> Harm:
    """Take one entry away."""
    db.execute("DELETE FROM audit_entry WHERE seq = ?", [seq])
    return "delete", seq


def close_gap(db: sqlite3.Connection, seq: int, _dice: random.Random) -> Harm:
    """Take one entry away and move the later ones down."""
    db.execute("DELETE FROM audit_entry WHERE seq = ?", [seq])
    db.execute("UPDATE audit_entry SET seq = -seq WHERE seq > ?", [seq])
    db.execute("UPDATE audit_entry SET seq = -seq - 1 WHERE seq < 0")
    return "close-gap", seq


def swap(db: sqlite3.Connection, seq: int, dice: random.Random) -> Harm:
    """Exchange the places of two entries."""
    other = seq + dice.choice([-1, 1, 2])
    if not 1 <= other <= ENTRIES:
        other = seq % ENTRIES + 1
    db.execute("UPDATE audit_entry SET seq = -1 WHERE seq = ?", [seq])
    db.execute("UPDATE audit_entry SET seq = ? WHERE seq = ?", [seq, other])
    db.execute("UPDATE audit_entry SET seq = ? WHERE seq = -1", [other])
    return "swap", min(seq, other)


def move_row(db: sqlite3.Connection, seq: int, _dice: random.Random) -> Harm:
    """Let an entry appear elsewhere in lists."""
    db.execute("UPDATE audit_entry SET row = -row WHERE seq = ?", [seq])
    return "move-row", seq


def unplace(db: sqlite3.Connection, seq: int, _dice: random.Random) -> Harm:
    """Take an entry's place away, as if it had just been written."""
    db.execute("UPDATE audit_entry SET seq = NULL, chain = NULL WHERE seq = ?", [seq])
    return "unplace", seq


def cut_tail(db: sqlite3.Connection, seq: int, _dice: random.Random) -> Harm:
    """Take away everything from one entry on."""
    db.execute("DELETE FROM audit_entry WHERE seq >= ?", [seq])
    return "cut-tail", seq


def rewind(db: sqlite3.Connection, seq: int, _dice: random.Random) -> Harm:
    """Cut the tail and make the tip fit, as far as can be done without the key."""
    db.execute("DELETE FROM audit_entry WHERE seq >= ?", [seq])
    db.execute("DELETE FROM audit_checkpoint WHERE size >= ?", [seq])
    rebuild(db)
    return "rewind", None


def rewrite(db: sqlite3.Connection, seq: int, _dice: random.Random) -> Harm:
    """Change an entry and make chain, frontier and columns fit again."""
    db.execute(
        "UPDATE audit_entry SET actor = 'account/x', subject = 'study/x',"
        ' text = replace(replace(text, \'"actor":"\' || actor, \'"actor":"account/x\'),'
        ' \'"subject":"\' || subject, \'"subject":"study/x\') WHERE seq = ?',
        [seq],
    )
    rebuild(db)
    return "rewrite", seq


def forge(db: sqlite3.Connection, _seq: int, dice: random.Random) -> Harm:
    """Add an entry made of another one, placed or waiting."""
    row = db.execute("SELECT * FROM audit_entry WHERE kind = 'study.seen' LIMIT 1").fetchone()
    names = [column[1] for column in db.execute("PRAGMA table_info(audit_entry)")]
    values = dict(zip(names, row, strict=True))
    size = db.execute("SELECT size FROM audit_tip").fetchone()[0]
    forged = UUID(int=7)
    values |= {
        "row": 10_000,
        "text": values["text"].replace(str(UUID(values["entry_id"])), str(forged)),
        "entry_id": forged.hex,
        "seq": None,
        "chain": None,
    }
    if dice.random() < 0.5:
        values |= {"seq": size + 1, "chain": bytes(32)}
    marks = ",".join("?" * len(names))
    db.execute(
        f"INSERT INTO audit_entry ({','.join(names)}) VALUES ({marks})",  # noqa: S608 (its own names)
        [values[name] for name in names],
    )
    return "forge", size + 1


def harm_checkpoint(db: sqlite3.Connection, _seq: int, dice: random.Random) -> Harm:
    """Change, move or take away a checkpoint."""
    sizes = [size for (size,) in db.execute("SELECT size FROM audit_checkpoint ORDER BY size")]
    size = dice.choice(sizes)
    how = dice.choice(
        [
            "DELETE FROM audit_checkpoint WHERE size = ?",
            "UPDATE audit_checkpoint SET note = replace(note, '\n', '\n ') WHERE size = ?",
            "UPDATE audit_checkpoint SET size = size + 1 WHERE size = ?",
            "UPDATE audit_checkpoint SET at = '2026-01-01 00:00:00' WHERE size = ?",
            "UPDATE audit_checkpoint SET note = (SELECT note FROM audit_tip) WHERE size = ?",
        ]
    )
    db.execute(how, [size])
    return "checkpoint", None


def harm_tip(db: sqlite3.Connection, _seq: int, dice: random.Random) -> Harm:
    """Change where the trail ends."""
    how = dice.choice(
        [
            "DELETE FROM audit_tip",
            "UPDATE audit_tip SET size = size - 1",
            "UPDATE audit_tip SET size = size + 1",
            "UPDATE audit_tip SET chain = zeroblob(32)",
            "UPDATE audit_tip SET frontier = zeroblob(length(frontier))",
            "UPDATE audit_tip SET note = ''",
            "UPDATE audit_tip SET note = (SELECT note FROM audit_checkpoint ORDER BY size LIMIT 1)",
        ]
    )
    db.execute(how)
    return "tip", None


def rebuild(db: sqlite3.Connection) -> None:
    """Chain all entries anew and make the tip fit, as somebody without the keys could."""
    chain, frontier = NO_CHAIN, Frontier()
    for seq, text in db.execute("SELECT seq, text FROM audit_entry ORDER BY seq").fetchall():
        leaf = leaf_hash(text.encode())
        chain = hashlib.sha256(chain + leaf).digest()
        frontier.append(leaf)
        db.execute("UPDATE audit_entry SET chain = ? WHERE seq = ?", [chain, seq])
    db.execute(
        "UPDATE audit_tip SET size = ?, chain = ?, frontier = ?",
        [frontier.size, chain, frontier.to_bytes()],
    )


HARMS: list[Callable[[sqlite3.Connection, int, random.Random], Harm]] = [
    edit_text,
    edit_text,
    edit_column,
    edit_column,
    delete,
    close_gap,
    swap,
    move_row,
    unplace,
    cut_tail,
    rewind,
    rewrite,
    forge,
    harm_checkpoint,
    harm_tip,
]


def main(times: int, seed: int) -> None:
    """Harm the trail `times` times and print what was found each time."""
    dice = random.Random(seed)  # noqa: S311 (which harm comes next is no secret)
    size = make_trail()
    whole = Path(settings.SAFELIGHT_DATA) / "safelight.sqlite3"
    connection.close()
    copy = whole.with_name("harmed.sqlite3")
    connection.settings_dict["NAME"] = copy
    for number in range(times):
        shutil.copy(whole, copy)
        if number:
            db = sqlite3.connect(copy)
            triggers = db.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall()
            for name, _ in triggers:
                db.execute(f"DROP TRIGGER {name}")
            what, expected = dice.choice(HARMS)(db, dice.randint(1, size), dice)
            for _, sql in triggers:
                db.execute(sql)
            db.commit()
            db.close()
        else:
            what, expected = "nothing", None
        finding = verify_trail()
        connection.close()
        for leftover in copy.parent.glob("harmed.sqlite3-*"):
            leftover.unlink()
        sys.stdout.write(
            json.dumps(
                {"what": what, "expected": expected, "seq": finding.seq, "problem": finding.problem}
            )
            + "\n"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
