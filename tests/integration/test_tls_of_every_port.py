"""Both encrypted ports, the web's and DICOM's, agree to nothing that is over or weak."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from socket import create_connection
from time import monotonic, sleep

import pytest

from acting import HOSPITAL
from certificates import an_authority, signing_itself
from dicom_peer import OURS, SCANNER
from encrypted import Encrypted
from figures import figure
from server import PASSWORD, free_port
from tls_hello import (
    EVERY_SUITE,
    SOUND_1_2,
    SOUND_1_3,
    Agreed,
    Version,
    agreed,
    suites_agreed_to,
)

pytestmark = pytest.mark.server
OPENSSL = shutil.which("openssl")
SSLYZE = shutil.which("sslyze")
PORTS = ["web", "dicom"]
# A device that calls DICOM's port is known by its certificate.
_LET_IN = """
import sys
from pathlib import Path
from safelight.surfaces.cli.main import boot
boot(Path(sys.argv[1]))
from safelight.kernel import clock
from safelight.records.accounts.models import Organization
from safelight.records.partners.actions import add_connection, open_connection
from safelight.records.partners.wishes import ConnectionWish
wish = ConnectionWish(
    name="A scanner", called=sys.argv[3], calling=sys.argv[4], they_send=True, they_ask=True,
    networks="127.0.0.1", client_certificate=Path(sys.argv[5]).read_text(),
)
house, at = Organization.objects.get(same_name=sys.argv[2]).pk, clock.now()
row = add_connection(house, None, wish, by="operator/one", at=at)
open_connection(row.pk, by="operator/two", at=at)
"""


@dataclass(frozen=True)
class Served:
    """A server at both ports, its own authority, and the certificate of a known device."""

    ports: dict[str, int]
    root: Path
    shown: Path
    key: Path


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("ports")
    server = Encrypted(folder / "data", folder / "root.key", log=folder / "log")
    server.authority = an_authority(folder)
    # One kind of key at each port: a suite names the kind it needs.
    web, dicom = server.authority.sign("web"), server.authority.sign("dicom", with_rsa=True)
    device = signing_itself(folder, "device")
    server.port, port = free_port(), free_port()
    server.env = {
        "SAFELIGHT_PUBLIC_URL": f"https://localhost:{server.port}",
        "SAFELIGHT_DIMSE_TLS_CERT": str(dicom[0]),
        "SAFELIGHT_DIMSE_TLS_KEY": str(dicom[1]),
    }
    server.init()
    made = server.run(
        "account", "create", "--data", str(server.data), "--email", "carla@people.example",
        "--name", "Carla Clinician", "--kind", "provider", "--organization", HOSPITAL,
        "--password-stdin", "--accept-statement", input=PASSWORD + "\n",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    server.program = "-c", _LET_IN
    done = server.run(str(server.data), HOSPITAL, OURS, SCANNER, str(device[0]))
    assert done.returncode == 0, done.stderr
    server.program = Encrypted.program
    server.begin(
        *("--tls-cert", str(web[0]), "--tls-key", str(web[1])),
        *("--dimse", f"127.0.0.1:{port}"),
    )
    yield Served({"web": server.port, "dicom": port}, server.authority.root, *device)
    server.end()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("where", PORTS)
def test_both_current_versions_are_spoken(
    served: Served, where: str, version: ssl.TLSVersion
) -> None:
    context = ssl.create_default_context(cafile=str(served.root))
    context.load_cert_chain(served.shown, served.key)
    context.minimum_version = context.maximum_version = version
    with (
        create_connection(("127.0.0.1", served.ports[where]), timeout=30) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as talk,
    ):
        assert talk.version() == version.name.replace("_", ".")
        assert talk.compression() is None


@pytest.mark.parametrize("version", [Version.SSL_3_0, Version.TLS_1_0, Version.TLS_1_1])
@pytest.mark.parametrize("where", PORTS)
def test_versions_that_are_over_are_not_even_greeted(
    served: Served, where: str, version: Version
) -> None:
    assert agreed(served.ports[where], version, EVERY_SUITE) is None


@pytest.mark.skipif(OPENSSL is None, reason="needs a server that still takes what is over")
@pytest.mark.parametrize("version", [Version.TLS_1_0, Version.TLS_1_1, Version.TLS_1_2])
def test_a_server_that_takes_what_is_over_is_found_out(tmp_path: Path, version: Version) -> None:
    """The greetings are true ones: what refuses them above would have understood them."""
    assert OPENSSL is not None
    made = an_authority(tmp_path).sign("leaf", with_rsa=True)
    port = free_port()
    words = ["-accept", str(port), "-cert", str(made[0]), "-key", str(made[1]), "-quiet"]
    cipher = ["-cipher", "ALL:@SECLEVEL=0"]
    with subprocess.Popen([OPENSSL, "s_server", *words, *cipher]) as weak:
        try:
            said = _once_it_listens(port, version)
        finally:
            weak.terminate()
    assert said is not None
    assert said.version == version
    assert said.suite not in SOUND_1_2


def _once_it_listens(port: int, version: Version) -> Agreed | None:
    until = monotonic() + 30
    while True:
        try:
            return agreed(port, version, EVERY_SUITE)
        except ConnectionRefusedError:
            assert monotonic() < until
            sleep(0.05)


@pytest.mark.parametrize("where", PORTS)
def test_of_all_suites_only_sound_ones_are_agreed_to(served: Served, where: str) -> None:
    kind = {"web": "ECDSA", "dicom": "RSA"}[where]
    found = suites_agreed_to(served.ports[where], Version.TLS_1_2)
    assert found == {number for number, name in SOUND_1_2.items() if kind in name}
    newest = suites_agreed_to(served.ports[where], Version.TLS_1_3)
    assert newest == SOUND_1_3
    figure(f"tls.{where}.offered", len(EVERY_SUITE), "suites offered")
    figure(f"tls.{where}.suites", len(found | newest), "suites agreed to")


@pytest.mark.parametrize("where", PORTS)
def test_nothing_is_compressed_and_a_greeting_is_bound_to_its_connection(
    served: Served, where: str
) -> None:
    said = agreed(served.ports[where], Version.TLS_1_2, SOUND_1_2)
    assert said is not None
    assert said.version == Version.TLS_1_2
    assert said.compression == 0, "deflate was offered"
    assert 0xFF01 in said.extensions, "RFC 5746"


@pytest.mark.skipif(OPENSSL is None, reason="asks in the middle of a connection: needs openssl")
@pytest.mark.parametrize("where", PORTS)
def test_a_client_cannot_begin_anew_within_a_connection(served: Served, where: str) -> None:
    assert OPENSSL is not None
    shown = ["-cert", str(served.shown), "-key", str(served.key)]
    done = subprocess.run(
        [OPENSSL, "s_client", "-connect", f"127.0.0.1:{served.ports[where]}", "-tls1_2", *shown],
        input=b"R\n", capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert b"Cipher is ECDHE" in done.stdout
    assert b"RENEGOTIATING" in done.stdout + done.stderr
    assert b"no renegotiation" in done.stderr


def test_dicom_is_not_spoken_with_a_caller_who_shows_no_certificate(served: Served) -> None:
    context = ssl.create_default_context(cafile=str(served.root))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with (
        create_connection(("127.0.0.1", served.ports["dicom"]), timeout=30) as plain,
        pytest.raises((ssl.SSLError, ConnectionResetError)),
    ):
        context.wrap_socket(plain, server_hostname="localhost")


@pytest.mark.long
@pytest.mark.skipif(SSLYZE is None, reason="a scanner of others, in an environment of its own")
@pytest.mark.parametrize("where", PORTS)
def test_a_scanner_of_others_finds_no_weak_spot(served: Served, tmp_path: Path, where: str) -> None:
    assert SSLYZE is not None
    told = tmp_path / "told.json"
    shown = [f"--cert={served.shown}", f"--key={served.key}"] if where == "dicom" else []
    subprocess.run(
        [SSLYZE, f"--json_out={told}", *shown, f"localhost:{served.ports[where]}"],
        check=False, capture_output=True, timeout=300,
    )  # fmt: skip
    found = json.loads(told.read_text())["server_scan_results"][0]["scan_result"]
    accepted = {
        version: [each["cipher_suite"]["name"] for each in said["accepted_cipher_suites"]]
        for version in ("ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1", "tls_1_2", "tls_1_3")
        for said in [found[f"{version}_cipher_suites"]["result"]]
    }
    old = [name for version in list(accepted)[:4] for name in accepted[version]]
    current = [name for version in list(accepted)[4:] for name in accepted[version]]
    weak = [name for name in current if not any(good in name for good in ("GCM", "CHACHA20"))]
    assert current
    assert not old + weak
    assert not found["heartbleed"]["result"]["is_vulnerable_to_heartbleed"]
    assert not found["openssl_ccs_injection"]["result"]["is_vulnerable_to_ccs_injection"]
    assert not found["tls_compression"]["result"]["supports_compression"]
    renegotiation = found["session_renegotiation"]["result"]
    assert not renegotiation["is_vulnerable_to_client_renegotiation_dos"]
    figure(f"tls.{where}.scanned", len(current), "cipher suites")
    figure(f"tls.{where}.weak", len(old + weak), "weak suites or versions")
