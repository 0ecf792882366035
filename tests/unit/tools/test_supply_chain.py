"""What we are made of is known, new enough, of a licence that fits, and holds no secret."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version

from tools.audit_deps import NOT_KNOWN, UNSAFE, Answer, affected, ask_file, found_in
from tools.find_secrets import KINDS, known
from tools.find_secrets import found_in as secrets_in
from tools.sbom import bill, licence_of, locked

ROOT = Path(__file__).parents[3]
TOOLS = ROOT / "tools"

# Below these a package has a fault that is known to be used against programs such as this one,
# or cannot be trusted with bytes that strangers send.
FLOORS = {
    "cryptography": "46.0",
    "django": "5.2.8",
    "django-allauth": "65.13",
    "h11": "0.16.0",
    "httptools": "0.6.4",
    "idna": "3.7",
    "numpy": "2.0",
    "pillow": "12.0",
    "pydicom": "3.0.2",
    "pyjpegls": "1.5.1",
    "pylibjpeg-openjpeg": "2.5.0",
    "python-multipart": "0.0.20",
    "reportlab": "4.4.0",
    "starlette": "1.0.0",
    "uvicorn": "0.38.0",
    "zstandard": "0.25.0",
}
DEV_FLOORS = {"pynetdicom": "3.0.4", "playwright": "1.55"}
INSTALLED = locked(ROOT / "requirements.lock")
RECORD: dict[str, Any] = {
    "id": "TEST-1",
    "summary": "made up",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "Pillow"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "12.0.1"}]}],
        }
    ],
}


@pytest.mark.parametrize("name", FLOORS)
def test_no_locked_package_is_older_than_its_floor(name: str) -> None:
    if name not in INSTALLED:
        pytest.fail(f"{name} is no longer installed: take it out of the table")
    assert Version(INSTALLED[name][0]) >= Version(FLOORS[name])


@pytest.mark.parametrize("name", DEV_FLOORS)
def test_no_tool_of_the_tests_is_older_than_its_floor(name: str) -> None:
    assert Version(locked(ROOT / "requirements-dev.lock")[name][0]) >= Version(DEV_FLOORS[name])


# Only other systems install these.
ELSEWHERE = {"colorama": "BSD-3-Clause", "tzdata": "Apache-2.0"}
# Lesser GPL: plain Python beside ours, which anybody can replace.
LESSER = {"zipstream-ng"}


@pytest.mark.parametrize("name", sorted(INSTALLED))
def test_every_package_of_the_default_install_has_a_licence_that_fits(name: str) -> None:
    licence = licence_of(name) or ELSEWHERE.get(name, "")
    if name in LESSER:
        assert "LGPL" in licence
        return
    assert licence, f"{name} does not say its licence"
    for word in ("GPL", "General Public", "AGPL", "Affero", "SSPL", "BUSL", "Commons Clause"):
        assert word.lower() not in licence.lower(), f"{name}: {licence}"


def test_the_bill_of_materials_names_every_locked_package_and_its_hashes() -> None:
    made = bill()
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    named = {each["name"]: each for each in made["components"] if "pypi" in each["purl"]}
    assert set(named) == set(INSTALLED)
    assert all(each["hashes"] for each in named.values())
    references = [each["bom-ref"] for each in made["components"]]
    assert len(references) == len(set(references))
    assert json.dumps(made) == json.dumps(bill())


@pytest.mark.parametrize(("version", "is_in"), [("11.3", True), ("12.0.1", False), ("?", True)])
def test_an_advisory_is_about_the_versions_it_says(version: str, *, is_in: bool) -> None:
    ranges = RECORD["affected"][0]["ranges"]
    assert affected(version, ranges, []) is is_in


def test_advisories_in_a_file_are_found_and_fail(tmp_path: Path) -> None:
    lock, told = tmp_path / "lock", tmp_path / "advisories.json"
    lock.write_text("pillow==12.0.0 \\\n    --hash=sha256:" + "0" * 64 + "\n")
    told.write_text(json.dumps([RECORD]))
    assert found_in([RECORD], {"pillow": "12.0.0"}) == ["pillow 12.0.0: TEST-1 made up"]
    assert ask_file(lock, told).code == UNSAFE
    told.write_text("[]")
    assert ask_file(lock, told).code == 0
    assert Answer(unsafe=0, not_asked=1).code == NOT_KNOWN != 0
    assert Answer(unsafe=1, not_asked=1).code == UNSAFE
    assert Answer(unsafe=0).code == 0


PLANTED = {
    "a private key": "-----BEGIN PRIVATE KEY-----\n" + "A" * 64,
    "a key of AWS": "AKIA" + "Q" * 16,
    "a token of GitHub": "ghp_" + "a1" * 18,
    "a signed token": "eyJ" + "a" * 20 + ".eyJ" + "b" * 20 + "." + "c" * 30,
    "an address with a password": "postgres" + "://safe:" + "verylongpass" + "@db",
    "a password in a line": "password" + ' = "' + "correcthorsebatterystaple" + '"',
}


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_secret_is_found(kind: str) -> None:
    content = f"first line\n{PLANTED[kind]}\n".encode()
    assert (kind, 2) in {(found, line) for found, _, line in secrets_in(content)}
    assert kind in KINDS


def test_no_file_that_git_tracks_holds_a_secret() -> None:
    done = subprocess.run(
        [sys.executable, str(TOOLS / "find_secrets.py")],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert known()


@pytest.mark.long
def test_no_version_of_any_file_ever_held_a_secret() -> None:
    done = subprocess.run(
        [sys.executable, str(TOOLS / "find_secrets.py"), "--history"],
        capture_output=True, text=True, check=False, timeout=500,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
