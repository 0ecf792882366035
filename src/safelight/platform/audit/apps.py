"""How Django knows this room."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    """The room's label in migrations and tables."""

    name = "safelight.platform.audit"
    label = "audit"

    def ready(self) -> None:
        """Put the triggers back after every migration."""
        from safelight.platform.audit.triggers import install_triggers  # noqa: PLC0415

        post_migrate.connect(install_triggers, sender=self, dispatch_uid="audit-triggers")
