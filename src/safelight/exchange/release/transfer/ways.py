"""What is a way by which an object goes to another system, and which does a connection have?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from safelight.exchange.release.viewing.objects import Watch, gathered

if TYPE_CHECKING:
    from safelight.exchange.release.transfer.models import Transfer
    from safelight.exchange.release.transfer.rules import Answer
    from safelight.records.imaging.store import StoredObject


class File(Protocol):
    """One object as a file."""

    @property
    def size(self) -> int:
        """How many bytes it has."""

    @property
    def stored(self) -> StoredObject:
        """The object that it is of."""

    @property
    def data_set_at(self) -> int | None:
        """At which byte of it the data set begins; None where group 0002 says it."""

    def pieces(self) -> Iterator[bytes]:
        """Yield it."""


@dataclass(slots=True)
class Leaving:
    """One object as a file on its way: its bytes may leave while the decision holds.

    `digest` is over what left.
    """

    file: File
    watch: Watch
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    @property
    def size(self) -> int:
        """How many bytes the file has."""
        return self.file.size

    def pieces(self) -> Iterator[bytes]:
        """Yield the file, 1 MiB at most at once.

        Raises:
            TakenBackError: nothing more of it may leave.
        """
        for piece in gathered(self.file.pieces()):
            self.watch.before(len(piece))
            self.digest.update(piece)
            yield piece


class Way(Protocol):
    """Sends one object after the other to one system."""

    def send(self, leaving: Leaving) -> Answer:
        """Send one, and say what became of it.

        Raises:
            UnreachableError: no answer came.
            TakenBackError: it may not leave any more; the connection is cut where it was.
        """

    def agreed(self, row: Transfer) -> bool | None:
        """Say whether the other side counts and hashes the same; None where it keeps no count.

        Raises:
            UnreachableError: no answer came.
        """
