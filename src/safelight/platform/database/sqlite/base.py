"""What does Django call to use a file of SQLite? Its own backend, whose transactions take turns."""

from __future__ import annotations

from typing import Any

from django.db.backends.sqlite3 import base

from safelight.platform.database.sqlite.turn import Turn, turn_at


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that takes the file's turn for as long as its transaction lasts."""

    _turn: Turn | None = None

    def _start_transaction_under_autocommit(self) -> None:
        self._take_turn()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # not in the stubs
        except BaseException:
            self._give_turn()
            raise

    def _commit(self) -> None:
        try:
            super()._commit()  # type: ignore[misc]  # not in the stubs
        finally:
            self._give_turn_unless_open()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]  # not in the stubs
        finally:
            self._give_turn_unless_open()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]  # not in the stubs
        finally:
            self._give_turn()

    def _take_turn(self) -> None:
        if self._turn is not None or self.is_in_memory_db():
            return
        options: dict[str, Any] = self.settings_dict["OPTIONS"]
        turn = turn_at(str(self.settings_dict["NAME"]))
        if turn.take(seconds=options.get("timeout", 5.0)):
            self._turn = turn

    def _give_turn(self) -> None:
        turn, self._turn = self._turn, None
        if turn is not None:
            turn.give()

    def _give_turn_unless_open(self) -> None:
        # A commit that the database refused leaves its transaction open.
        if self.connection is None or not self.connection.in_transaction:
            self._give_turn()
