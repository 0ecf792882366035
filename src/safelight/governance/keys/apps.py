"""How Django knows this room."""

from __future__ import annotations

from django.apps import AppConfig


class KeepingKeysConfig(AppConfig):
    """The room has no tables: the key store's are the platform's."""

    name = "safelight.governance.keys"
    label = "keeping_keys"
