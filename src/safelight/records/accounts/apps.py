"""How Django knows this room."""

from __future__ import annotations

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate, pre_migrate


class AccountsConfig(AppConfig):
    """The room's label in migrations and tables; seals what allauth would keep in the clear."""

    name = "safelight.records.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Seal allauth's columns, now that its models are loaded; keep the triggers made."""
        from safelight.records.accounts.fields import seal_allauth  # noqa: PLC0415 (needs models)
        from safelight.records.accounts.representative_triggers import (  # noqa: PLC0415 (needs models)
            install_triggers,
            remove_triggers,
        )

        seal_allauth(
            apps.get_model("account", "EmailAddress"), apps.get_model("mfa", "Authenticator")
        )
        pre_migrate.connect(remove_triggers, sender=self, dispatch_uid="accounts-triggers")
        post_migrate.connect(install_triggers, sender=self, dispatch_uid="accounts-triggers")
