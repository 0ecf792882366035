"""A partner's Safelight: a real server with TLS, in a network namespace of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from certificates import an_authority
from namespaces import IP
from server import PASSWORD, Server, free_port

NETWORK = "slfar"
HERE, THERE = "10.213.8.1", "10.213.8.2"
CLINIC, EMAIL = "River Clinic", "rita@river.example"
_LET_IN = """
import sys
from datetime import timedelta
from pathlib import Path
from safelight.surfaces.cli.main import boot
boot(Path(sys.argv[1]))
from safelight.exchange.access.connecting import Hand, add_connection, give_word, open_connection
from safelight.exchange.access.connecting import add_partner
from safelight.governance.agreements.recording import (
    AgreementWish, record_agreement, verify_agreement,
)
from safelight.kernel import clock
from safelight.records.accounts.models import Organization
from safelight.records.partners.wishes import ConnectionWish
one, two = (Hand(name=f"operator/{each}", session="", places=None) for each in ("one", "two"))
house, at = Organization.objects.get(same_name=sys.argv[2]).pk, clock.now()
partner = add_partner(one, house, "Lakeside Hospital", "US", at=at)
wish = ConnectionWish(
    name="Lakeside's Safelight", kind="safelight", they_send=True, networks=sys.argv[3], basis="baa"
)
row = add_connection(one, house, partner.pk, wish, at=at)
word = give_word(one, row.pk, at=at)
days = (at.date().isoformat(), (at.date() + timedelta(days=30)).isoformat())
paper = AgreementWish(kind="baa", parties="For both", starts_on=days[0], ends_on=days[1])
agreed = record_agreement(one, partner.pk, paper, b"%PDF-1.7 signed by both", at=at)
verify_agreement(two, agreed.pk, at=at)
open_connection(two, row.pk, at=at)
print(word)
"""
_ASKED = """
import sys, json
from pathlib import Path
from safelight.surfaces.cli.main import boot
boot(Path(sys.argv[1]))
"""


def _sh(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)


def _gone() -> None:
    """Take the wire and the network away, if they are there."""
    for words in (("link", "del", f"{NETWORK}0"), ("netns", "del", NETWORK)):
        subprocess.run([IP, *words], check=False, capture_output=True)


@contextmanager
def another_network() -> Iterator[None]:
    """Make a network namespace that one wire joins to this one."""
    _gone()
    _sh(IP, "netns", "add", NETWORK)
    try:
        _sh(IP, "link", "add", f"{NETWORK}0", "type", "veth",
            "peer", "name", f"{NETWORK}1", "netns", NETWORK)  # fmt: skip
        _sh(IP, "addr", "add", f"{HERE}/30", "dev", f"{NETWORK}0")
        _sh(IP, "link", "set", f"{NETWORK}0", "up")
        _sh(IP, "-n", NETWORK, "addr", "add", f"{THERE}/30", "dev", f"{NETWORK}1")
        _sh(IP, "-n", NETWORK, "link", "set", f"{NETWORK}1", "up")
        _sh(IP, "-n", NETWORK, "link", "set", "lo", "up")
        yield
    finally:
        _gone()


def cut() -> None:
    """Pull the wire."""
    _sh(IP, "link", "set", f"{NETWORK}0", "down")


def mend() -> None:
    """Put it in again."""
    _sh(IP, "link", "set", f"{NETWORK}0", "up")


@dataclass
class Elsewhere:
    """The partner's instance, and what is needed to send there."""

    server: Server
    pem: str
    word: str = ""

    @property
    def url(self) -> str:
        return f"https://{THERE}:{self.server.port}"

    def asked(self, code: str) -> Any:  # noqa: ANN401 (what the code prints, as JSON)
        """Run something in a process of that instance, and read what it prints."""
        done = subprocess.run(
            [sys.executable, "-c", _ASKED + code, str(self.server.data)],
            env=self.server._environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@contextmanager
def a_safelight_elsewhere(folder: Path) -> Iterator[Elsewhere]:
    """Let a partner's Safelight be there, which lets ours in."""
    folder.mkdir()
    server = Server(folder / "data", folder / "root.key")
    server.log = folder / "log"
    server.init()
    made = server.run(
        "account", "create", "--data", str(server.data), "--email", EMAIL, "--name", "Rita River",
        "--kind", "provider", "--organization", CLINIC, "--password-stdin", "--accept-statement",
        input=PASSWORD + "\n",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    let_in = subprocess.run(
        [sys.executable, "-c", _LET_IN, str(server.data), CLINIC, f"{HERE}/32"],
        env=server._environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert let_in.returncode == 0, let_in.stderr
    cert, key = an_authority(folder).sign("river")
    server.port = free_port()
    with server.log.open("ab") as log, subprocess.Popen(
        [
            *(IP, "netns", "exec", NETWORK, sys.executable, "-m", "safelight.surfaces.cli"),
            *("serve", "--data", str(server.data), "--listen", f"{THERE}:{server.port}"),
            *("--tls-cert", str(cert), "--tls-key", str(key)),
        ],
        env=server._environment(),
        stdout=subprocess.PIPE,
        stderr=log,
        start_new_session=True,
    ) as process:  # fmt: skip
        server.process = process
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith(b"ready "), server.log.read_text()
            yield Elsewhere(server, cert.read_text(), let_in.stdout.strip())
        finally:
            server.kill()
