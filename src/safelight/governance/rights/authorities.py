"""Who hears a complaint about us, for those who live in a country?"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction

from safelight.exchange.access.facts import Party
from safelight.exchange.access.staff import require_staff
from safelight.governance.rights.events import RightsEvent
from safelight.governance.rights.models import Authority
from safelight.kernel.errors import InvalidFieldError, NotFoundError
from safelight.platform.audit.actions import record
from safelight.records.accounts.models import StaffRole


def authorities_for(country: str) -> list[Authority]:
    """Return those of a country; all of them where it is not known, or none of it is."""
    known = list(Authority.objects.order_by("code"))
    return [each for each in known if country in each.countries] or known


@transaction.atomic
def change_authority(party: Party, code: str, name: str, page: str, *, at: datetime) -> None:
    """Set an authority's name and page anew, as found today.

    Raises:
        NotFoundError: no such authority, or this is not the instance's privacy official.
        InvalidFieldError: the name is missing, or the page is no address.
    """
    require_staff(party, StaffRole.PRIVACY_OFFICIAL)
    row = Authority.objects.select_for_update().filter(code=code).first()
    if row is None:
        raise NotFoundError
    if not name.strip():
        raise InvalidFieldError("name", "Give the name.")
    try:
        URLValidator(schemes=["https"])(page.strip())
    except ValidationError:
        raise InvalidFieldError("page", "Give an address that begins with https.") from None
    row.name, row.page = name.strip()[:120], page.strip()[:300]
    row.checked_on = at.astimezone(settings.SAFELIGHT_TIME_ZONE).date()
    row.save()
    record(RightsEvent.AUTHORITY_CHANGED, actor=party.name, reason=code, at=at)
