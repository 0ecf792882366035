"""What is Safelight made of? Writes a CycloneDX 1.6 bill of materials from the lock files.

    python tools/sbom.py sbom.cdx.json

Names, versions and hashes come from the locks, licences from the packages as installed. The
same locks give the same file, byte for byte.
"""

from __future__ import annotations

import base64
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_PINNED = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==(\S+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def locked(lock: Path) -> dict[str, tuple[str, list[str]]]:
    """Return what a lock names: name -> version and hashes."""
    found: dict[str, tuple[str, list[str]]] = {}
    name = ""
    for line in lock.read_text().splitlines():
        if pinned := _PINNED.match(line):
            name = pinned.group(1).lower()
            found[name] = (pinned.group(2), [])
        if name and (digest := _HASH.search(line)):
            found[name][1].append(digest.group(1))
    return found


def licence_of(name: str) -> str:
    """Return what a package says of its licence, or nothing where it is not installed."""
    try:
        said: Any = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    if expression := said.get("License-Expression"):
        return str(expression)
    classed = [
        line.rpartition(" :: ")[2]
        for line in said.get_all("Classifier") or []
        if line.startswith("License ::") and not line.endswith("OSI Approved")
    ]
    free_text = str(said.get("License") or "").strip().split("\n")[0]
    return " AND ".join(classed) or free_text


def python_parts(lock: Path) -> Iterator[dict[str, Any]]:
    """Yield the packages of a lock as components."""
    for name, (version, hashes) in sorted(locked(lock).items()):
        part: dict[str, Any] = {
            "type": "library",
            "bom-ref": f"pkg:pypi/{name}@{version}",
            "name": name,
            "version": version,
            "purl": f"pkg:pypi/{name}@{version}",
            "hashes": [{"alg": "SHA-256", "content": each} for each in sorted(hashes)],
        }
        if licence := licence_of(name):
            part["licenses"] = [{"license": {"name": licence}}]
        yield part


def frontend_parts(lock: Path) -> Iterator[dict[str, Any]]:
    """Yield what is built into the pages, from npm's lock; tools that only build are left out."""
    for path, each in sorted(json.loads(lock.read_text())["packages"].items()):
        name = path.rpartition("node_modules/")[2]
        if not name or each.get("dev") or each.get("link"):
            continue
        reference = f"pkg:npm/{name.replace('@', '%40')}@{each['version']}"
        part: dict[str, Any] = {
            "type": "library",
            "bom-ref": reference,
            "name": name,
            "version": each["version"],
            "purl": reference,
        }
        if "license" in each:
            part["licenses"] = [{"license": {"name": each["license"]}}]
        yield part


def workplace_part(named: Path) -> dict[str, Any]:
    """Return the full viewer, which set-up fetches by its hash."""
    said = json.loads(named.read_text())
    reference = f"pkg:npm/{said['name'].replace('@', '%40')}@{said['version']}"
    digest = base64.b64decode(said["integrity"].removeprefix("sha512-")).hex()
    return {
        "type": "library",
        "bom-ref": reference,
        "name": said["name"],
        "version": said["version"],
        "purl": reference,
        "hashes": [{"alg": "SHA-512", "content": digest}],
        "licenses": [{"license": {"id": said["license"]}}],
    }


def bill() -> dict[str, Any]:
    """Return the whole bill."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": "safelight",
                "name": project["name"],
                "version": project["version"],
                "licenses": [{"license": {"id": project["license"]}}],
            }
        },
        "components": [
            *python_parts(ROOT / "requirements.lock"),
            *frontend_parts(ROOT / "frontend" / "package-lock.json"),
            workplace_part(ROOT / "frontend" / "scripts" / "workplace.json"),
        ],
    }


if __name__ == "__main__":
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "sbom.cdx.json")
    made = bill()
    out.write_text(json.dumps(made, indent=1) + "\n")
    print(f"{len(made['components'])} components in {out}")
