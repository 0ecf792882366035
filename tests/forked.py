"""A warmed process beside the tests, and the servers that it forks (see nursery.py)."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from server import Server, free_port


@dataclass
class Nursery:
    """The warmed process and the server it has forked, if any."""

    server: Server
    process: subprocess.Popen[str]
    log: Path

    @classmethod
    def open(cls, server: Server) -> Self:
        server.port = free_port()
        log = server.data.parent / "nursery.log"
        with log.open("ab") as said:
            process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("nursery.py")), str(server.data)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
                env=server._environment(),
            )
        made = cls(server, process, log)
        try:
            assert "ready" in made._answer()
        except BaseException:
            made.close()
            raise
        return made

    def order(self, do: str, **what: Any) -> dict[str, Any]:  # noqa: ANN401 (plain JSON)
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": do} | what) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def serve(self, **what: Any) -> None:  # noqa: ANN401 (plain JSON)
        said = self.order("serve", port=self.server.port, **what)
        assert said == {"trail": ""}, said

    def kill(self) -> None:
        assert "dead" in self.order("kill")

    def close(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=30)

    def said(self, *, at_most: int = 20_000) -> str:
        """Return the end of what the process and its servers wrote to their standard error."""
        return self.log.read_bytes()[-at_most:].decode(errors="replace")

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the warmed process is gone: {self.said(at_most=4000)}"
        said: dict[str, Any] = json.loads(line)
        return said
