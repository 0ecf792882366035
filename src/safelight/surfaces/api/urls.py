"""Which addresses does the JSON API have?"""

from __future__ import annotations

from django.urls import path

from safelight.surfaces.api.description import description_page
from safelight.surfaces.api.exchange_api import api

urlpatterns = [
    path("openapi.json", description_page, name="openapi"),
    path("api/v1/", api.urls),
]
