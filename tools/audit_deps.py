"""Is any dependency known to be unsafe? A package that could not be asked about counts as a fault.

    python -m tools.audit_deps                       asks with pip-audit (uv fetches it)
    python -m tools.audit_deps --advisories FILE     asks a file of OSV records (a JSON list)

Exit 0: all were asked about, none is known to be unsafe. 1: one is. 2: not known.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from tools.figures import figure
from tools.sbom import ROOT, locked

_PIP_AUDIT = "pip-audit==2.10.1"
UNSAFE, NOT_KNOWN = 1, 2
_SERIES = ("ECOSYSTEM", "SEMVER")


def affected(version: str, ranges: list[dict[str, Any]], named: list[str]) -> bool:
    """Say whether an OSV record is about a version."""
    if version in named:
        return True
    try:
        asked = Version(version)
        for each in ranges:
            if each.get("type") in _SERIES and _within(asked, each["events"]):
                return True
    except InvalidVersion:
        return True  # what cannot be compared is not known to be safe
    return False


def _within(asked: Version, events: list[dict[str, str]]) -> bool:
    inside = False
    for event in events:
        if "introduced" in event:
            inside = inside or asked >= Version(event["introduced"])
        if "fixed" in event and asked >= Version(event["fixed"]):
            inside = False
        if "last_affected" in event and asked > Version(event["last_affected"]):
            inside = False
    return inside


def found_in(records: list[dict[str, Any]], packages: dict[str, str]) -> list[str]:
    """Return a line for each record that is about one of some packages."""
    lines = []
    for record in records:
        for about in record.get("affected", []):
            if about["package"].get("ecosystem") != "PyPI":
                continue
            name = about["package"]["name"].lower().replace("_", "-")
            version = packages.get(name)
            if version and affected(version, about.get("ranges", []), about.get("versions", [])):
                lines.append(
                    f"{name} {version}: {record['id']} {record.get('summary', '')}".strip()
                )
    return sorted(set(lines))


@dataclass(frozen=True, slots=True)
class Answer:
    """How many packages are known to be unsafe, and how many nobody could be asked about."""

    unsafe: int
    not_asked: int = 0

    @property
    def code(self) -> int:
        """The exit code that says so."""
        return UNSAFE if self.unsafe else NOT_KNOWN if self.not_asked else 0


def ask_pip_audit(lock: Path) -> Answer:
    """Ask the network; anything but a whole answer is `NOT_KNOWN`."""
    uv = Path(sys.executable).with_name("uv")
    asked = subprocess.run(  # noqa: S603 (our own tools, no shell)
        [uv, "tool", "run", _PIP_AUDIT, "--requirement", lock, "--disable-pip", "--no-deps",
         "--strict", "--format", "json", "--progress-spinner", "off"],
        capture_output=True, text=True, check=False, timeout=1800,
    )  # fmt: skip
    try:
        told = json.loads(asked.stdout)["dependencies"]
    except (ValueError, KeyError):
        print(asked.stderr.strip().splitlines()[-1] if asked.stderr.strip() else "no answer")
        return Answer(0, len(locked(lock)))
    skipped = [each["name"] for each in told if "skip_reason" in each]
    unsafe = [each["name"] for each in told if each.get("vulns")]
    missing = set(locked(lock)) - {each["name"].lower() for each in told}
    for name in unsafe:
        print(f"{name} is known to be unsafe")
    for name in (*skipped, *sorted(missing)):
        print(f"{name} could not be asked about")
    return Answer(len(unsafe), len(skipped) + len(missing))


def ask_file(lock: Path, advisories: Path) -> Answer:
    """Ask a file that somebody brought."""
    records = json.loads(advisories.read_text())
    lines = found_in(records, {name: version for name, (version, _) in locked(lock).items()})
    print("\n".join(lines) or f"none of {len(records)} records is about what is locked")
    return Answer(len(lines))


def main() -> int:
    """Ask, and say the answer."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--lock", type=Path, default=ROOT / "requirements.lock")
    asked.add_argument("--advisories", type=Path)
    said = asked.parse_args()
    told = ask_file(said.lock, said.advisories) if said.advisories else ask_pip_audit(said.lock)
    if said.lock == ROOT / "requirements.lock":
        figure("advisories.open", told.unsafe, "packages known to be unsafe")
        figure("advisories.skipped", told.not_asked, "packages not asked about")
    if told.code == NOT_KNOWN:
        print("Not known: no source of advisories answered for every package.")
    return told.code


if __name__ == "__main__":
    sys.exit(main())
