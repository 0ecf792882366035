"""How Django knows the reports that were written here."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class WrittenReportsConfig(AppConfig):
    """The label in migrations and tables."""

    name = "safelight.exchange.release.reports"
    label = "reports"

    def ready(self) -> None:
        """Make the triggers anew after every migration."""
        from safelight.exchange.release.reports.triggers import (  # noqa: PLC0415 (models must be loaded first)
            install_triggers,
            remove_triggers,
        )

        pre_migrate.connect(remove_triggers, sender=self, dispatch_uid="report-triggers")
        post_migrate.connect(install_triggers, sender=self, dispatch_uid="report-triggers")
