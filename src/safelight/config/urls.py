"""Which address leads to which page?"""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("safelight.surfaces.web.account.urls")),
    path("", include("safelight.surfaces.web.urls")),
    path("", include("safelight.surfaces.web.operator.urls")),
    path("", include("safelight.surfaces.api.urls")),
    path("", include("safelight.surfaces.fhir.urls")),
    path("", include("safelight.surfaces.web.internal.urls")),
]
