"""At which address does a study, a series or an instance stand?

Addresses are built from the configured public base, never from what a request
says of the host.
"""

from __future__ import annotations

from typing import Final

from django.conf import settings
from starlette.requests import Request

_LEVELS: Final = ("studies", "series", "instances")


def service_root(request: Request | None = None) -> str:
    """Return the address of the service: of everything, or of the share that was asked."""
    path = request.scope.get("root_path", "") if request is not None else "/dicomweb"
    return f"{settings.SAFELIGHT_PUBLIC_URL}{path}"


def address_of(root: str, *uids: str) -> str:
    """Return the address of a study, of a series of it, or of an instance of that."""
    return root + "".join(f"/{level}/{uid}" for level, uid in zip(_LEVELS, uids, strict=False))
