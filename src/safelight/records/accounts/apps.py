"""How Django knows this room."""

from __future__ import annotations

from django.apps import AppConfig, apps


class AccountsConfig(AppConfig):
    """The room's label in migrations and tables; seals what allauth would keep in the clear."""

    name = "safelight.records.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Seal allauth's columns, now that its models are loaded."""
        from safelight.records.accounts.fields import seal_allauth  # noqa: PLC0415 (needs models)

        seal_allauth(
            apps.get_model("account", "EmailAddress"), apps.get_model("mfa", "Authenticator")
        )
