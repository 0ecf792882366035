"""How does the benchmark speak DICOMweb? Over kept-open connections, with nothing in between."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from http.client import HTTPConnection, RemoteDisconnected
from statistics import median
from threading import Barrier, Thread

from bench.workload import Made

_BOUNDARY = "bench-boundary-4f1d0c"
_STOW = f'multipart/related; type="application/dicom"; boundary={_BOUNDARY}'
FRAME = 'multipart/related; type="application/octet-stream"; transfer-syntax=*'
JSON = "application/dicom+json"
_OK = 200
_STORED = "00081199"


class Client:
    """One connection to one server."""

    def __init__(self, port: int, token: str = "", *, root: str = "/dicomweb") -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=240)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._root = root

    def store(self, made: Sequence[Made]) -> bytes:
        """Send instances in one request; return the answer's body."""
        headers = self._headers | {"Content-Type": _STOW, "Accept": JSON}
        return self._ask("POST", "/studies", headers, body_of(made))

    def get(self, path: str, accept: str) -> bytes:
        """Return the answer's body. A connection that was closed while idle is opened anew."""
        headers = self._headers | {"Accept": accept}
        try:
            return self._ask("GET", path, headers, None)
        except RemoteDisconnected:
            self._connection.close()
            return self._ask("GET", path, headers, None)

    def _ask(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> bytes:
        self._connection.request(method, self._root + path, body=body, headers=headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != _OK:
            raise SystemExit(f"{method} {path}: {answer.status} {content[:300]!r}")
        return content


def body_of(made: Sequence[Made]) -> bytes:
    """Return one STOW-RS body."""
    head = f"--{_BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    parts = b"".join(head + each.file + b"\r\n" for each in made)
    return parts + f"--{_BOUNDARY}--\r\n".encode()


def stored_in(answer: bytes) -> int:
    """Count the instances that a STOW-RS answer lists as stored."""
    return len(json.loads(answer).get(_STORED, {}).get("Value", []))


def only_part(answer: bytes) -> bytes:
    """Return the one part of a multipart answer."""
    boundary, _, rest = answer.partition(b"\r\n")
    content = rest.partition(b"\r\n\r\n")[2]
    return content[: content.rindex(b"\r\n" + boundary)]


def rate(
    make: Callable[[], Client], groups: Sequence[Sequence[Sequence[Made]]], *, checked: bool
) -> float:
    """Send each group's requests over a connection of its own; return instances a second."""
    gate = Barrier(len(groups) + 1)
    lost: list[int] = []

    def send(requests: Sequence[Sequence[Made]]) -> None:
        client = make()
        gate.wait()
        for made in requests:
            answer = client.store(made)
            if checked and stored_in(answer) != len(made):
                lost.append(len(made))

    threads = [Thread(target=send, args=(group,)) for group in groups]
    for thread in threads:
        thread.start()
    gate.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    if lost:
        raise SystemExit("not everything that was sent was listed as stored")
    return sum(len(made) for group in groups for made in group) / took


def milliseconds(act: Callable[[int], object], times: int) -> float:
    """Return the median time of an act, which is given its number."""
    spent = []
    for number in range(times):
        began = time.perf_counter()
        act(number)
        spent.append((time.perf_counter() - began) * 1000)
    return median(spent)
