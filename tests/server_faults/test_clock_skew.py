"""The clock is wrong or set back: what had ended does not begin again, nothing is lost.

A token and a link end at moments around which the clock of the machine jumps. Whatever it
says afterwards, and after the next start, both stay ended; and the jump raises D10.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cast import multipart
from figures import figure
from objects import a_file, uid
from server import EMAIL, Server

pytestmark = [pytest.mark.server, pytest.mark.timeout(600)]

_TESTS = Path(__file__).parents[1]
_ZONES = ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca", "UTC")
_HOUR = 3600.0
_BEFORE_THE_END = timedelta(minutes=18)  # a guest's session lasts half an hour
_SEEN_ONCE = 15.0  # seconds: by then the watch, which looks every ten, has seen the clock
_NOTICED_WITHIN = 60.0
# When clocks are put forward or back, with the zone in which they are.
_CHANGES = (
    ("America/New_York", "2027-03-14T07:00:00+00:00"),
    ("America/New_York", "2027-11-07T06:00:00+00:00"),
    ("Europe/Berlin", "2027-03-28T01:00:00+00:00"),
    ("Europe/Berlin", "2027-10-31T01:00:00+00:00"),
    ("Australia/Lord_Howe", "2027-04-03T15:00:00+00:00"),
    ("Australia/Lord_Howe", "2027-10-02T15:30:00+00:00"),
)
_chance = random.Random(20261101)  # noqa: S311 (repeatable, guards nothing)


@dataclass(frozen=True)
class Jump:
    """How the clock goes: by so much at first, and then by so much from there."""

    first: float
    then: float


# An hour ahead and put right; an hour behind; far ahead and back by some of it.
JUMPS = (
    *(Jump(_HOUR + each, -_HOUR - each) for each in (0, 1, -1, 600, 1800, -1200)),
    *(Jump(-_HOUR - each, _HOUR) for each in (0, 1, -1, 600, 1800, -1200)),
    *(
        Jump(ahead, -_chance.uniform(60, ahead))
        for ahead in (_chance.uniform(1500, 80_000) for _ in range(6))
    ),
)
LEAPS = range(6)


@dataclass
class Skewed:
    """An instance on a machine whose clock can be set."""

    server: Server
    ahead: float = 0.0

    def set(self, ahead: float) -> None:
        """Let the machine's clock be so many seconds ahead, from now on."""
        self.ahead = ahead
        self.server.program = (str(_TESTS / "skewed.py"), str(self._file))
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{ahead}\n")
        fresh.replace(self._file)

    def at(self, moment: datetime) -> None:
        self.set((moment - datetime.now(UTC)).total_seconds())

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.ahead)

    def token(self, ends: datetime) -> str:
        """Return a token that ends at that moment."""
        made = self.server.run(
            "token", "create", "--data", str(self.server.data), "--account", EMAIL,
            "--scope", "dicomweb:read", "--scope", "dicomweb:write", "--no-rate-limit",
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        with closing(sqlite3.connect(self._database)) as database, database:
            database.execute(
                "UPDATE accounts_apitoken SET expires_at = ?, created_at = ? WHERE created_at ="
                " (SELECT max(created_at) FROM accounts_apitoken)",
                [_naive(ends), _naive(ends - timedelta(days=2))],
            )
        return made.stdout.strip()

    def link(self, at: datetime) -> dict[str, str]:
        """Return how the guest of a link asks that was opened then and ends with that day."""
        kept = {name: value for name, value in os.environ.items() if "SAFELIGHT" not in name}
        kept.pop("DJANGO_SETTINGS_MODULE", None)
        done = subprocess.run(
            [sys.executable, str(_TESTS / "ending.py"), at.isoformat()],
            env=kept
            | self.server.env
            | {
                "SAFELIGHT_DATA": str(self.server.data),
                "SAFELIGHT_ROOT_KEY_FILE": str(self.server.key),
            },
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        said: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
        return said

    def asked(self, token: str) -> int:
        """Return 200 where a token is good, whether there is something to list or nothing yet."""
        asked = {"Authorization": f"Bearer {token}"}
        status = self.server.request("GET", "/dicomweb/studies", headers=asked).status
        return 200 if status == 204 else status

    def guest(self, link: dict[str, str]) -> int:
        asked = {"Cookie": f"__Host-guest={link['cookie']}", "Authorization": ""}
        return self.server.request("GET", link["address"], headers=asked).status

    def sends(self, number: int) -> int:
        body, headers = multipart(a_file(number))
        return self.server.request("POST", "/dicomweb/studies", body, headers).status

    def has(self, number: int) -> None:
        picture = f"/dicomweb/studies/{uid(1)}/series/{uid(1, 1)}/instances/{uid(1, 1, number)}"
        got = self.server.get(picture, accept="application/dicom")
        assert (got.status, got.body) == (200, a_file(number))

    def alerted(self) -> str:
        """Return when D10 was raised last for the clock, if it was."""
        with closing(sqlite3.connect(f"file:{self._database}?mode=ro", uri=True)) as database:
            (last,) = database.execute(
                "SELECT coalesce(max(last_seen_at), '') FROM watch_alert"
                " WHERE rule = 'D10' AND form = 'clock-step'"
            ).fetchone()
        return str(last)

    def again(self) -> None:
        self.server.stop()
        self.server.start()

    def whole(self) -> None:
        self.server.stop()
        done = self.server.run("audit", "verify", "--data", str(self.server.data))
        assert done.returncode == 0, done.stdout

    @property
    def _file(self) -> Path:
        return self.server.data.parent / "ahead"

    @property
    def _database(self) -> Path:
        return self.server.data / "safelight.sqlite3"


def _naive(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")


def _last_second() -> datetime:
    """Return the end of tomorrow, when a link ends that is good until then."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    return tomorrow.replace(hour=23, minute=59, second=59, microsecond=0)


def jumped(server: Server, number: int) -> None:
    """Let the clock jump twice around the end of a token and of a link."""
    machine, jump = Skewed(server), JUMPS[number]
    server.env["TZ"] = _ZONES[number % len(_ZONES)]
    ends = _last_second()
    link = machine.link(ends - _BEFORE_THE_END - timedelta(minutes=2))
    machine.at(ends - _BEFORE_THE_END)
    base = machine.ahead
    over = machine.token(machine.now() - timedelta(minutes=1))
    ending = machine.token(ends)
    server.start()
    assert (machine.asked(over), machine.asked(ending), machine.guest(link)) == (401, 200, 200)
    assert machine.sends(1) == 200
    time.sleep(_SEEN_ONCE)
    assert not machine.alerted()
    ended: tuple[bool, bool] = (False, False)
    for ahead in (jump.first, jump.first + jump.then):
        raised = machine.alerted()
        machine.set(base + ahead)
        assert machine.asked(over) == 401
        now = (machine.asked(ending) == 401, machine.guest(link) != 200)
        # Once ended, always ended; and what the machine's clock says is over is over.
        assert all(after for before, after in zip(ended, now, strict=True) if before)
        assert all(now) or machine.now() < ends
        ended = now
        deadline = time.monotonic() + _NOTICED_WITHIN
        while machine.alerted() == raised:
            assert time.monotonic() < deadline, f"D10 was not raised: {raised}, {ahead}"
            time.sleep(0.5)
        machine.has(1)
        assert machine.sends(2) == 503, "an instance that is read-only took something in"
    machine.again()
    assert machine.asked(over) == 401
    assert all(
        after
        for before, after in zip(
            ended, (machine.asked(ending) == 401, machine.guest(link) != 200), strict=True
        )
        if before
    )
    said = server.run(
        "mode", "normal", "--reason", "The clock is right", "--data", str(server.data)
    )
    assert said.returncode == 0, said.stderr
    assert machine.sends(2) == 200
    for each in (1, 2):
        machine.has(each)
    machine.whole()


def changed(server: Server, number: int) -> None:
    """Run over the moment at which the clocks of a country are changed: nothing happens."""
    zone, moment = _CHANGES[number]
    machine = Skewed(server)
    server.env["TZ"] = zone
    change = datetime.fromisoformat(moment)
    machine.at(change - timedelta(seconds=90))  # while it starts nothing ends yet
    server.token = machine.token(change + timedelta(days=1))
    before, after = machine.token(change), machine.token(change + timedelta(seconds=15))
    server.start()
    machine.at(change - timedelta(seconds=4))
    assert (machine.asked(before), machine.asked(after)) == (200, 200)
    machine.again()  # a jump so far is the test's own; the watch begins anew
    machine.at(change - timedelta(seconds=4))
    machine.again()
    assert machine.sends(1) == 200
    while machine.now() < change + timedelta(seconds=0.5):
        time.sleep(0.1)
    assert machine.asked(before) == 401
    while machine.now() < change + timedelta(seconds=15.5):
        time.sleep(0.1)
    assert (machine.asked(before), machine.asked(after)) == (401, 401)
    assert machine.sends(2) == 200
    assert not machine.alerted()
    for each in (1, 2):
        machine.has(each)
    machine.whole()


def leaped(server: Server, number: int) -> None:
    """Let the last second of the year be there twice."""
    machine = Skewed(server)
    server.env["TZ"] = _ZONES[number % len(_ZONES)]
    ends = datetime(datetime.now(UTC).year, 12, 31, 23, 59, 59, tzinfo=UTC)
    link = machine.link(ends - timedelta(minutes=5))
    machine.at(ends - timedelta(minutes=3))
    ending = machine.token(ends)
    server.token = machine.token(ends + timedelta(days=1))
    server.start()
    assert (machine.asked(ending), machine.guest(link), machine.sends(1)) == (200, 200, 200)
    server.stop()
    machine.at(ends - timedelta(seconds=20))
    server.start()
    while machine.now() < ends + timedelta(seconds=0.2 + number / 10):
        time.sleep(0.05)
    assert (machine.asked(ending), machine.guest(link) == 200) == (401, False)
    machine.set(machine.ahead - 1)
    for _ in range(15):
        assert (machine.asked(ending), machine.guest(link) == 200) == (401, False)
        time.sleep(0.1)
    machine.again()
    assert (machine.asked(ending), machine.guest(link) == 200) == (401, False)
    assert machine.sends(2) == 200
    time.sleep(_SEEN_ONCE)
    assert not machine.alerted(), "a leap second is no jump"
    for each in (1, 2):
        machine.has(each)
    machine.whole()


def _counted(name: str) -> None:
    figure(f"faults.made.clock-{name}", 1, "skews")
    figure(f"faults.lost.clock-{name}", 0, "objects")


def test_what_has_ended_stays_ended_when_the_clock_is_set_back(server: Server) -> None:
    jumped(server, 0)
    _counted("jump-0")


@pytest.mark.long
@pytest.mark.parametrize("number", range(1, len(JUMPS)))
def test_clocks_that_jump_revive_nothing(server: Server, number: int) -> None:
    jumped(server, number)
    _counted(f"jump-{number}")


@pytest.mark.long
@pytest.mark.parametrize("number", range(len(_CHANGES)))
def test_summer_time_ends_nothing_early_or_late(server: Server, number: int) -> None:
    changed(server, number)
    _counted(f"change-{number}")


@pytest.mark.long
@pytest.mark.parametrize("number", LEAPS)
def test_a_second_that_is_there_twice_revives_nothing(server: Server, number: int) -> None:
    leaped(server, number)
    _counted(f"leap-{number}")


def test_a_clock_days_behind_the_record_is_not_served_with(server: Server) -> None:
    machine = Skewed(server)
    machine.set(3 * 86400)
    server.start()
    assert machine.sends(1) == 200
    server.stop()
    machine.set(0)
    assert "Set the clock" in server.refusal()
    server.env["SAFELIGHT_CLOCK_IS_RIGHT"] = "yes"
    server.start()
    machine.has(1)
    server.stop()
