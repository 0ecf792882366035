"""How fast is this version on this machine?

    make bench                  or: .venv/bin/python -m bench.run [--quick] [--seed N]

Starts a real server on an empty folder, with everything on (sealing, synced commits,
accounts, decisions, audit), and prints one table. A figure near the null server's is the
client's own. Beside each stands the processor time that the web process used for it: on a
shared machine rates move by half, processor time hardly.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from bench.client import FRAME, JSON, Client, milliseconds, only_part, rate
from bench.deciding import deciding
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
    deciding(size * 1000, size * 10)
    _ceiling(chosen.seed, size)
    return 0


def _storing(server: Served, seed: int, size: int) -> list[Made]:
    """Send every profile; return the CT series that is looked at afterwards."""
    _title("STOW-RS")
    kept: list[Made] = []
    number = 0
    for profile, count in (("ct", size), ("mr", size), ("us", size // 5)):
        number += 1
        made = list(instances(Study(profile, seed, number), count))
        batches = _batches(made)
        kept = kept or made
        label = f"{profile}, {len(made[0].file) / 1e6:.2f} MB: 1 client x {len(batches[0])}"
        _stored(server, label, [batches])
    ones = list(instances(Study("ct", seed, number + 1), size))
    _stored(server, "ct: 1 client x 1", [_singly(ones)])
    shared = [
        _singly(list(instances(Study("ct", seed, number + 2 + each), size // 2)))
        for each in range(_CLIENTS)
    ]
    _stored(server, f"ct: {_CLIENTS} clients x 1", shared)
    return kept


def _searching(server: Served, seed: int, count: int) -> None:
    """Grow the index by small studies, and ask for some of them."""
    studies = [Study("tiny", seed, number) for number in range(count)]
    made = [each for study in studies for each in instances(study, 1)]
    _stored(server, f"tiny, one study each: 1 client x {_BATCH}", [_batches(made)])
    _title(f"QIDO-RS over {count} studies, one connection, median")
    client = Client(server.port, server.token)
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
        _asked(server, label, partial(ask, words=words), 100)


def _looking(server: Served, series: Sequence[Made], size: int) -> None:
    """Fetch pictures and descriptions of one series."""
    _title(f"WADO-RS, a series of {len(series)} CT slices, one connection, median")
    client = Client(server.port, server.token)
    place = f"/studies/{series[0].study.uid('study')}/series/{series[0].series_uid}"

    def metadata(_number: int) -> None:
        client.get(f"{place}/metadata", JSON)

    def frame(number: int) -> None:
        made = series[number * 7 % len(series)]
        answer = client.get(f"{place}/instances/{made.sop_uid}/frames/1", FRAME)
        if only_part(answer) != made.frame:
            raise SystemExit("a frame did not come back as it was sent")

    def rendered(number: int) -> None:
        made = series[number * 7 % len(series)]
        client.get(f"{place}/instances/{made.sop_uid}/rendered", "image/jpeg")

    _asked(server, "series metadata, first", metadata, 1)
    _asked(server, "series metadata, repeated", metadata, size)
    _asked(server, "frame, 512 KiB, byte for byte", frame, size * 3)
    _asked(server, "rendered to JPEG, first", rendered, len(series))
    _asked(server, "rendered to JPEG, again", rendered, size)


def _ceiling(seed: int, size: int) -> None:
    """Show what the client alone can do, against a server that does nothing."""
    _title("null server: the client's own ceiling")
    made = list(instances(Study("ct", seed, 1), size))
    with sink() as port:
        for label, groups in (
            ("ct: 1 client x 1", [_singly(made)]),
            (f"ct: 1 client x {min(size, _BATCH)}", [_batches(made)]),
            (f"ct: {_CLIENTS} clients x 1", [_singly(made) for _ in range(_CLIENTS)]),
        ):
            _line(label, f"{rate(lambda: Client(port), groups, checked=False):.1f} /s")


def _stored(server: Served, label: str, groups: Sequence[Sequence[Sequence[Made]]]) -> None:
    """Print how many instances a second were stored."""
    before = server.processor_seconds()
    found = rate(lambda: Client(server.port, server.token), groups, checked=True)
    count = sum(len(made) for group in groups for made in group)
    _line(label, f"{found:.1f} /s", server.processor_seconds() - before, count)


def _asked(server: Served, label: str, act: Callable[[int], None], times: int) -> None:
    """Print the median time of a question."""
    before = server.processor_seconds()
    found = milliseconds(act, times)
    _line(label, f"{found:.1f} ms", server.processor_seconds() - before, times)


def _batches(made: Sequence[Made]) -> list[Sequence[Made]]:
    return [made[at : at + _BATCH] for at in range(0, len(made), _BATCH)]


def _singly(made: Sequence[Made]) -> list[Sequence[Made]]:
    return [[each] for each in made]


def _title(words: str) -> None:
    print(f"\n{words}")


def _line(label: str, figure: str, used: float = 0, count: int = 1) -> None:
    each = f"{used * 1000 / count:>10.1f} ms of processor each" if used else ""
    print(f"  {label:<40}{figure:>12}{each}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
