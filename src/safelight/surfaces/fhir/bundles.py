"""How is a page of what was found written? As a searchset with the way to its neighbours."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.http import QueryDict

from safelight.exchange.access.smart import Resource
from safelight.exchange.release.fhir.sought import Page, Sought
from safelight.surfaces.fhir.parameters import COUNT, FORMAT, OFFSET

ROOT: Final = "/fhir"


def searchset(resource: Resource, given: QueryDict, sought: Sought, page: Page) -> dict[str, Any]:
    """Return a page as a Bundle; how many there are in all is not counted."""
    root = f"{settings.SAFELIGHT_PUBLIC_URL}{ROOT}"
    bundle: dict[str, Any] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "link": [
            {"relation": name, "url": f"{root}/{resource}?{_asked(given, sought, offset)}"}
            for name, offset in _neighbours(sought, page)
        ],
    }
    if page.resources:
        bundle["entry"] = [
            {
                "fullUrl": f"{root}/{resource}/{each['id']}",
                "resource": each,
                "search": {"mode": "match"},
            }
            for each in page.resources
        ]
    return bundle


def _neighbours(sought: Sought, page: Page) -> list[tuple[str, int]]:
    places = [("self", sought.offset)]
    if page.more:
        places.append(("next", sought.offset + sought.limit))
    if sought.offset:
        places.append(("previous", max(0, sought.offset - sought.limit)))
    return places


def _asked(given: QueryDict, sought: Sought, offset: int) -> str:
    """Write the question again as it was understood, for one page."""
    asked = given.copy()
    for name in (COUNT, OFFSET, FORMAT):
        asked.pop(name, None)
    asked[COUNT] = str(sought.limit)
    if offset:
        asked[OFFSET] = str(offset)
    return str(asked.urlencode())
