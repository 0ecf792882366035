"""How do personal values lie in the database? Sealed: ours, and those of allauth's tables.

allauth keeps an address as text and an authenticator's data as JSON. Its columns
stay as its own migrations make them, so that an upgrade brings no surprise;
`seal_allauth` only changes what is written into them.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from django.db import models

from safelight.platform.keys.cipher import seal, unseal
from safelight.platform.keys.fields import SameSealed, SealedBytesField
from safelight.platform.keys.ring import ring

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.backends.base.base import BaseDatabaseWrapper


class SealedJSONField(SealedBytesField):
    """Sealed JSON, such as what a session remembers."""

    purpose = "sessions"

    def to_plain(self, value: Any) -> bytes:  # noqa: ANN401 (any JSON)
        """Write compact JSON."""
        return json.dumps(value, separators=(",", ":")).encode()

    def from_plain(self, plain: bytes) -> Any:  # noqa: ANN401 (any JSON)
        """Read JSON."""
        return json.loads(plain)

    def to_python(self, value: Any) -> Any:  # noqa: ANN401 (Django's signature)
        """Take JSON as it is."""
        return value


class SealedAddressField(SameSealed, models.EmailField):  # type: ignore[type-arg]
    """An e-mail address sealed so that it can be found and stay unique, not read."""

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Look like the column that allauth's migrations made, which it is."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.EmailField", args, kwargs


class SealedAuthenticatorField(models.JSONField):
    """A second factor's data: a JSON text that holds sealed JSON."""

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Look like the column that allauth's migrations made, which it is."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs

    def get_db_prep_value(
        self,
        value: Any,  # noqa: ANN401 (Django's signature)
        connection: BaseDatabaseWrapper,
        prepared: bool = False,  # noqa: FBT001, FBT002 (Django's signature)
    ) -> Any:  # noqa: ANN401 (Django's signature)
        """Seal on the way in."""
        sealed = seal(self._key(), json.dumps(value).encode(), bound_to=self._bound_to())
        return super().get_db_prep_value(base64.b64encode(sealed).decode(), connection, prepared)

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Any:  # noqa: ANN401 (Django's signature)
        """Open on the way out."""
        text = super().from_db_value(value, expression, connection)
        if text is None:
            return None
        return json.loads(unseal(self._key(), base64.b64decode(text), bound_to=self._bound_to()))

    def _key(self) -> bytes:
        return ring().instance_key("authenticators")

    def _bound_to(self) -> str:
        return f"{self.model._meta.db_table}|{self.column}"


def seal_allauth(address: type[models.Model], authenticator: type[models.Model]) -> None:
    """Replace the two clear columns of allauth's models by sealed ones, once at start."""
    _replace(address, "email", SealedAddressField)
    _replace(authenticator, "data", SealedAuthenticatorField)


def _replace(
    model: type[models.Model],
    name: str,
    sealed: type[SealedAddressField | SealedAuthenticatorField],
) -> None:
    field = next(each for each in model._meta.local_fields if each.name == name)
    if isinstance(field, sealed):
        return
    _, _, args, kwargs = field.deconstruct()
    replacement = sealed(*args, **kwargs)
    replacement.creation_counter = field.creation_counter  # its place among the columns
    model._meta.local_fields.remove(field)
    replacement.contribute_to_class(model, name)
