"""Is an instance put back whose root key is no plain file, or a file no more?"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from kept_elsewhere import Elsewhere, served
from key_service import CREDENTIALS, key_service, with_a_key
from safelight.platform.keys.kms import Kms
from server import Server

pytestmark = pytest.mark.sqlite_files


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Elsewhere:
    made = served(tmp_path_factory.mktemp("lost"))
    made.back_up()
    return made


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kms]:
    with key_service(tmp_path_factory.mktemp("service")) as serving:
        yield serving


def named(kms: Kms) -> dict[str, str]:
    """Return how an operator names the service."""
    return CREDENTIALS | {
        "SAFELIGHT_KMS_URL": kms.url,
        "SAFELIGHT_KMS_KEY": kms.key,
        "SAFELIGHT_KMS_REGION": kms.region,
        "SAFELIGHT_KMS_CA": kms.authority,
    }


def without_file(arguments: list[str]) -> list[str]:
    at = arguments.index("--root-key-file")
    return arguments[:at] + arguments[at + 2 :]


def it_opens(server: Server) -> None:
    """See that every key opens, with nothing named but what the settings kept."""
    opened = server.run("keys", "verify", "--all", "--data", str(server.data))
    assert opened.returncode == 0, opened.stdout + opened.stderr
    assert "All of them open." in opened.stdout


def test_a_root_key_in_a_variable(place: Elsewhere, tmp_path: Path) -> None:
    again = place.restored(tmp_path / "again")
    arguments = without_file(place.arguments(again.data))
    refused = again.run(*arguments)
    assert (refused.returncode, again.data.exists()) == (1, False)
    assert "SAFELIGHT_ROOT_KEY" in refused.stderr

    again.env["SAFELIGHT_ROOT_KEY"] = "1f" * 8 + "9e03c7" * 8
    other = again.run(*arguments)
    assert (other.returncode, again.data.exists()) == (1, False)
    assert "root key" in other.stderr

    root = place.server.key.read_text().strip()
    again.env["SAFELIGHT_ROOT_KEY"] = root
    done = again.run(*arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    assert root not in done.stdout + done.stderr
    written = (again.data / "safelight.toml").read_text()
    assert root not in written
    said = tomllib.loads(written)
    assert (said["root_key_provider"], said.get("root_key_file")) == ("environment", None)
    it_opens(again)


def test_a_root_key_that_a_key_service_wrapped(
    place: Elsewhere, service: Kms, tmp_path: Path
) -> None:
    kms, wrapped = with_a_key(service), tmp_path / "wrapped.key"
    place.server.env |= named(kms) | {"SAFELIGHT_ROOT_KEY_PROVIDER": "kms"}
    place.server.env["SAFELIGHT_ROOT_KEY_FILE"] = str(wrapped)
    data = str(place.server.data)
    done = place.server.run("keys", "wrap", "--data", data, "--from", str(place.server.key))
    assert done.returncode == 0, done.stderr
    place.back_up()

    again = place.restored(tmp_path / "again")
    plain = str(place.server.key)
    arguments = [str(wrapped) if each == plain else each for each in place.arguments(again.data)]
    again.env |= named(with_a_key(service))
    other = again.run(*arguments)
    assert (other.returncode, again.data.exists()) == (1, False)
    assert "refused to decrypt" in other.stderr
    again.env |= named(kms)
    done = again.run(*arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    for name in [each for each in again.env if each.startswith("SAFELIGHT_KMS")]:
        del again.env[name]  # the settings name it now
    it_opens(again)

    drilled = place.server.run("drill", "--data", data, "--backup-key", str(place.key))
    assert drilled.returncode == 0, drilled.stdout + drilled.stderr

    # The service is lost, too: there is the plain key in the safe.
    last = place.restored(tmp_path / "last")
    done = last.run(*place.arguments(last.data))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "kms" not in (last.data / "safelight.toml").read_text()
    it_opens(last)
