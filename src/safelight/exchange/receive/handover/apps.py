"""How Django knows handovers."""

from __future__ import annotations

from django.apps import AppConfig


class HandoverConfig(AppConfig):
    """The label in migrations and tables."""

    name = "safelight.exchange.receive.handover"
    label = "handover"
