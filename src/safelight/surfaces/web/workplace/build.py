"""Where does the full viewer's build stand, and what may its parts do?

`frontend/scripts/workplace.mjs` brings it, and leaves `made.json` beside it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings

from safelight.surfaces.web.headers import policy

_FOLDER: Final = Path(__file__).parent.parent / "static" / "workplace"
# The viewer's page: one's own frame, styles that React writes into elements, decoders in
# WebAssembly. No inline script: what it wants of the kind stands in files.
VIEWER_POLICY: Final = (
    policy(
        script_src="'wasm-unsafe-eval'",
        style_src="'unsafe-inline'",
        connect_src="data: blob:",
        font_src="data:",
        media_src="'self' blob:",
        frame_src="blob:",  # a paper, in the browser's own reader
    )
    .replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    .replace("object-src 'none'", "object-src 'self' blob:")
)
FRAME_POLICY: Final = policy(frame_src="'self'")
# The decoders' glue makes functions of strings. A worker's policy is that of its own file,
# so this holds in the workers, which reach no page.
WORKER_POLICY: Final = policy(script_src="'wasm-unsafe-eval' 'unsafe-eval'")


@dataclass(frozen=True, slots=True)
class Build:
    """The viewer as it was fetched and made to fit."""

    version: str
    folder: str
    script: str
    style: str
    workers: frozenset[str]

    def address(self, name: str) -> str:
        """Return where a browser finds one of its files."""
        return f"{settings.STATIC_URL}workplace/{self.folder}/{name}"


@cache
def build() -> Build:
    """Return the build that is installed.

    Raises:
        FileNotFoundError: set-up has not brought it.
    """
    made = json.loads((_FOLDER / "made.json").read_bytes())
    return Build(**made | {"workers": frozenset(made["workers"])})


def workers() -> frozenset[str]:
    """Return the names of the scripts that run as workers."""
    return build().workers if (_FOLDER / "made.json").is_file() else frozenset()
