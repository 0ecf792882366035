"""L63: what looks like an attack on a served instance is seen within a minute, and stopped."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from attacker import (
    Visitor,
    ask_like_a_modality,
    download_everything,
    enumerate_exams,
    guess_passwords,
    ordinary_day,
    spray_accounts,
    try_links,
    try_paths,
)
from figures import figure
from safelight.kernel.ids import new_id, to_text
from server import Server

pytestmark = [pytest.mark.long, pytest.mark.server, pytest.mark.timeout(590)]

WITHIN = 60.0  # seconds from the last step of an attack to its alert
THIEF = "tess.thief@people.example"
EXPECTED = {"D1": 1, "D2": 1, "D4": 1, "D6": 2, "D7": 1, "D8": 2}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("attacked")
    key = folder / "root.key"
    server = Server(folder / "data", key, log=folder / "log")
    server.init()
    server.token = server.add_person(is_limited=True)
    server.start()
    yield server
    server.stop()


def alerts(server: Server) -> list[list[str]]:
    """Return the lines of the alerts that wait: rule, how bad, state, how often, form, whom."""
    done = server.run("watch", "alerts", "--data", str(server.data))
    assert done.returncode == 0, done.stderr
    return [line.split() for line in done.stdout.splitlines()]


def counted(server: Server) -> dict[str, int]:
    found: dict[str, int] = {}
    for rule, *_ in alerts(server):
        found[rule] = found.get(rule, 0) + 1
    return found


def wait_for(server: Server, rule: str, number: int) -> float:
    """Return how many seconds it took until a rule had raised so many alerts."""
    began = time.monotonic()
    while counted(server).get(rule, 0) < number:
        assert time.monotonic() - began < WITHIN, (rule, alerts(server))
    return time.monotonic() - began


def test_an_ordinary_day_raises_nothing(served: Server) -> None:
    ordinary_day(Visitor(served, "127.0.0.1", token=served.token))
    time.sleep(25)
    found = alerts(served)
    figure("alerts.normal_day", len(found), "alerts")
    assert found == []


def test_each_attack_is_an_alert_within_a_minute_and_is_stopped(served: Server) -> None:
    olga = Visitor(served, "127.0.0.1", token=served.token)
    for first in range(101, 301, 50):
        olga.store(*range(first, first + 50))
    thief = Visitor(
        served, "127.0.6.1", token=served.add_person(THIEF, "Tess Thief", is_limited=True)
    )
    modality = Visitor(
        served, "127.0.6.1", token=served.add_person("m@people.example", "Mo", is_limited=True)
    )

    guess_passwords(served)
    slowest = wait_for(served, "D2", 1)
    spray_accounts(served)
    slowest = max(slowest, wait_for(served, "D1", 1))
    held = Visitor(served, "127.0.2.99")
    assert held.send_form("/account/sign-in/", email=THIEF, password="x") == 429

    enumerate_exams(thief)
    slowest = max(slowest, wait_for(served, "D6", 1))
    assert thief.fetch(1) == 401, "the token is nobody's now"
    try_paths(served)
    slowest = max(slowest, wait_for(served, "D6", 2))

    try_links(served, [to_text(new_id()) for _ in range(24)])
    slowest = max(slowest, wait_for(served, "D7", 1))

    ask_like_a_modality(modality)
    slowest = max(slowest, wait_for(served, "D8", 2))

    stolen = download_everything(olga, range(101, 301))
    assert stolen.count(200) <= 100, "stopped at the threshold"
    assert stolen[-1] in {401, 403}
    slowest = max(slowest, wait_for(served, "D4", 1))

    found = counted(served)
    figure("alerts.expected", sum(EXPECTED.values()), "alerts")
    figure(
        "alerts.raised", sum(min(found.get(rule, 0), n) for rule, n in EXPECTED.items()), "alerts"
    )
    figure("alerts.slowest", round(slowest, 1), "s")
    assert {rule: min(found.get(rule, 0), n) for rule, n in EXPECTED.items()} == EXPECTED
