"""What lies sealed while a message waits? The address and the facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from safelight.platform.keys.cipher import seal, unseal
from safelight.platform.keys.ring import ring

if TYPE_CHECKING:
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class Envelope:
    """Whom a message goes to, and what its template needs."""

    to: str
    facts: dict[str, str]

    def sealed(self, notice_id: UUID) -> bytes:
        """Seal it for one notice."""
        plain = orjson.dumps({"to": self.to, "facts": self.facts})
        return seal(ring().instance_key("notices"), plain, bound_to=_name(notice_id))

    @classmethod
    def opened(cls, sealed: bytes, notice_id: UUID) -> Envelope:
        """Open what was sealed for that notice. Raises SealBrokenError."""
        plain = unseal(ring().instance_key("notices"), sealed, bound_to=_name(notice_id))
        said = orjson.loads(plain)
        return cls(said["to"], said["facts"])


def _name(notice_id: UUID) -> str:
    return f"notices|sealed|{notice_id}"
