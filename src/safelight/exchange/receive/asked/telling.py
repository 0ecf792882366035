"""Who is told that something came by a link? Nothing of its contents is said."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from safelight.exchange.receive.models import UploadRequest
from safelight.platform.notices.actions import send
from safelight.records.accounts.models import Account, Membership, Role
from safelight.records.accounts.queries import address_of

CAME: Final = "parcel-waiting"


def tell_receivers(request: UploadRequest, *, at: datetime) -> None:
    """Tell the person who asked, or everybody at the desk; inside the caller's transaction."""
    for account in _receivers(request):
        if address := address_of(account):
            send(CAME, to=address, context={}, about=f"account/{account.pk}", at=at)


def _receivers(request: UploadRequest) -> list[Account]:
    if request.organization_id is None:
        return list(Account.objects.filter(pk__in=[request.account_id]))
    at_the_desk = Membership.objects.filter(
        organization_id=request.organization_id,
        role=Role.IMAGING_DESK,
        state=Membership.State.ACTIVE,
    )
    return list(Account.objects.filter(pk__in=at_the_desk.values("account_id")))
