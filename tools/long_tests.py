"""Which long tests have not passed for this commit yet? Those are run, one after another.

    python tools/long_tests.py [PATH ...]

Each test marked `long` is a piece of its own that ends within ten minutes; the steps of a
journey, which rest on one another, are one. What has passed, and was not skipped, is noted
under .setup/long/, under the commit and its uncommitted changes; so a run that was stopped
goes on where it was, and a change begins anew.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOTES = ROOT / ".setup" / "long"
PYTEST = (sys.executable, "-m", "pytest", "-m", "long", "-p", "no:cacheprovider")
TEN_MINUTES = 600
NO_TESTS = 5  # pytest's exit code


def main(paths: Sequence[str]) -> int:
    """Run what is left; return 0 when all of it has passed."""
    noted = NOTES / version()
    noted.parent.mkdir(parents=True, exist_ok=True)
    done = set(noted.read_text().splitlines()) if noted.exists() else set()
    pieces = collected(paths)
    left = [piece for piece in pieces if piece not in done]
    print(f"{len(pieces)} pieces, {len(pieces) - len(left)} of them passed before.", flush=True)
    failed = []
    for number, piece in enumerate(left, start=1):
        print(f"[{number}/{len(left)}] {piece}", flush=True)
        began = time.monotonic()
        if run(piece):
            with noted.open("a") as file:
                file.write(piece + "\n")
        else:
            failed.append(piece)
        print(f"    {time.monotonic() - began:.0f} s", flush=True)
    for piece in failed:
        print(f"FAILED {piece}")
    print(f"{len(left) - len(failed)} passed, {len(failed)} failed.")
    return 1 if failed else 0


def version() -> str:
    """Name what is tested: the commit, and what was changed since."""
    commit = said("git", "rev-parse", "HEAD").strip()
    changed = said("git", "diff", "HEAD")
    if not changed:
        return commit
    return f"{commit}-{hashlib.sha256(changed.encode()).hexdigest()[:16]}"


def collected(paths: Sequence[str]) -> list[str]:
    """List the long tests below some paths by their node ids."""
    done = subprocess.run(  # noqa: S603 (our own tests)
        [*PYTEST, "--collect-only", "-q", *paths], cwd=ROOT, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    if done.returncode not in {0, NO_TESTS}:
        sys.exit(done.stdout + done.stderr)
    found = [_piece(line) for line in done.stdout.splitlines() if "::" in line]
    if found or done.returncode == NO_TESTS:
        return list(dict.fromkeys(found))
    sys.exit("pytest listed no tests: " + done.stdout[-2000:])


def _piece(node: str) -> str:
    return node.partition("::")[0] if "journeys/" in node else node


def run(piece: str) -> bool:
    """Run one piece, for ten minutes at most, and say whether all of it ran and passed."""
    with tempfile.NamedTemporaryFile(suffix=".xml") as report:
        try:
            done = subprocess.run(  # noqa: S603 (our own tests)
                [*PYTEST, "-q", "-s", f"--junitxml={report.name}", piece],
                cwd=ROOT, check=False, timeout=TEN_MINUTES,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            print("    took more than ten minutes")
            return False
        return done.returncode == 0 and b"<skipped" not in Path(report.name).read_bytes()


def said(*words: str) -> str:
    """Return what a command says."""
    done = subprocess.run(  # noqa: S603 (git, as we call it)
        words, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["tests"]))
