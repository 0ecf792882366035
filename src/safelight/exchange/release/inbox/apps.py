"""How Django knows the inbox of an institution's clinicians."""

from __future__ import annotations

from django.apps import AppConfig


class InboxConfig(AppConfig):
    """The label in migrations and tables."""

    name = "safelight.exchange.release.inbox"
    label = "inbox"
