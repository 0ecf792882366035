"""Which small shapes does FHIR write again and again?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from safelight.kernel.ids import to_text

EXTENSION: Final = "urn:safelight:fhir"


def extension(name: str, parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Write an extension of our own with several parts."""
    return {"url": f"{EXTENSION}:{name}", "extension": parts}


def identifier(sort: str, identity: UUID) -> dict[str, str]:
    """Write one of our ids; `sort` says what it names."""
    return {"system": f"{EXTENSION}:{sort}", "value": to_text(identity)}


def concept(system: str, code: str, display: str) -> dict[str, Any]:
    """Write a CodeableConcept with one coding."""
    return {"coding": [{"system": system, "code": code, "display": display}]}


def instant(moment: datetime) -> str:
    """Write a moment with its zone, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
