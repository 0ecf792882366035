"""How Django knows this room."""

from __future__ import annotations

from django.apps import AppConfig


class ClosingConfig(AppConfig):
    """The room's label in migrations and tables."""

    name = "safelight.governance.closing"
    label = "closing"
