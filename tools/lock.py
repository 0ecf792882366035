"""Which exact packages, with which hashes, does a set-up install?

Writes the lock files from pyproject.toml. Versions already locked stay unless `--upgrade`
is given. The files name versions and hashes, never a registry: where packages come from
is the installing machine's own setting.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = "3.11"
RUN = ("pyproject.toml", "--extra", "demo", "--group", "build")
LOCKS = {
    "requirements.lock": RUN,
    "requirements-dev.lock": (*RUN, "--group", "dev", "--constraint", "requirements.lock"),
    "requirements-frontend.lock": ("--group", "frontend"),
}
FLAGS = (
    "--universal",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-header",
    "--no-annotate",
    "--quiet",
)


def main(extra: list[str]) -> int:
    """Write every lock file; return the first failure's exit code."""
    uv = Path(sys.executable).parent / "uv"
    for name, sources in LOCKS.items():
        command = [str(uv), "pip", "compile", *sources, *FLAGS, *extra]
        command += ["--python-version", OLDEST_PYTHON, "--output-file", name]
        done = subprocess.run(command, cwd=ROOT, check=False)  # noqa: S603 (our own words, no shell)
        if done.returncode:
            return done.returncode
        print(f"{name}: {(ROOT / name).read_text().count('==')} packages")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
