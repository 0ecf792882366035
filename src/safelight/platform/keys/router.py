"""Which rows live in the key store? Those of this room, and no others."""

from __future__ import annotations

from typing import Any


class KeysRouter:
    """Send the keys room's models to the database `keys`, all else to `default`."""

    def db_for_read(self, model: Any, **_hints: Any) -> str:  # noqa: ANN401 (Django's signature)
        """Name the database that `model` is read from."""
        return "keys" if model._meta.app_label == "keys" else "default"

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **_hints: Any) -> bool:  # noqa: ANN401 (Django's signature)
        """Keep each table in its own database."""
        return (db == "keys") == (app_label == "keys")
