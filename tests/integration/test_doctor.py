"""What doctor finds on a machine that is as it should be, and on one that is not."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest

from certificates import an_authority
from encrypted import Encrypted
from safelight.surfaces.cli.doctor import machine
from safelight.surfaces.cli.doctor.checked import Checked
from safelight.surfaces.cli.doctor.egress import ELSEWHERE
from safelight.surfaces.cli.doctor.listening import Port, ports_of
from safelight.surfaces.cli.doctor.tls import _files
from safelight.surfaces.cli.standing import Standing, here, note, standing_of
from server import Server, free_port

pytestmark = pytest.mark.server
UNSHARE = shutil.which("unshare") or ""
needs_namespaces = pytest.mark.skipif(
    not UNSHARE or shutil.which("ip") is None or os.geteuid() != 0,
    reason="needs root, util-linux and iproute2",
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Encrypted]:
    folder = tmp_path_factory.mktemp("doctor")
    server = Encrypted(folder / "data", folder / "root.key", log=folder / "log")
    server.authority = an_authority(folder)
    cert, key = server.authority.sign()
    server.port, server.plain = free_port(), free_port()
    server.env = {"SAFELIGHT_PUBLIC_URL": f"https://localhost:{server.port}"}
    server.init()
    server.begin("--tls-cert", str(cert), "--tls-key", str(key))
    yield server
    server.end()


def findings(server: Server, *more: str) -> dict[str, tuple[bool, str]]:
    told = server.run("doctor", "--data", str(server.data), "--json", *more)
    said = json.loads(told.stdout)
    assert told.returncode == (0 if all(each["good"] for each in said) else 1)
    return {each["what"]: (each["good"], each["advice"]) for each in said}


def test_doctor_shakes_hands_with_the_port_and_reads_the_certificate(served: Encrypted) -> None:
    told = findings(served)
    assert told["the public URL is https"][0]
    assert told["the certificate and its key belong together"][0]
    assert told["the certificate names localhost"][0]
    assert told["the encrypted port refuses what is older than TLS 1.2"][0]
    assert any(what.startswith("the encrypted port speaks TLSv1.3 with TLS_") for what in told)
    assert told[f"nothing but the edge listens: 127.0.0.1:{served.port}"][0]
    assert told["what others reach is encrypted"][0]
    assert told["only its owner reads the root key"][0]
    left = json.loads((served.data / "doctor.json").read_text())
    assert {each["what"] for each in left["findings"]} == set(told)
    assert (served.data / "doctor.json").stat().st_mode & 0o777 == 0o600


def test_doctor_says_what_to_do_about_a_key_that_others_read(served: Encrypted) -> None:
    key = served.authority.folder / "leaf.key"
    key.chmod(0o644)
    try:
        told = findings(served)
    finally:
        key.chmod(0o600)
    bad = {what: advice for what, (good, advice) in told.items() if not good}
    assert bad["only its owner reads the certificate's key"].startswith("chmod 600 ")


@pytest.mark.parametrize(
    ("days", "host", "bad"),
    [
        (90, "localhost", []),
        (10, "localhost", ["the certificate is good for"]),
        (90, "elsewhere.example", ["the certificate names"]),
    ],
)
def test_a_certificate_that_ends_soon_or_names_another_is_found(
    tmp_path: Path, days: int, host: str, bad: list[str]
) -> None:
    cert, key = an_authority(tmp_path).sign(host=host, days=days)
    found = list(_files(cert, here("127.0.0.1", 1, cert, key), "localhost"))
    named = [each.what for each in found if not each.good]
    assert len(named) == len(bad)
    assert all(what.startswith(start) for what, start in zip(named, bad, strict=True))


def test_a_key_of_another_certificate_is_found(tmp_path: Path) -> None:
    authority = an_authority(tmp_path)
    cert, _ = authority.sign("one")
    _, key = authority.sign("two")
    found = list(_files(cert, here("127.0.0.1", 1, cert, key), "localhost"))
    assert Checked("the certificate and its key", False, "they do not belong together") in found


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_every_listening_socket_of_a_process_is_seen(host: str) -> None:
    kind = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(kind) as listening:
        listening.bind((host, 0))
        listening.listen()
        port = listening.getsockname()[1]
        assert Port(ip_address(host), port) in ports_of({os.getpid()})
    assert Port(ip_address(host), port) not in ports_of({os.getpid()})


def test_a_family_that_has_ended_stands_nowhere(tmp_path: Path) -> None:
    note(tmp_path, here("127.0.0.1", 8000, None, None))
    assert standing_of(tmp_path) is not None
    note(tmp_path, Standing(pid=1 << 22, host="127.0.0.1", port=8000))
    assert standing_of(tmp_path) is None


def test_the_kernel_says_whether_the_clock_follows_another() -> None:
    assert machine._is_synchronised() in {True, False, None}


@needs_namespaces
def test_a_worker_on_an_internal_network_reaches_no_host_that_nobody_listed() -> None:
    told = subprocess.run(
        [UNSHARE, "--net", sys.executable, "-m", "safelight.surfaces.cli.doctor.egress", "self"],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert json.loads(told.stdout) == [], told.stderr


@needs_namespaces
def test_a_host_that_answers_is_told() -> None:
    # In a namespace of its own, one of the addresses is given to the machine itself.
    host, port = ELSEWHERE[0]
    script = ("ip link set lo up && ip addr add {}/32 dev lo && exec {} -m {} self").format(
        host, sys.executable, "safelight.surfaces.cli.doctor.egress"
    )
    told = subprocess.run(
        [UNSHARE, "--net", "/bin/sh", "-c", script],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert json.loads(told.stdout) == [f"{host} port {port}"], told.stderr
