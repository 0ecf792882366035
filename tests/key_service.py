"""A key service of the tests' own: moto's, which speaks as AWS KMS does, over TLS."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from certificates import an_authority
from safelight.platform.keys.kms import Kms
from server import free_port

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIATESTTESTTESTTEST",
    "AWS_SECRET_ACCESS_KEY": "a secret that must not be said",
}
_SERVE = "import sys; from moto.server import main; main(sys.argv[1:])"


@contextmanager
def key_service(folder: Path) -> Iterator[Kms]:
    """Serve keys over TLS. It has none yet: `with_a_key` makes one."""
    authority = an_authority(folder)
    certificate, key = authority.sign("127.0.0.1")
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVE, "-H", "127.0.0.1", "-p", str(port), "-s",
         "-c", str(certificate), "-k", str(key)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while not _answers(port) and time.monotonic() < deadline:
            time.sleep(0.1)
        yield Kms(f"https://127.0.0.1:{port}", "", "eu-central-1", str(authority.root))
    finally:
        process.terminate()
        process.wait()


def with_a_key(service: Kms) -> Kms:
    """Let the service make a key that wraps."""
    made = service._ask("CreateKey", {})
    return Kms(service.url, made["KeyMetadata"]["KeyId"], service.region, service.authority)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
