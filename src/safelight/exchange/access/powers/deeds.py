"""What exactly is to be done, in one line that people read and a digest binds?

"key_export key/root needed=2 shares=3": the kind, the subject by an opaque name, then
what matters of it, sorted. The room that does the act makes the line from what it is
about to do, so an approval of anything else fits nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from safelight.exchange.access.powers.kinds import ApprovalKind
from safelight.kernel.errors import InvalidFieldError

_SUBJECT: Final = re.compile(r"[a-z][a-z_-]{0,31}(/[0-9A-Za-z_-]{1,64})?")
_NAME: Final = re.compile(r"[a-z][a-z_]{0,31}")
_VALUE: Final = re.compile(r"[0-9A-Za-z_.:/+-]{1,100}")
_LONGEST: Final = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One act: its kind, what it is done to, and the values that matter."""

    kind: ApprovalKind
    subject: str
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def line(self) -> str:
        """The one way to write it."""
        said = [f"{name}={value}" for name, value in sorted(self.details.items())]
        return " ".join([self.kind.value, self.subject, *said])

    @property
    def digest(self) -> bytes:
        """What an approval of this is bound to: 32 bytes."""
        return hashlib.sha256(b"deed/v1\0" + self.line.encode()).digest()


def read_deed(line: str) -> Deed:
    """Read the line that names an act.

    Raises:
        InvalidFieldError: it is not such a line.
    """
    kind, subject, *rest = [*line[:_LONGEST].split(), "", ""]
    details = dict(each.partition("=")[::2] for each in rest if each)
    fits = all(_NAME.fullmatch(name) and _VALUE.fullmatch(said) for name, said in details.items())
    if kind not in set(ApprovalKind) or not _SUBJECT.fullmatch(subject) or not fits:
        raise InvalidFieldError("deed", "Copy the line exactly as the command printed it.")
    return Deed(kind=ApprovalKind(kind), subject=subject, details=details)
