"""How Django knows transfers."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class TransferConfig(AppConfig):
    """The label in migrations and tables."""

    name = "safelight.exchange.release.transfer"
    label = "transfer"

    def ready(self) -> None:
        """Make the triggers anew after every migration."""
        from safelight.exchange.release.transfer.triggers import (  # noqa: PLC0415 (models must be loaded first)
            install_triggers,
            remove_triggers,
        )

        pre_migrate.connect(remove_triggers, sender=self, dispatch_uid="transfer-triggers")
        post_migrate.connect(install_triggers, sender=self, dispatch_uid="transfer-triggers")
