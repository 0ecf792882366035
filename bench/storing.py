"""How fast does a server take exams in, in how much memory, and on how much disk?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bench.client import stored_in
from bench.measuring import size_of, together, watching
from bench.rows import Figures
from bench.target import Target
from bench.workload import Made, Study, instances

SERIES_NUMBER = 1
ULTRASOUND_NUMBER = 2
MAMMOGRAM_NUMBER = 3
_BATCH = 50
_CLIENTS = 4
SERIES = 500


def storing(target: Target, *, seed: int, quick: bool) -> Figures:
    """Send every profile; what `looking` reads afterwards is among it."""
    count = 40 if quick else 200
    series = 100 if quick else SERIES
    found: Figures = {}
    before, sent = size_of(target.data), 0
    with watching(target.process) as used:
        for name, clients, each, number in (
            ("ct_1x1", 1, 1, 11),
            ("ct_1x50", 1, _BATCH, 12),
            ("ct_4x1", _CLIENTS, 1, 13),
            ("ct_4x50", _CLIENTS, _BATCH, SERIES_NUMBER),
        ):
            wanted = series if number == SERIES_NUMBER else count
            made = list(instances(Study("ct", seed, number), wanted))
            sent += sum(len(one.file) for one in made)
            found[name] = len(made) / _send(target, made, clients=clients, each=each)
        found["disk_ct"] = (size_of(target.data) - before) / sent
        for name, profile, number, wanted in (
            ("us_1x1", "us", ULTRASOUND_NUMBER, 20),
            ("mg_1x1", "mg", MAMMOGRAM_NUMBER, 4),
        ):
            made = list(instances(Study(profile, seed, number), wanted // (2 if quick else 1)))
            size = sum(len(one.file) for one in made)
            sent += size
            took = _send(target, made, clients=1, each=1)
            found[name] = size / 1e6 / took if profile == "mg" else len(made) / took
    found["peak_storing"] = used.peak / 1e6
    found["cpu_storing"] = used.seconds / sent * 1e9
    return found


def _send(target: Target, made: Sequence[Made], *, clients: int, each: int) -> float:
    """Deal requests of `each` instances to so many clients; return the seconds it took."""
    requests = [made[at : at + each] for at in range(0, len(made), each)]

    def client(mine: Sequence[Sequence[Made]]) -> Callable[[], None]:
        def run() -> None:
            connection = target.client()
            for request in mine:
                if stored_in(connection.store(request)) != len(request):
                    raise SystemExit(f"{target.name}: not everything was listed as stored")

        return run

    took, _ = together([client(requests[number::clients]) for number in range(clients)])
    return took
