"""Which institutions keep a register, for what, and what do they hold themselves to?

A registry is entered by the operator, by an agreement that lies outside of this
program. Unlike people and other institutions, registries are listed: they are few,
and whoever gives something to one must be able to read first what it is for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.kernel.errors import InvalidFieldError, NotFoundError
from safelight.platform.audit.actions import record
from safelight.records.accounts.events import AccountEvent
from safelight.records.accounts.models import Organization, Registry

_LONGEST_NAME: Final = 120
_LONGEST_WORDS: Final = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryFacts:
    """One registry, as anybody may read it before giving it something."""

    organization_id: UUID
    name: str
    purpose: str
    duties: str


def enter_registry(name: str, purpose: str, duties: str, *, at: datetime) -> RegistryFacts:
    """Enter an institution as a registry, or change the words of one.

    Raises:
        InvalidFieldError: a name or the words are missing or too long.
    """
    name, purpose, duties = (" ".join(text.split()) for text in (name, purpose, duties))
    if not 1 <= len(name) <= _LONGEST_NAME:
        raise InvalidFieldError("name", "Give the registry's name, of up to 120 letters.")
    for field, words in (("purpose", purpose), ("duties", duties)):
        if not 1 <= len(words) <= _LONGEST_WORDS:
            raise InvalidFieldError(field, "Say it in 1 to 600 letters.")
    with transaction.atomic():
        place, _ = Organization.objects.get_or_create(
            same_name=name, defaults={"name": name, "created_at": at}
        )
        Registry.objects.update_or_create(
            organization=place,
            defaults={"purpose": purpose, "duties": duties, "entered_at": at, "ended_at": None},
        )
        _note(AccountEvent.REGISTRY_ENTERED, place.pk, at=at)
    return RegistryFacts(organization_id=place.pk, name=place.name, purpose=purpose, duties=duties)


def end_registry(organization_id: UUID, *, at: datetime) -> None:
    """Let a registry take nothing more; what it was given stays as it was agreed.

    Raises:
        NotFoundError: there is no such registry.
    """
    with transaction.atomic():
        live = Registry.objects.filter(pk=organization_id, ended_at=None)
        if not live.update(ended_at=at):
            raise NotFoundError
        _note(AccountEvent.REGISTRY_ENDED, organization_id, at=at)


def registries() -> list[RegistryFacts]:
    """List the registries there are, by name."""
    rows = Registry.objects.select_related("organization").filter(ended_at=None)
    return sorted((_facts(row) for row in rows), key=lambda each: each.name.casefold())


def registry(organization_id: UUID) -> RegistryFacts | None:
    """Return one registry, or None where an institution is none (any more)."""
    row = (
        Registry.objects.select_related("organization")
        .filter(pk=organization_id, ended_at=None)
        .first()
    )
    return _facts(row) if row is not None else None


def _facts(row: Registry) -> RegistryFacts:
    return RegistryFacts(
        organization_id=row.organization_id,
        name=str(row.organization.name),
        purpose=str(row.purpose),
        duties=str(row.duties),
    )


def _note(event: AccountEvent, organization_id: UUID, *, at: datetime) -> None:
    record(event, actor="operator", subject=f"organization/{organization_id}", at=at)
