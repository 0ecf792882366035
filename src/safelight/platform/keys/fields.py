"""How does a column keep a value that only the instance can read?

A sealed field seals on the way to the database and opens on the way back, under
an instance key, bound to "table|column". A `SameSealed` one is deterministic, so
that uniqueness and exact look-up go on working; any other comparison is refused.
"""

from __future__ import annotations

import base64
import unicodedata
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldError
from django.db import models

from safelight.platform.keys.cipher import (
    SAME_KEY_SIZE,
    seal,
    seal_same,
    unseal,
    unseal_same,
)
from safelight.platform.keys.errors import SealBrokenError
from safelight.platform.keys.ring import ring

if TYPE_CHECKING:
    from django.db.models import Lookup, Transform

    # Generic for the type checker only: at run time these classes take no arguments.
    _Field = models.Field[Any, Any]
    _BinaryField = models.BinaryField[Any, Any]
    _CharField = models.CharField[Any, Any]
else:
    _Field, _BinaryField, _CharField = models.Field, models.BinaryField, models.CharField

_PURPOSE = "account-fields"
_ONE_WAY = frozenset({"isnull"})
_EQUALITY = frozenset({"exact", "iexact", "in", "isnull"})


def normalise(text: str) -> str:
    """Give equal-looking texts one form: NFKC, case folded, trimmed."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()


class _Sealed(_Field):
    """What all sealed fields share: whose key, which name, which look-ups."""

    purpose = _PURPOSE
    lookups = _ONE_WAY

    @property
    def bound_to(self) -> str:
        """Name the place of this column in the seal."""
        return f"{self.model._meta.db_table}|{self.column}"

    def get_lookup(self, lookup_name: str) -> type[Lookup[Any]] | None:
        """Refuse comparisons that sealed values cannot answer.

        Raises:
            FieldError: always, for such a comparison; it never silently finds nothing.
        """
        if lookup_name not in self.lookups:
            raise FieldError(f"{self.name} is sealed: it cannot be compared by {lookup_name}")
        return super().get_lookup(lookup_name)

    def get_transform(self, lookup_name: str) -> type[Transform] | None:
        """Refuse every transform: none means anything on sealed values."""
        raise FieldError(f"{self.name} is sealed: it cannot be compared by {lookup_name}")


class SealedBytesField(_Sealed, _BinaryField):
    """Bytes sealed under an instance key, differently each time."""

    def get_prep_value(self, value: Any) -> bytes | None:  # noqa: ANN401 (Django's signature)
        """Seal."""
        if value is None:
            return None
        return seal(ring().instance_key(self.purpose), self.to_plain(value), bound_to=self.bound_to)

    def from_db_value(self, value: Any, *_: Any) -> Any:  # noqa: ANN401 (Django's signature)
        """Open.

        Raises:
            SealBrokenError: the column was tampered with, or moved from elsewhere.
        """
        if value is None:
            return None
        key = ring().instance_key(self.purpose)
        return self.from_plain(unseal(key, bytes(value), bound_to=self.bound_to))

    def to_plain(self, value: Any) -> bytes:  # noqa: ANN401 (what the field holds)
        """Write the value as the bytes to seal."""
        return bytes(value)

    def from_plain(self, plain: bytes) -> Any:  # noqa: ANN401 (what the field holds)
        """Read the value from the bytes that were sealed."""
        return plain


class SealedTextField(SealedBytesField):
    """Text sealed under an instance key, differently each time."""

    def to_plain(self, value: Any) -> bytes:  # noqa: ANN401 (what the field holds)
        """Write the text as UTF-8."""
        return str(value).encode()

    def from_plain(self, plain: bytes) -> str:
        """Read UTF-8."""
        return plain.decode()

    def value_to_string(self, obj: models.Model) -> str:
        """Keep serialisers from taking the text for base64."""
        return str(self.value_from_object(obj))

    def to_python(self, value: Any) -> Any:  # noqa: ANN401 (Django's signature)
        """Take text as it is."""
        return value


class SameSealed(_Sealed):
    """Mix this into a text field: sealed the same each time, as text, after `normalise`.

    What comes back from the database is the normalised text. Sealed text is
    4/3 * (bytes + 17) characters long, which `max_length` must allow for.
    """

    lookups = _EQUALITY

    def get_lookup(self, lookup_name: str) -> type[Lookup[Any]] | None:
        """Answer `iexact` as `exact`: what is sealed has one case only, and LIKE is no help."""
        return super().get_lookup("exact" if lookup_name == "iexact" else lookup_name)

    def get_prep_value(self, value: Any) -> str | None:  # noqa: ANN401 (Django's signature)
        """Normalise and seal."""
        if value is None:
            return None
        sealed = seal_same(self._key(), normalise(str(value)).encode(), bound_to=self.bound_to)
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def from_db_value(self, value: Any, *_: Any) -> str | None:  # noqa: ANN401 (Django's signature)
        """Open.

        Raises:
            SealBrokenError: the column was tampered with, or moved from elsewhere.
        """
        if value is None:
            return None
        try:
            sealed = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
        except ValueError:
            raise SealBrokenError from None
        return unseal_same(self._key(), sealed, bound_to=self.bound_to).decode()

    def _key(self) -> bytes:
        return ring().instance_key(self.purpose, SAME_KEY_SIZE)


class SameSealedField(SameSealed, _CharField):
    """Text that stays unique and can be looked up exactly, yet is not readable at rest."""
