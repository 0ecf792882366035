"""Which address leads to which internal page?"""

from __future__ import annotations

from django.urls import path

from safelight.surfaces.web.internal import views

urlpatterns = [
    path("internal/pieces", views.pieces_page, name="pieces"),
    path("internal/scenes/<slug:name>", views.scene_page, name="scene"),
    path("internal/pictures/<path:path>", views.picture, name="internal-picture"),
]
