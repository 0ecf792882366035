"""Where does this instance listen now, and with what? `serve` notes it, `doctor` reads it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

_NAME = "serving.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How `serve` was started; `pid` is the parent of the family."""

    pid: int
    host: str
    port: int
    tls_cert: str = ""
    tls_key: str = ""
    behind_proxy: bool = False
    redirect_from: str = ""
    dimse: str = ""

    @property
    def is_alive(self) -> bool:
        """Whether that process still runs. A number that another program has now passes too."""
        return Path(f"/proc/{self.pid}").exists()


def note(data: Path, standing: Standing) -> None:
    """Write it into the data folder, for its owner only."""
    fresh = data / f"{_NAME}.new"
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(asdict(standing)))
    fresh.replace(data / _NAME)


def standing_of(data: Path) -> Standing | None:
    """Return how the instance is served now; None where it is not."""
    try:
        said = Standing(**json.loads((data / _NAME).read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return said if said.is_alive else None


def here(host: str, port: int, cert: Path | None, key: Path | None) -> Standing:
    """Return the standing of the process that asks."""
    return Standing(
        pid=os.getpid(),
        host=host,
        port=port,
        tls_cert=str(cert.absolute()) if cert else "",
        tls_key=str(key.absolute()) if key else "",
    )
