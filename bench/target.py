"""What is measured? One running server, ours or the reference."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.client import Client


@dataclass(frozen=True, slots=True)
class Target:
    """Where a server answers, which process family it is, and where its data lie."""

    name: str
    port: int
    token: str
    root: str
    process: int
    dimse: int
    title: str
    data: Path

    def client(self) -> Client:
        """Open a connection of its own."""
        return Client(self.port, self.token, root=self.root)
