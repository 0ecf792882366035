"""Where does one object lie? Asked for every picture, so the statement is written out."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from safelight.platform.database.asking import as_id, ask_one
from safelight.records.imaging.models import Instance

# In the order of the model, which is how Django takes them.
_COLUMNS: Final = (
    "arrival",
    "id",
    "vault_id",
    "study_id",
    "series_id",
    "uid_token",
    "pack",
    "offset",
    "length",
    "wrapped_key",
    "sealed_card",
)
_FIND: Final = """
    SELECT arrival, id, pack, "offset", length, wrapped_key, sealed_card
    FROM imaging_instance WHERE vault_id = %s AND uid_token = %s AND series_id = %s
"""


def instance_at(
    vault_id: UUID, study_id: UUID, series_id: UUID, uid_token: bytes
) -> Instance | None:
    """Return the row of one object of a series, or None; it is read no further than needed."""
    found = ask_one(_FIND, vault_id, uid_token, series_id)
    if found is None:
        return None
    arrival, identity, *rest = found
    values = (arrival, as_id(identity), vault_id, study_id, series_id, uid_token, *rest)
    row: Instance = Instance.from_db("default", _COLUMNS, values)
    return row
