"""How Django knows this room."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.signals import post_migrate, pre_migrate

_TABLES = {"compliance_statementtext", "access_binding"}


class ComplianceConfig(AppConfig):
    """The room's label in migrations and tables; publishes the statements that ship."""

    name = "safelight.governance.compliance"
    label = "compliance"

    def ready(self) -> None:
        """Publish after every migration what is not published yet, and make the triggers anew."""
        from safelight.governance.compliance.triggers import (  # noqa: PLC0415 (models must be loaded first)
            install_triggers,
            remove_triggers,
        )

        post_migrate.connect(_publish, sender=self)
        pre_migrate.connect(remove_triggers, sender=self, dispatch_uid="statement-triggers")
        post_migrate.connect(install_triggers, sender=self, dispatch_uid="statement-triggers")


def _publish(using: str, **_said: Any) -> None:  # noqa: ANN401 (a signal says more than we need)
    from safelight.governance.compliance.actions import publish_shipped  # noqa: PLC0415 (models)

    # Migrated back to nothing, there is nowhere to publish.
    if using == DEFAULT_DB_ALIAS and set(connections[using].introspection.table_names()) >= _TABLES:
        publish_shipped()
