"""One Safelight sends to another over TLS; the other is killed in the middle and comes back."""

from __future__ import annotations

import http.client
import json
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from starlette.testclient import TestClient

from cast import Person
from certificates import an_authority
from encrypted import Encrypted
from objects import uid
from partnering import a_partner
from receiving import Archive
from safelight.exchange.release.transfer.models import Transfer, TransferState
from safelight.exchange.release.transfer.running import run
from safelight.kernel import clock
from server import free_port
from transferring import a_stage, bound_to, web_bond

pytestmark = [
    pytest.mark.server,
    pytest.mark.django_db(transaction=True, databases=["default", "keys"]),
]


def another_instance(folder: Path) -> Encrypted:
    """Let another Safelight answer at an encrypted port of this machine."""
    server = Encrypted(folder / "data", folder / "root.key", log=folder / "log")
    server.authority = an_authority(folder)
    cert, key = server.authority.sign()
    server.port = free_port()
    server.env = {"SAFELIGHT_PUBLIC_URL": f"https://localhost:{server.port}"}
    server.more = ("--tls-cert", str(cert), "--tls-key", str(key))
    server.init()
    server.token = server.add_person()
    server.begin()
    return server


def objects_there(server: Encrypted) -> list[str]:
    connection = http.client.HTTPSConnection(
        "localhost", server.port, timeout=60, context=server.trusting()
    )
    headers = {"Authorization": f"Bearer {server.token}", "Accept": "application/dicom+json"}
    with closing(connection):
        connection.request("GET", f"/dicomweb/studies/{uid(1)}/instances", headers=headers)
        answer = connection.getresponse()
        body = answer.read()
    return [each["00080018"]["Value"][0] for each in json.loads(body)] if body else []


def test_a_copy_arrives_once_though_its_receiver_was_killed(
    web: TestClient, owner: Person, clinician: Person, tmp_path: Path, settings: LazySettings
) -> None:
    settings.SAFELIGHT_PEER_SEGMENTS = ["127.0.0.0/8", "::1/128"]
    house, story = a_stage(web, owner, clinician)
    server = another_instance(tmp_path)
    try:
        there = Archive(server.port, (tmp_path / "leaf.crt").read_text())
        partner = a_partner(house)
        stage = bound_to(story, web_bond(house, partner, there, token=server.token))
        today = clock.now().date()
        stage.bond.agree("baa", today, today + timedelta(days=9))
        stage.agree()
        row = stage.order()

        def killing() -> datetime:
            sent = Transfer.objects.get(pk=row.pk).sent
            if sent == 2 and server.process is not None:
                server.process.kill()
                server.process.wait()
                server.process.stdout.close()  # type: ignore[union-attr]
                server.process = None
            return clock.now()

        run(row.pk, now=killing)
        cut = Transfer.objects.get(pk=row.pk)
        assert (cut.state, cut.sent) == (TransferState.PUT_OFF, 2)

        server.begin()
        assert len(objects_there(server)) == 2
        done = stage.sent(row, later=timedelta(hours=2))
        assert (done.state, done.sent, done.cause) == (TransferState.SENT, 4, "")
        assert sorted(objects_there(server)) == sorted(uid(1, 1, each) for each in range(1, 5))
        (disclosure,) = stage.disclosures()
        assert (disclosure.result, disclosure.pictures) == ("complete", 4)
    finally:
        if server.process is not None:
            server.end()
