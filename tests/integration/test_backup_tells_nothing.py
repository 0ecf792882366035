"""Three hundred things are planted by every door; what could a thief of the backups read?

A served instance is used and misused, backed up and goes on. Then the place of the data, the
place of the key stores and the journal are searched: names, manifests, bytes.
"""

from __future__ import annotations

import time
from pathlib import Path

import bases
from detector import Detector
from figures import figure
from kept_elsewhere import Elsewhere, served
from planted import ALL, plant
from planting import misuse, use
from safelight.governance.recovery.places import Place, place_at
from server import EMAIL


def everything_in(place: Place) -> dict[str, bytes]:
    """Read a place as a thief would who has it all."""
    names = dict(place.listed(""))
    return {name: place.read(name, 0, size) for name, size in names.items()}


def journal_tells(place: Elsewhere) -> None:
    deadline = time.monotonic() + 60
    while not list(place.journal.rglob("head")):
        assert time.monotonic() < deadline, "no journal was begun"
        time.sleep(0.2)


def test_none_of_three_hundred_is_readable_in_a_backup(tmp_path: Path) -> None:
    planted = plant()
    detector = Detector([*planted.places.values(), EMAIL])
    place = served(tmp_path / "first", in_bucket=bases.ON_POSTGRES)
    place.server.start()
    try:
        use(place.server, planted)
        place.back_up()
        misuse(place.server, planted)
        place.back_up()
        journal_tells(place)
    finally:
        place.server.stop()
    stolen = {
        "data": everything_in(place_at(place.data_url)),
        "keys": everything_in(place_at(str(place.keys))),
        "journal": everything_in(place_at(str(place.journal))),
    }
    folders = {name.partition("/")[0] for name in stolen["data"]}
    assert {"databases", "manifests", "packs", "settings"} <= folders
    assert {name.partition("/")[0] for name in stolen["keys"]} >= {"keys", "openings"}
    assert all(stolen.values())
    found = {
        f"{where}/{name}": hits
        for where, files in stolen.items()
        for name, data in files.items()
        if (hits := detector.search(name.encode()) | detector.search_unpacked(data))
    }
    assert found == {}
    figure("canaries.planted.backup", ALL, "canaries")
    figure("canaries.found.backup", len(found), "canaries")
    figure(
        "canaries.searched_in_backup",
        sum(len(data) for files in stolen.values() for data in files.values()),
        "bytes",
    )
