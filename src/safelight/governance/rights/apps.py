"""How Django knows this room."""

from __future__ import annotations

from django.apps import AppConfig


class RightsConfig(AppConfig):
    """The room's label in migrations and tables."""

    name = "safelight.governance.rights"
    label = "rights"
