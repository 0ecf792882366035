"""How Django knows the powers that need a second person."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class PowersConfig(AppConfig):
    """The label in migrations and tables."""

    name = "safelight.exchange.access.powers"
    label = "powers"

    def ready(self) -> None:
        """Make the triggers anew after every migration."""
        from safelight.exchange.access.powers.triggers import (  # noqa: PLC0415 (models must be loaded first)
            install_triggers,
            remove_triggers,
        )

        pre_migrate.connect(remove_triggers, sender=self, dispatch_uid="powers-triggers")
        post_migrate.connect(install_triggers, sender=self, dispatch_uid="powers-triggers")
