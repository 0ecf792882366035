"""How do two transactions take turns where no row exists yet that both could lock?

On SQLite a transaction that may write is alone from its beginning. On PostgreSQL many
run at once, and who reads first and writes later must keep others out in between: with
a lock on a row where there is one, with a turn under a name where there is none.
"""

from __future__ import annotations

from typing import Final

from django.db import DEFAULT_DB_ALIAS, connections

_COLLISIONS: Final = {"40001", "40P01"}  # PostgreSQL: serialization failure, deadlock


def is_collision(error: BaseException | None) -> bool:
    """Say whether a transaction failed only because it met another, and may be tried again."""
    while error is not None:
        if getattr(error, "sqlstate", None) in _COLLISIONS:
            return True
        error = error.__cause__
    return False


def take_turn(name: str, *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Wait until no other transaction has its turn under `name`, and keep it to the end.

    Take it before reading what the turn protects. `name` is an id or a word, e.g.
    "vault/<id>"; turns are taken in the order of their names where one transaction
    needs several, or two transactions wait for each other.

    Raises:
        OperationalError: the other transaction did not end within the lock time-out.
    """
    connection = connections[using]
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
