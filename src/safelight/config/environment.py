"""What did the operator decide, and where is it written?

Settings come from `SAFELIGHT_*` variables first, then from `DATA/safelight.toml`,
then from a default that is safe. Nothing here is a secret: the root key stays in
its own file, and only its place is named.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Environment:
    """One instance's choices, read once at start."""

    data: Path
    values: dict[str, Any]

    def text(self, name: str, default: str = "") -> str:
        """Return the setting `name`, e.g. "public_url", as text."""
        variable = os.environ.get(f"SAFELIGHT_{name.upper()}")
        if variable is not None:
            return variable
        return str(self.values.get(name, default))

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return the setting `name` as yes or no."""
        return self.text(name, "yes" if default else "no").lower() in {"1", "yes", "true", "on"}

    def number(self, name: str, default: int) -> int:
        """Return the setting `name` as a whole number."""
        return int(self.text(name, str(default)))

    @property
    def root_key_file(self) -> Path:
        """Where the root key lies; outside the data folder except in a demo."""
        return Path(self.text("root_key_file", str(self.data / "no-root-key-configured")))


def load() -> Environment:
    """Read the choices of the instance in `SAFELIGHT_DATA`."""
    data = Path(os.environ.get("SAFELIGHT_DATA", "safelight-data")).absolute()
    written = data / "safelight.toml"
    values = tomllib.loads(written.read_text()) if written.is_file() else {}
    return Environment(data=data, values=values)
