"""How fast is this version on this machine?

    make bench                  or: .venv/bin/python -m bench.run [--quick] [--seed N]

Starts a real server on an empty folder, with everything on (sealing, synced commits,
accounts, decisions, audit), and prints one table. A figure near the null server's is the
client's own. The figures of a shared machine move by half; compare only figures of one run.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from bench.client import FRAME, JSON, Client, milliseconds, only_part, rate
from bench.instance import Served, commit, machine, served, sink
from bench.workload import Made, Study, instances

_BATCH = 50
_CLIENTS = 4


def main(arguments: list[str]) -> int:
    """Measure, and print what was found."""
    reader = argparse.ArgumentParser(description="How fast is this version on this machine?")
    reader.add_argument("--quick", action="store_true", help="a fifth of the work")
    reader.add_argument("--seed", type=int, default=7)
    chosen = reader.parse_args(arguments)
    size = 20 if chosen.quick else 100
    print(f"version  {commit()}\nmachine  {machine()}")
    print("server   sealed, synced before each acknowledgement, decided and audited")
    with (
        tempfile.TemporaryDirectory(prefix="safelight-bench-") as folder,
        served(Path(folder)) as server,
    ):
        series = _storing(server, chosen.seed, size)
        _searching(server, chosen.seed, size * 5)
        _looking(server, series, size)
    _ceiling(chosen.seed, size)
    return 0


def _storing(server: Served, seed: int, size: int) -> list[Made]:
    """Send every profile; return the CT series that is looked at afterwards."""
    _title("STOW-RS, instances a second")
    kept: list[Made] = []
    number = 0
    for profile, count in (("ct", size), ("mr", size), ("us", size // 5)):
        number += 1
        made = list(instances(Study(profile, seed, number), count))
        batches = [made[at : at + _BATCH] for at in range(0, count, _BATCH)]
        kept = kept or made
        label = f"{profile}, {len(made[0].file) / 1e6:.2f} MB: 1 client x {len(batches[0])}"
        _line(label, rate(lambda: _client(server), [batches], checked=True), "/s")
    ones = list(instances(Study("ct", seed, number + 1), size))
    _line("ct: 1 client x 1", rate(lambda: _client(server), [_singly(ones)], checked=True), "/s")
    shared = [
        _singly(list(instances(Study("ct", seed, number + 2 + each), size // 2)))
        for each in range(_CLIENTS)
    ]
    label = f"ct: {_CLIENTS} clients x 1"
    _line(label, rate(lambda: _client(server), shared, checked=True), "/s")
    return kept


def _searching(server: Served, seed: int, count: int) -> None:
    """Grow the index by small studies, and ask for some of them."""
    studies = [Study("tiny", seed, number) for number in range(count)]
    made = [each for study in studies for each in instances(study, 1)]
    batches = [made[at : at + _BATCH] for at in range(0, count, _BATCH)]
    grown = rate(lambda: _client(server), [batches], checked=True)
    _line(f"tiny, one study each: 1 client x {_BATCH}", grown, "/s")
    _title(f"QIDO-RS over {count} studies, one connection, median")
    client = _client(server)
    asked: dict[str, Callable[[Study], str]] = {
        "by patient id": lambda study: f"PatientID={study.patient_id}",
        "by accession number": lambda study: f"AccessionNumber={study.accession_number}",
        "by study UID": lambda study: f"StudyInstanceUID={study.uid('study')}",
        "latest 25": lambda _study: "limit=25",
    }

    def ask(number: int, words: Callable[[Study], str]) -> None:
        answer = client.get(f"/studies?{words(studies[number * 37 % count])}", JSON)
        if not answer.startswith(b"[{"):
            raise SystemExit("a search found nothing")

    for label, words in asked.items():
        _line(label, milliseconds(partial(ask, words=words), 100), "ms")


def _looking(server: Served, series: Sequence[Made], size: int) -> None:
    """Fetch pictures and descriptions of one series."""
    _title(f"WADO-RS, a series of {len(series)} CT slices, one connection, median")
    client = _client(server)
    place = f"/studies/{series[0].study.uid('study')}/series/{series[0].series_uid}"
    first = milliseconds(lambda _: client.get(f"{place}/metadata", JSON), 1)
    _line("series metadata, first", first, "ms")
    again = milliseconds(lambda _: client.get(f"{place}/metadata", JSON), size)
    _line("series metadata, repeated", again, "ms")

    def frame(number: int) -> None:
        made = series[number * 7 % len(series)]
        answer = client.get(f"{place}/instances/{made.sop_uid}/frames/1", FRAME)
        if only_part(answer) != made.frame:
            raise SystemExit("a frame did not come back as it was sent")

    def rendered(number: int) -> None:
        made = series[number * 7 % len(series)]
        client.get(f"{place}/instances/{made.sop_uid}/rendered", "image/jpeg")

    _line("frame, 512 KiB, byte for byte", milliseconds(frame, size * 3), "ms")
    _line("rendered to JPEG, first", milliseconds(rendered, min(size, len(series))), "ms")
    _line("rendered to JPEG, again", milliseconds(rendered, size), "ms")


def _ceiling(seed: int, size: int) -> None:
    """Show what the client alone can do, against a server that does nothing."""
    _title("null server: the client's own ceiling")
    made = list(instances(Study("ct", seed, 1), size))
    with sink() as port:
        batches = [made[at : at + _BATCH] for at in range(0, size, _BATCH)]
        many = [_singly(made) for _ in range(_CLIENTS)]
        for label, groups in (
            ("ct: 1 client x 1", [_singly(made)]),
            (f"ct: 1 client x {len(batches[0])}", [batches]),
            (f"ct: {_CLIENTS} clients x 1", many),
        ):
            _line(label, rate(lambda: Client(port), groups, checked=False), "/s")


def _client(server: Served) -> Client:
    return Client(server.port, server.token)


def _singly(made: Sequence[Made]) -> list[list[Made]]:
    return [[each] for each in made]


def _title(words: str) -> None:
    print(f"\n{words}")


def _line(label: str, figure: float, unit: str) -> None:
    print(f"  {label:<44}{figure:>10.1f} {unit}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
