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
    house_token: str = ""
    """Whoever has it stores for the institution whose system calls by DICOM; none in Orthanc."""

    def client(self) -> Client:
        """Open a connection of its own."""
        return Client(self.port, self.token, root=self.root)

    def house_client(self) -> Client:
        """Open a connection of the institution's."""
        return Client(self.port, self.house_token, root=self.root)
