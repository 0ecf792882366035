"""Let a step of lived.py be lived in a server's instance, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from server import Server

TESTS = Path(__file__).resolve().parent


def step(server: Server, name: str, **known: str) -> dict[str, Any]:
    """Live it, and return what came of it."""
    kept = {key: value for key, value in os.environ.items() if "SAFELIGHT" not in key}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(
        [sys.executable, str(TESTS / "lived.py"), name, json.dumps(known)],
        env=kept
        | server.env
        | {"SAFELIGHT_DATA": str(server.data), "SAFELIGHT_ROOT_KEY_FILE": str(server.key)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said
