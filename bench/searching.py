"""How fast does a server find a study, and how does that grow with the archive?

By QIDO-RS among a person's studies, and by C-FIND among those of an institution, whose
system asks over one association. Ours keeps the two apart, so it holds twice as many.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote

from bench.client import JSON, Client
from bench.finding import finding
from bench.measuring import latency, middle, together
from bench.rows import Figures, Row
from bench.target import Target
from bench.tiny import tiny
from bench.workload import Study

_SEED = 5
_BATCH = 50
_CLIENTS = 4
_TIMES, _SECONDS = 100, 4.0
_EXACT = ("patient_id", "accession", "study_uid")
_FLOORS = {10_000: 0.4, 100_000: 0.1}
_GROWTH = 1.5
_CFIND = 20.0  # milliseconds

Asked = Callable[[Study], str]
KINDS: dict[str, tuple[str, Asked]] = {
    "patient_id": ("patient id", lambda study: f"PatientID={study.patient_id}"),
    "accession": ("accession", lambda study: f"AccessionNumber={study.accession_number}"),
    "study_uid": ("study UID", lambda study: f"StudyInstanceUID={study.uid('study')}"),
    "name_prefix": (
        "name prefix",
        # Orthanc takes these two signs as they are, not percent-encoded.
        lambda study: f"PatientName={quote(f'{study.family_name}^N*', safe='^*')}&limit=25",
    ),
    "one_day": ("one day", lambda study: f"StudyDate={study.study_date}&limit=25"),
    "modality_day": (
        "modality with date",
        lambda study: f"ModalitiesInStudy=OT&StudyDate={study.study_date}&limit=25",
    ),
    "latest": ("latest 25", lambda _study: "limit=25"),
}


def rows(studies: tuple[int, ...]) -> Iterator[Row]:
    """Yield the lines of the table that searches make."""
    for size in studies:
        yield Row(f"load_{size}", f"header-only studies up to {size:,}", "/s", high_is_good=True)
        for kind, (title, _) in KINDS.items():
            floor = _FLOORS.get(size) if kind in _EXACT else None
            yield Row(f"{kind}_{size}", f"search by {title}, {size:,} studies", "ms", floor)
        most = _CFIND if size == max(studies) else None
        title = f"C-FIND by patient id, {size:,} studies"
        yield Row(f"cfind_{size}", title, "ms", most, alone=True)
    for kind, (title, _) in KINDS.items():
        yield Row(f"growth_{kind}", f"growth of search by {title}", "", _GROWTH, alone=True)


def growing(
    targets: Mapping[str, Target], studies: tuple[int, ...], *, rounds: int
) -> dict[str, list[Figures]]:
    """Fill both servers to each size, and at each ask both, alternating."""
    found: dict[str, list[Figures]] = {name: [{} for _ in range(rounds)] for name in targets}
    filled = 0
    for size in studies:
        for name, target in targets.items():
            took = _fill(target.client, filled, size)
            if target.house_token:
                _fill(target.house_client, filled, size)
            print(f"{name}: {size:,} studies, {(size - filled) / took:.0f}/s", flush=True)
            found[name][0][f"load_{size}"] = (size - filled) / took
        filled = size
        for number in range(rounds):
            for name, target in targets.items():
                found[name][number] |= _asked(target, size, number)
    if len(studies) > 1:
        for figures in found.values():
            _add_growth(figures, studies[0], studies[-1])
    return found


def _fill(opened: Callable[[], Client], first: int, last: int) -> float:
    def client(number: int) -> Callable[[], None]:
        def run() -> None:
            connection = opened()
            for at in range(first + number * _BATCH, last, _BATCH * _CLIENTS):
                connection.store([tiny(_SEED, each) for each in range(at, min(at + _BATCH, last))])

        return run

    took, _ = together([client(number) for number in range(_CLIENTS)])
    return took


def _asked(target: Target, size: int, number: int) -> Figures:
    found: Figures = {}
    client = target.client()
    for kind, (_, words) in KINDS.items():
        chosen = random.Random(f"{kind}/{number}")  # noqa: S311 (no secret)

        def ask(_number: int, words: Asked = words, chosen: random.Random = chosen) -> None:
            _ask(client, words(Study("tiny", _SEED, chosen.randrange(size))))

        found[f"{kind}_{size}"] = middle(latency(ask, times=_TIMES, seconds=_SECONDS))
    found[f"cfind_{size}"] = finding(target, size, number, seed=_SEED, seconds=_SECONDS)
    return found


def _ask(client: Client, words: str) -> None:
    if not client.get(f"/studies?{words}", JSON).startswith(b"[{"):
        raise SystemExit(f"a search found nothing: {words}")


def _add_growth(figures: list[Figures], small: int, large: int) -> None:
    for found in figures:
        for kind in KINDS:
            found[f"growth_{kind}"] = found[f"{kind}_{large}"] / found[f"{kind}_{small}"]
