"""A real witness: the product's own program, in a process and a folder of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from server import free_port


@dataclass
class WitnessProcess:
    """One witness of one record."""

    folder: Path
    log_key: str
    port: int = 0
    key: str = ""
    process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it listens."""
        self.port = self.port or free_port()
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "safelight.surfaces.cli", "witness"),
                *("--state", str(self.folder), "--log-key", self.log_key),
                *("--listen", f"127.0.0.1:{self.port}"),
            ],
            env={},  # it needs nothing of an instance
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout is not None
        told = self.process.stdout.readline()
        assert told.startswith("key "), told + self.process.stdout.read()
        self.key = told.split()[1]
        assert self.process.stdout.readline().startswith("ready ")

    def end(self, *, by: signal.Signals = signal.SIGTERM) -> int:
        """End it and return its exit code."""
        assert self.process is not None
        self.process.send_signal(by)
        self.process.communicate(timeout=30)
        return self.process.returncode
