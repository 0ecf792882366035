"""What does a reader of the record ask for again and again? Their own, and sealed.

A saved search names people by ids, as the record does. Running one is reading the record,
and is recorded as that; what is kept here opens nothing by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson
from django.db import transaction

from safelight.exchange.access.facts import Party
from safelight.exchange.access.reading import reading_of
from safelight.governance.trail.events import TrailEvent
from safelight.governance.trail.models import SavedSearch
from safelight.kernel.errors import InvalidFieldError, NotFoundError
from safelight.platform.audit.actions import record
from safelight.platform.audit.naming import is_name
from safelight.platform.database.turns import take_turn

MOST: Final = 50
LONGEST_NAME: Final = 80
_NAMES: Final = ("actor", "subject")


@dataclass(frozen=True, slots=True)
class Search:
    """One saved search as its reader sees it."""

    search_id: UUID
    name: str
    fields: dict[str, str]


def searches_of(party: Party) -> list[Search]:
    """Return a reader's own saved searches, by name. Raises NotFoundError for who reads none."""
    reading_of(party)
    rows = SavedSearch.objects.filter(account_id=party.account)
    return sorted((_shown(row) for row in rows), key=lambda each: each.name.casefold())


def search_of(party: Party, search_id: UUID) -> Search:
    """Return one of a reader's own saved searches. Raises NotFoundError."""
    return _shown(_row(party, search_id))


@transaction.atomic
def save_search(party: Party, name: str, fields: Mapping[str, str], *, at: datetime) -> None:
    """Keep fields under a name; what was kept under the same name is replaced.

    Raises:
        NotFoundError: nothing of the record is theirs to read.
        InvalidFieldError: the name is empty or long, a field names somebody otherwise than by
            an id, or there are too many.
    """
    reading_of(party)
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidFieldError("name", "Give it a name of at most 80 letters.")
    if any(fields.get(each) and not is_name(fields[each]) for each in _NAMES):
        raise InvalidFieldError("actor", "Press Show first, so that the fields hold ids.")
    take_turn(f"searches/{party.account}")
    mine = searches_of(party)
    same = [each.search_id for each in mine if each.name.casefold() == name.casefold()]
    if len(mine) - len(same) >= MOST:
        raise InvalidFieldError("name", "Delete one first: there are fifty.")
    SavedSearch.objects.filter(pk__in=same).delete()
    kept = {field: value for field, value in fields.items() if value}
    SavedSearch.objects.create(
        account_id=party.account, name=name, fields=orjson.dumps(kept).decode(), saved_at=at
    )
    record(TrailEvent.SEARCH_SAVED, actor=party.name, at=at)


@transaction.atomic
def delete_search(party: Party, search_id: UUID, *, at: datetime) -> None:
    """Forget one of a reader's own saved searches. Raises NotFoundError."""
    _row(party, search_id).delete()
    record(TrailEvent.SEARCH_DELETED, actor=party.name, at=at)


def _row(party: Party, search_id: UUID) -> SavedSearch:
    reading_of(party)
    row = SavedSearch.objects.filter(pk=search_id, account_id=party.account).first()
    if row is None:
        raise NotFoundError
    return row


def _shown(row: SavedSearch) -> Search:
    return Search(row.pk, row.name, orjson.loads(row.fields))
