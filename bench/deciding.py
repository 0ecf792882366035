"""What does a decision cost, and what a list of what somebody may see?

    .venv/bin/python -m bench.deciding [--studies N] [--grants N]

Among many exams of others, somebody was given a thousand, each by its own consent. They are
listed and asked for one by one through the calls that every surface makes, while after each
hundred a consent is withdrawn.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from bench.instance import ROOT, commit, machine

_INSIDE: Final = "import django; django.setup(); from bench.decisions import measure; "


def main(arguments: list[str]) -> int:
    """Measure in an instance made for it, and print what was found."""
    reader = argparse.ArgumentParser(description="What does a decision cost?")
    reader.add_argument("--studies", type=int, default=100_000)
    reader.add_argument("--grants", type=int, default=1000)
    chosen = reader.parse_args(arguments)
    print(f"version  {commit()}\nmachine  {machine()}", flush=True)
    deciding(chosen.studies, chosen.grants)
    return 0


def deciding(studies: int, grants: int) -> None:
    """Print the figures of one process of an instance that is made for it."""
    with tempfile.TemporaryDirectory(prefix="safelight-bench-") as folder:
        data, key = Path(folder) / "data", Path(folder) / "key" / "root.key"
        words = ("init", "--data", str(data), "--root-key-file", str(key))
        program = (sys.executable, "-m", "safelight.surfaces.cli", *words)
        subprocess.run(program, check=True, stdout=subprocess.DEVNULL)
        settings = {
            "SAFELIGHT_DATA": str(data),
            "DJANGO_SETTINGS_MODULE": "safelight.config.settings",
        }
        inside = f"{_INSIDE}measure({studies}, {grants})"
        subprocess.run(
            (sys.executable, "-c", inside), check=True, cwd=ROOT, env=os.environ | settings
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
