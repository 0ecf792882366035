"""Which addresses are there, and what does a request leave behind?"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connections
from django.urls import URLPattern, URLResolver, get_resolver
from starlette.routing import BaseRoute, Mount, Route

from safelight.surfaces.api.exchange_api import api

API_ROOT = "/api/v1/"
FHIR_ROOT = "/fhir/"
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
SAFE = frozenset(METHODS[:3])
_PLACE = re.compile(r"<(?:\w+:)?(\w+)>")
# What a request may always leave: the record itself, the time a session was last
# seen and what it remembers, how often something was tried, and that a list was read.
_NOTES = frozenset(
    {"audit_entry", "audit_tip", "audit_node", "audit_checkpoint", "audit_denialfold"}
)
_PASSING = frozenset({"accounts_session", "accounts_attempts", "release_listed", "sqlite_sequence"})


@dataclass(frozen=True)
class Page:
    """One page of Django's: its name and its address with named places."""

    name: str
    address: str
    places: tuple[str, ...]

    def at(self, **ids: object) -> str:
        return self.address.format(**{place: ids[place] for place in self.places})


def pages() -> list[Page]:
    """Return every page there is, but for what the JSON API and FHIR serve."""
    return [page for page in routes() if not page.address.startswith((API_ROOT, FHIR_ROOT))]


def resources() -> list[Page]:
    """Return every address of FHIR."""
    return [page for page in routes() if page.address.startswith(FHIR_ROOT)]


def operations() -> set[str]:
    """Return every method and path below the root of the JSON API."""
    return {
        f"{method} /{path}"
        for router in api._get_bound_routers()
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    }


def routes() -> list[Page]:
    """Return every address of Django's."""
    return list(_pages(get_resolver().url_patterns, "/"))


def _pages(patterns: Iterable[URLPattern | URLResolver], start: str) -> Iterator[Page]:
    for each in patterns:
        address = start + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _pages(each.url_patterns, address)
        else:
            named = _PLACE.sub(r"{\1}", address)
            yield Page(each.name or address, named, tuple(_PLACE.findall(address)))


def services(routes: Iterable[BaseRoute], start: str = "") -> dict[str, set[str]]:
    """Return every address outside Django, with its methods."""
    found: dict[str, set[str]] = {}
    for each in routes:
        if isinstance(each, Mount):
            for path, methods in services(each.routes, start + each.path).items():
                found.setdefault(path, set()).update(methods)
        elif isinstance(each, Route):
            found.setdefault(start + each.path, set()).update(each.methods or ())
    return found


def state() -> dict[str, str]:
    """Return a digest of each table, but for the record and what passes."""
    digests = {}
    for alias in ("default", "keys"):
        with connections[alias].cursor() as cursor:
            tables = connections[alias].introspection.table_names(cursor)
            for table in set(tables) - _NOTES - _PASSING:
                cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 (our own tables)
                rows = repr(cursor.fetchall()).encode()
                digests[f"{alias}.{table}"] = hashlib.sha256(rows).hexdigest()
    return digests


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """Return the tables that are not as they were."""
    return {table for table in before if before[table] != after[table]}
