"""What a decoder does once a hostile frame has taken it over: jobs for the tests alone."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

Answer = tuple[dict[str, Any], bytes]


def _allowed(attempt: Any) -> Answer:  # noqa: ANN401
    try:
        attempt()
    except OSError as error:
        return {"errno": error.errno}, b""
    return {"errno": 0}, b""


def _connect(request: dict[str, Any], payload: bytes) -> Answer:
    return _allowed(lambda: socket.socket().connect(("127.0.0.1", request["port"])))


def _datagram(request: dict[str, Any], payload: bytes) -> Answer:
    return _allowed(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close())


def _read(request: dict[str, Any], payload: bytes) -> Answer:
    return _allowed(lambda: Path(request["path"]).read_bytes())


def _write(request: dict[str, Any], payload: bytes) -> Answer:
    return _allowed(lambda: Path(request["path"]).write_bytes(payload))


def _execute(request: dict[str, Any], payload: bytes) -> Answer:
    return _allowed(lambda: subprocess.run(["/bin/true"], check=False))


def _fork(request: dict[str, Any], payload: bytes) -> Answer:
    return _allowed(os.fork)


def _signal(request: dict[str, Any], payload: bytes) -> Answer:
    return _allowed(lambda: os.kill(request["process"], signal.SIGTERM))


def _look_around(request: dict[str, Any], payload: bytes) -> Answer:
    return {"environment": dict(os.environ), "user": os.getpid()}, b""


def _hoard(request: dict[str, Any], payload: bytes) -> Answer:
    hoard = []
    while True:
        hoard.append(bytearray(64 << 20))


def _spin(request: dict[str, Any], payload: bytes) -> Answer:
    while True:
        pass


def _sleep(request: dict[str, Any], payload: bytes) -> Answer:
    time.sleep(request["lasting"])
    return {}, b""


def _crash(request: dict[str, Any], payload: bytes) -> Answer:
    ctypes.string_at(0)
    return {}, b""


def _flood(request: dict[str, Any], payload: bytes) -> Answer:
    return {}, b"x" * request["length"]


def _chatter(request: dict[str, Any], payload: bytes) -> Answer:
    os.write(1, b"native code prints what it likes\n")
    os.write(2, b"and more\n")
    return {}, payload


def _confess(request: dict[str, Any], payload: bytes) -> Answer:
    raise ValueError("the name of the patient")


JOBS = {
    "connect": _connect,
    "datagram": _datagram,
    "read": _read,
    "write": _write,
    "execute": _execute,
    "fork": _fork,
    "signal": _signal,
    "look-around": _look_around,
    "hoard": _hoard,
    "spin": _spin,
    "sleep": _sleep,
    "crash": _crash,
    "flood": _flood,
    "chatter": _chatter,
    "confess": _confess,
}


def warm() -> None:
    """Nothing to load."""
