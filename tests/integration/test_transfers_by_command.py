"""The desk orders a transfer at the operator's machine, by somebody's own password and code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from allauth.mfa.models import Authenticator
from django.conf import LazySettings
from starlette.testclient import TestClient

from cast import PASSWORD, Person, app_code, give_second_factor
from receiving import Archive, an_archive
from safelight.exchange.release.transfer.models import Transfer
from safelight.records.accounts.queries import address_of
from safelight.surfaces.cli import transfers
from transferring import Stage, a_stage, bound_by_web

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.fixture
def archive(tmp_path: Path, settings: LazySettings) -> Iterator[Archive]:
    settings.SAFELIGHT_PEER_SEGMENTS = ["127.0.0.0/8", "::1/128"]
    with an_archive(tmp_path) as listening:
        yield listening


@pytest.fixture
def stage(web: TestClient, owner: Person, clinician: Person, archive: Archive) -> Stage:
    house, story = a_stage(web, owner, clinician)
    return bound_by_web(house, story, archive)


def test_it_is_ordered_followed_stopped_and_tried_again(
    stage: Stage,
    archive: Archive,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stage.agree()
    secret = give_second_factor(stage.house.first)
    email = address_of(stage.house.first.account)
    typed: list[str] = []

    def types(*_: object, **__: object) -> str:
        if not typed:
            app = Authenticator.objects.get(user=stage.house.first.account)
            app.data["last_counter"] = 0  # as if half a minute had gone by
            app.save()
            typed.extend([PASSWORD, app_code(secret)])
        return typed.pop(0)

    monkeypatch.setattr(typer, "prompt", types)
    monkeypatch.setattr(typer, "confirm", lambda *_: True)
    monkeypatch.setattr(transfers, "boot", lambda _: None)
    here = Path()
    uid = "1.2.826.0.1.3680043.10.999.1"

    with pytest.raises(typer.Exit):
        transfers.start(here, email, uid + ".9", str(stage.bond.row.pk))
    transfers.start(here, email, uid, str(stage.bond.row.pk), patient_id="RC-77")
    row = Transfer.objects.get()
    said = capsys.readouterr().out
    assert "patient_id: AB-17 -> RC-77" in said
    assert f"{row.pk}\nOrdered: 4 objects." in said
    transfers.stop(here, email, str(row.pk))
    transfers.list_all(here, email)
    assert "stopped    0/4  River archive (River Clinic)  by-hand" in capsys.readouterr().out
    transfers.retry(here, email, str(row.pk))
    done = stage.sent(row)
    transfers.show(here, email, str(row.pk))
    said = capsys.readouterr().out
    assert "  4 sent" in said
    assert bytes(done.proof or b"").hex() in said
