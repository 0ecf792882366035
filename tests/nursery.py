"""A warmed process that forks servers to be killed: a start costs milliseconds, not seconds.

    python tests/nursery.py DATA

It reads one order a line and answers each with a line, all in JSON. What it forks is
the product's own application on the product's own data folder, with the sequencer of
the trail beside it; only the imports are already done.
"""

# ruff: noqa: PLC0415 T201 (imports are what is warmed, and lines are how it answers)

from __future__ import annotations

import contextlib
import ctypes
import functools
import gc
import importlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_WARM = (
    "uvicorn",
    "uvicorn.lifespan.off",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
    "anyio._backends._asyncio",
    "safelight.config.urls",
    "safelight.platform.audit.sequencer",
    "safelight.platform.audit.verify",
    "safelight.records.imaging.upkeep.compaction",
    "safelight.surfaces.cli.import_run",
)
DATA = Path(sys.argv[1]).absolute() if len(sys.argv) > 1 else Path()


def main() -> None:
    """Take orders until there are none."""
    warm_up()
    print(json.dumps({"ready": os.getpid()}), flush=True)
    child = 0
    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] == "kill":
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            print(json.dumps({"dead": child}), flush=True)
            continue
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            _leave_parent()
            _run(order, os.fdopen(writing, "w", buffering=1))
        os.close(writing)
        with os.fdopen(reading) as said:
            if order["do"] == "import":
                if "watch" in order:
                    os.waitpid(child, os.WUNTRACED)
                    _watch(child, order["watch"])
                    os.kill(child, signal.SIGCONT)
                _pass_on(said, child, order)
            else:
                answer = said.readline() or '{"died": true}'
                if "watch" in order:
                    _watch(child, order["watch"])
                print(answer.strip(), flush=True)


def warm_up() -> None:
    """Import all that a server needs, and open nothing: what is open does not bear a fork."""
    from safelight.surfaces.cli.main import load

    load(DATA)
    from django.conf import settings

    for name in (*_WARM, *{f"{each['ENGINE']}.base" for each in settings.DATABASES.values()}):
        importlib.import_module(name)
    if settings.SAFELIGHT_STORE_URL.startswith("s3:"):
        importlib.import_module("safelight.platform.storage.s3_store")
    from django.db import connections

    from safelight.config.asgi import application
    from safelight.platform.jobs.registry import learn_tasks

    application()
    learn_tasks()
    assert all(each.connection is None for each in connections.all(initialized_only=True))
    gc.freeze()  # a collection in a child would copy all that is shared with it


def _leave_parent() -> None:
    """Hold none of the parent's channels, and die with it."""
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)


def _watch(child: int, options: list[str]) -> None:
    """Let strace look at a child, or let its calls fail, from now on until it is gone."""
    strace = shutil.which("strace")
    assert strace is not None, "these tests need strace: apt-get install strace"
    with tempfile.TemporaryFile("w+") as said:
        subprocess.Popen([strace, "-f", *options, "-p", str(child)], stderr=said)
        deadline = time.monotonic() + 30
        while "attached" not in (line := said.read()):
            assert time.monotonic() < deadline, f"strace did not attach: {line}"
            time.sleep(0.005)
            said.seek(0)


def _pass_on(said: IO[str], child: int, order: dict[str, Any]) -> None:
    """Pass on what an import acknowledges, and kill it once so many groups were, and a moment."""
    kept: list[str] = []
    fault, groups = "", 0
    while True:
        if groups == order.get("kill_after", -1):
            time.sleep(order["moment"])
            os.kill(child, signal.SIGKILL)
        line = said.readline()
        if not line.endswith("\n"):
            break  # also a line that was cut off: nobody can have acted on it
        told = json.loads(line)
        kept += told.get("kept", [])
        fault = told.get("fault", "")
        groups += 1
    os.waitpid(child, 0)
    print(json.dumps({"kept": kept, "fault": fault}), flush=True)


def _run(order: dict[str, Any], say: IO[str]) -> None:
    """Be a server until killed, or do one thing and end."""
    from safelight.surfaces.cli.main import keep_time

    try:
        keep_time(DATA)
        _DUTIES[order["do"]](order, say)
    except BaseException as error:  # noqa: BLE001 (whatever it is, the parent must hear of it)
        import traceback

        if "watch" not in order:
            traceback.print_exc()
        say.write(json.dumps({"fault": type(error).__name__}) + "\n")
    os._exit(0)


def _serve(order: dict[str, Any], say: IO[str]) -> None:
    import uvicorn

    from safelight.config.asgi import application

    found = _trail()
    if order.get("bug"):
        import misbuilt

        misbuilt.build_in(misbuilt.Bug(order["bug"]))
    _aside(_put_in_order)
    if order.get("upkeep"):
        _aside(lambda: _keep_up(order))
    config = uvicorn.Config(
        application(), host="127.0.0.1", port=order["port"], lifespan="off",
        log_level="critical", access_log=False,
    )  # fmt: skip
    server = uvicorn.Server(config)

    def tell() -> None:
        while not server.started:
            time.sleep(0.001)
        say.write(json.dumps({"trail": found}) + "\n")

    _aside(tell)
    server.run()


def _trail() -> str:
    """Say what is wrong with the trail that the killed server left, or nothing."""
    from safelight.platform.audit.sequencer import sequence_once
    from safelight.platform.audit.verify import verify_trail

    # To the end: the entry of a checkpoint that the first round signed waits for the next.
    while sequence_once():
        pass
    return verify_trail().problem


def _put_in_order() -> None:
    from safelight.platform.audit.sequencer import sequence_once

    while True:
        # Like the worker's, it tries again in the next round whatever went wrong in this one.
        with contextlib.suppress(Exception):
            sequence_once()
        time.sleep(0.1)


def _keep_up(order: dict[str, Any]) -> None:
    """Erase an exam, regroup packs and sweep, again and again, while others store and read.

    What was written before a moment counts as left alone: nobody who wrote it still lives.
    """
    from safelight.kernel import clock
    from safelight.records.imaging.erasing import erase_study
    from safelight.records.imaging.models import Study, Vault
    from safelight.records.imaging.tokens import uid_token
    from safelight.records.imaging.upkeep.compaction import compact
    from safelight.records.imaging.upkeep.sweep import sweep

    chance = random.Random(order["upkeep"])  # noqa: S311 (repeatable, guards nothing)
    while (vault := Vault.objects.first()) is None:
        time.sleep(0.05)
    while True:
        for study_uid in order.get("erase", []):
            for study in Study.objects.filter(uid_token=uid_token(vault.id, study_uid)):
                erase_study(study, at=clock.now())
        for _ in compact(idle_for=time.time() - order["before"]):
            pass
        sweep(at=clock.now(), idle_for=time.time() - order["before"])
        time.sleep(chance.uniform(0, 0.05))


def _import(order: dict[str, Any], say: IO[str]) -> None:
    """Bring a folder in as `safelight import` does, saying of each group what was kept."""
    from safelight.dicom.media import contents
    from safelight.exchange.receive import delivery
    from safelight.exchange.receive.verdicts import Ruling, Verdict
    from safelight.surfaces.cli import import_run

    if "in_memory" in order:
        limits = contents.MediaLimits(in_memory=order["in_memory"])
        limited = functools.partial(contents.walk, limits=limits)
        setattr(import_run, "walk", limited)  # noqa: B010 (it is not the module's to give)
    if "watch" in order:
        os.kill(os.getpid(), signal.SIGSTOP)

    def telling(act: Callable[..., list[Verdict]]) -> Callable[..., list[Verdict]]:
        def told(*args: Any, **kwargs: Any) -> list[Verdict]:  # noqa: ANN401 (passed on)
            closed = act(*args, **kwargs)
            uids = [each.names.sop_instance_uid for each in closed if each.ruling in kept]
            say.write(json.dumps({"kept": uids}) + "\n")
            return closed

        return told

    kept = {Ruling.STORED, Ruling.DUPLICATE}
    for name in ("close_group", "finish"):
        setattr(delivery.Delivery, name, telling(getattr(delivery.Delivery, name)))
    delivery.GROUP_OBJECTS = order["group"]  # type: ignore[misc]
    summary = import_run.bring_in(order["account"], [Path(order["folder"])])
    if summary is None or summary.refused_lines:
        raise RuntimeError("the import refused something")


def _check(order: dict[str, Any], say: IO[str]) -> None:
    """Look at everything there is, to its last byte."""
    import looking

    trail = _trail()
    found = looking.check(before=order["before"])
    found["problems"] += [trail] if trail else []
    say.write(json.dumps(found) + "\n")


def _look(order: dict[str, Any], say: IO[str]) -> None:
    """Say all that is known of some objects."""
    import looking

    say.write(json.dumps(looking.look(order["uids"])) + "\n")


def _aside(work: Callable[[], None]) -> None:
    threading.Thread(target=work, daemon=True).start()


_DUTIES: dict[str, Callable[[dict[str, Any], IO[str]], None]] = {
    "serve": _serve,
    "import": _import,
    "check": _check,
    "look": _look,
}

if __name__ == "__main__":
    main()
