"""Which registries can be given something, and what do they say of themselves?"""

from __future__ import annotations

from ninja import Router, Schema

from safelight.exchange.access.decision import Action
from safelight.records.accounts.registries import registries
from safelight.surfaces.api.callers import Called
from safelight.surfaces.api.forms import OutId
from safelight.surfaces.api.routes import told

router = Router()


class RegistryOut(Schema):
    """One registry; `purpose` and `duties` are its own words, and part of what is signed."""

    organization: OutId
    name: str
    purpose: str
    duties: str


@router.get("registries", response=list[RegistryOut], **told(Action.PREPARE))
def list_registries(request: Called) -> list[RegistryOut]:  # noqa: ARG001 (who asks was judged)
    """List the registries that a draft can name as its audience."""
    return [
        RegistryOut(
            organization=each.organization_id,
            name=each.name,
            purpose=each.purpose,
            duties=each.duties,
        )
        for each in registries()
    ]
