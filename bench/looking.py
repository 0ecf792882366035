"""How fast does a server hand out pictures and descriptions?"""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from bench.client import FRAME, JSON, only_part
from bench.measuring import latency, middle, throughput, watching
from bench.rows import Figures
from bench.storing import MAMMOGRAM_NUMBER, SERIES, SERIES_NUMBER, ULTRASOUND_NUMBER
from bench.target import Target
from bench.workload import Study, instances

_DICOM = 'multipart/related; type="application/dicom"'
_OCTETS = 'multipart/related; type="application/octet-stream"'
_JPEG = 'multipart/related; type="image/jpeg"; transfer-syntax=1.2.840.10008.1.2.4.50'
_CONNECTIONS = 8
_FRAMES = {"us": 30, "mg": 2}
_SETTLE = 5.0  # seconds between the last store and the first look, for both alike


def looking(target: Target, *, seed: int, quick: bool) -> Figures:
    """Ask for what `storing` sent with the same seed."""
    seconds = 2.0 if quick else 6.0
    count = 100 if quick else SERIES
    study = Study("ct", seed, SERIES_NUMBER)
    series = f"/studies/{study.uid('study')}/series/{study.uid('series')}"
    _check(target, study, series)
    time.sleep(_SETTLE)
    found: Figures = {}
    client = target.client()

    def once(path: str, accept: str) -> tuple[float, int]:
        began = time.perf_counter()
        size = len(client.get(path, accept))
        return (time.perf_counter() - began) * 1000, size

    def instance(number: int) -> str:
        chosen = random.Random(number).randrange(count) + 1  # noqa: S311 (no secret)
        return f"{series}/instances/{study.uid('instance', chosen)}"

    def asked(path: Callable[[int], str], accept: str, times: int = 300) -> float:
        def ask(number: int) -> None:
            client.get(path(number), accept)

        return middle(latency(ask, times=times, seconds=seconds))

    with watching(target.process) as used:
        found["metadata_first"], _ = once(f"{series}/metadata", JSON)
        found["metadata_again"] = middle([once(f"{series}/metadata", JSON)[0] for _ in range(5)])
        found["instances"] = middle(
            [once(f"{series}/instances?limit={count}", JSON)[0] for _ in range(3)]
        )
        found["frame"] = asked(lambda number: f"{instance(number)}/frames/1", FRAME)
        found["frame_8"] = throughput(
            lambda number: _asking(target, instance, number), clients=_CONNECTIONS, seconds=seconds
        )
        found["rendered"] = asked(lambda number: f"{instance(number)}/rendered", "image/jpeg")
        found["thumbnail"] = asked(_thumbnail(target, series, instance), "image/jpeg", 50)
        found["us_frame"] = asked(_frame_of("us", seed, ULTRASOUND_NUMBER), _JPEG)
        found["mg_frame"] = asked(_frame_of("mg", seed, MAMMOGRAM_NUMBER), _OCTETS, 12)
        took, size = min(once(series, _DICOM) for _ in range(3))
        found["series"] = size / 1e3 / took
    found["peak_looking"] = used.peak / 1e6
    return found


def _asking(target: Target, instance: Callable[[int], str], first: int) -> Callable[[int], object]:
    connection = target.client()
    return lambda number: connection.get(f"{instance(first * 7919 + number)}/frames/1", FRAME)


def _thumbnail(target: Target, series: str, instance: Callable[[int], str]) -> Callable[[int], str]:
    """Name a thumbnail: of the series, or where the server has none of it, of an instance."""
    if target.name == "safelight":
        return lambda _number: f"{series}/thumbnail"
    return lambda number: f"{instance(number)}/thumbnail"


def _frame_of(profile: str, seed: int, number: int) -> Callable[[int], str]:
    study = Study(profile, seed, number)
    series = f"/studies/{study.uid('study')}/series/{study.uid('series')}"
    frames = _FRAMES[profile]
    return lambda asked: (
        f"{series}/instances/{study.uid('instance', 1)}/frames/{1 + asked % frames}"
    )


def _check(target: Target, study: Study, series: str) -> None:
    """Refuse to measure a server that gives back another frame than was sent."""
    made = next(instances(study, 1))
    answer = target.client().get(f"{series}/instances/{made.sop_uid}/frames/1", FRAME)
    if only_part(answer) != made.frame:
        raise SystemExit(f"{target.name}: a frame did not come back as it was sent")
