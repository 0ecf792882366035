"""The clock is wrong or set back: what had ended does not begin again, nothing is lost."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cast import multipart
from figures import figure
from objects import a_file, uid
from server import EMAIL, Server

pytestmark = [pytest.mark.server, pytest.mark.timeout(600)]

_PROGRAM = Path(__file__).parents[1] / "skewed.py"
_ZONES = ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca", "UTC")
_chance = random.Random(20261101)  # noqa: S311 (repeatable, guards nothing)
SKEWS = [60, 3600, 7200, *(_chance.randrange(30, 80_000) for _ in range(27))]  # seconds


def _at(server: Server, ahead: int) -> None:
    """Let the machine's clock be so many seconds ahead, from now on."""
    server.program = (str(_PROGRAM), str(server.data.parent / "ahead"))
    (server.data.parent / "ahead").write_text(f"{ahead}\n")


def _ends(server: Server, seconds: float) -> str:
    """Return a token that ends so many seconds from now."""
    made = server.run(
        "token", "create", "--data", str(server.data), "--account", EMAIL,
        "--scope", "dicomweb:read",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    ends = (datetime.now(UTC) + timedelta(seconds=seconds)).replace(tzinfo=None)
    with closing(sqlite3.connect(server.data / "safelight.sqlite3")) as database, database:
        database.execute(
            "UPDATE accounts_apitoken SET expires_at = ?, created_at = ? WHERE created_at ="
            " (SELECT max(created_at) FROM accounts_apitoken)",
            [ends.isoformat(sep=" "), (ends - timedelta(days=2)).isoformat(sep=" ")],
        )
    return made.stdout.strip()


def _asked(server: Server, token: str) -> int:
    asked = {"Authorization": f"Bearer {token}"}
    return server.request("GET", "/dicomweb/studies", headers=asked).status


def _sends(server: Server, number: int) -> None:
    body, headers = multipart(a_file(number))
    assert server.request("POST", "/dicomweb/studies", body, headers).status == 200


def _has(server: Server, number: int) -> None:
    picture = f"/dicomweb/studies/{uid(1)}/series/{uid(1, 1)}/instances/{uid(1, 1, number)}"
    got = server.get(picture, accept="application/dicom")
    assert (got.status, got.body) == (200, a_file(number))


def _skewed(server: Server, number: int) -> None:
    ahead, server.env["TZ"] = SKEWS[number], _ZONES[number % len(_ZONES)]
    ending = _ends(server, ahead / 2)
    _at(server, ahead)
    server.start()
    assert _asked(server, ending) == 401
    _sends(server, 1)
    _at(server, 0)  # set back while it runs
    assert _asked(server, ending) == 401
    _sends(server, 2)
    server.stop()
    server.start()  # and over another start
    assert _asked(server, ending) == 401
    _sends(server, 3)
    for each in (1, 2, 3):
        _has(server, each)
    server.stop()
    done = server.run("audit", "verify", "--data", str(server.data))
    assert done.returncode == 0, done.stdout
    figure(f"faults.clock-skew.{number}.made", 1, "faults")


@pytest.mark.parametrize("number", range(2))
def test_what_has_ended_stays_ended_when_the_clock_is_set_back(server: Server, number: int) -> None:
    _skewed(server, number)


@pytest.mark.long
@pytest.mark.parametrize("number", range(2, 30))
def test_thirty_skews_revive_nothing(server: Server, number: int) -> None:
    _skewed(server, number)


def test_a_clock_days_behind_the_record_is_not_served_with(server: Server) -> None:
    _at(server, 3 * 86400)
    server.start()
    _sends(server, 1)
    server.stop()
    _at(server, 0)
    assert "Set the clock" in server.refusal()
    server.env["SAFELIGHT_CLOCK_IS_RIGHT"] = "yes"
    server.start()
    _has(server, 1)
    server.stop()
