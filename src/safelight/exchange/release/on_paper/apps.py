"""How Django knows the papers that patients signed."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class OnPaperConfig(AppConfig):
    """The label in migrations and tables."""

    name = "safelight.exchange.release.on_paper"
    label = "on_paper"

    def ready(self) -> None:
        """Make the triggers anew after every migration."""
        from safelight.exchange.release.on_paper.triggers import (  # noqa: PLC0415 (models must be loaded first)
            install_triggers,
            remove_triggers,
        )

        pre_migrate.connect(remove_triggers, sender=self, dispatch_uid="on-paper-triggers")
        post_migrate.connect(install_triggers, sender=self, dispatch_uid="on-paper-triggers")
