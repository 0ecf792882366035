"""How is an instance served? By web processes and a worker beside them, as one family."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from importlib import import_module
from itertools import chain
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer
import uvicorn

from safelight.kernel import clock
from safelight.platform.operating import lines
from safelight.surfaces.cli import family
from safelight.surfaces.cli.calling import calling
from safelight.surfaces.cli.held_clock import FURTHEST_BEHIND, behind_the_record
from safelight.surfaces.cli.listening import Counted, Loop, Networks, Shares, networks
from safelight.surfaces.cli.main import Data, app, fail, keep_time, load
from safelight.surfaces.cli.metering import answer_metrics, counting, metrics_place
from safelight.surfaces.cli.places import Beside, address, bound, is_free, is_loopback
from safelight.surfaces.cli.redirecting import redirect_all
from safelight.surfaces.cli.standing import here, note
from safelight.surfaces.cli.tls import Certificate, attend, opened

_MOST_PROCESSES = 4
_APPLICATION = "safelight.config.asgi"
_PROGRAM = (_APPLICATION, "safelight.config.urls", "safelight.platform.jobs.worker")


@app.command()
def serve(  # noqa: PLR0913 (the options of a command)
    data: Data,
    listen: Annotated[str, typer.Option(help="HOST:PORT to listen on.")] = "127.0.0.1:8000",
    tls_cert: Annotated[Path | None, typer.Option(help="The certificate (PEM).")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="The certificate's key (PEM).")] = None,
    redirect_from: Annotated[
        str, typer.Option(help="HOST:PORT of plain HTTP that only leads to the public URL.")
    ] = "",
    proxy: Annotated[
        list[str] | None,
        typer.Option(help="Where that proxy is: an address or a network; again for another."),
    ] = None,
    *,
    behind_proxy: Annotated[
        bool,
        typer.Option(help="A proxy ends TLS; only it is spoken to, and believed who is behind it."),
    ] = False,
    metrics: Annotated[
        str, typer.Option(help="PORT of this machine, or HOST:PORT, where /metrics is served.")
    ] = "",
    dimse: Annotated[
        str, typer.Option(help="HOST:PORT where hospitals' systems call by DICOM; off without it.")
    ] = "",
    processes: Annotated[
        int, typer.Option(min=0, help="Web processes; 0: as many as processors, at most 4.")
    ] = 0,
) -> None:
    """Serve an instance until it is stopped."""
    host, port = address(listen)
    if not (tls_cert and tls_key) and not behind_proxy and not is_loopback(host):
        fail(
            "without TLS it listens on this machine only. Give --tls-cert and --tls-key, "
            "or --behind-proxy if a proxy ends TLS."
        )
    try:
        trusted = networks(proxy or []) if behind_proxy else ()
    except ValueError:
        raise typer.BadParameter("give an address or a network", param_hint="--proxy") from None
    certificate = opened(tls_cert, tls_key)
    if tls_cert is not None:
        os.environ["SAFELIGHT_TLS_CERT"] = str(tls_cert.absolute())
    load(data)
    write_lines()
    processes = processes or min(len(os.sched_getaffinity(0)), _MOST_PROCESSES)
    beside = [*_redirecting(redirect_from), *_metering(metrics), *calling(dimse, processes)]
    standing = replace(
        here(host, port, tls_cert, tls_key),
        behind_proxy=behind_proxy,
        redirect_from=redirect_from,
        dimse=dimse,
    )
    family.apart(partial(check_ready, data))
    if not is_free(host, port):
        fail(f"port {port} of {host} is taken, or not this machine's. Choose another: --listen.")
    note(data, standing)
    with counting() if metrics else nullcontext():
        run_family(
            data,
            host,
            port,
            certificate=certificate,
            proxies=trusted,
            beside=beside,
            processes=processes,
            on_ready=lambda: print("ready", _served_at(host, port, tls_cert), flush=True),
        )


def write_lines() -> None:
    """Let the log be lines of one event each, at the level that the operator chose."""
    from django.conf import settings

    try:
        lines.begin(settings.SAFELIGHT_LOG_LEVEL)
    except lines.UnknownLevelError as error:
        fail(str(error))


def _redirecting(asked: str) -> Iterator[Beside]:
    if plain := bound_to_redirect(asked):
        yield Beside("redirection", plain, partial(lead_on, plain))


def _metering(asked: str) -> Iterator[Beside]:
    if not asked:
        return
    host, port = address(metrics_place(asked))
    if not is_free(host, port):
        fail(f"port {port} of {host} is taken, or not this machine's. Choose another: --metrics.")
    sockets = bound(host, port)[:1]
    yield Beside("metrics", sockets, partial(answer_metrics, sockets[0]))


def _served_at(host: str, port: int, tls_cert: Path | None) -> str:
    scheme = "https" if tls_cert else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def check_ready(data: Path) -> None:
    """Refuse to start with a wrong key or one that lies with the data, and on wrong rows."""
    from django.conf import settings
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    from safelight.exchange.receive.keeping import require_store
    from safelight.governance.compliance.queries import tampered_statements
    from safelight.platform.keys.ring import ring
    from safelight.platform.keys.roots import FileRoot

    if (data / "restoring").exists():
        fail("this folder is being restored. Let safelight restore come to its end first.")
    key_file = Path(settings.SAFELIGHT_ROOT_KEY_FILE).resolve()
    lies_with_data = (
        isinstance(settings.SAFELIGHT_ROOT_KEY, FileRoot)
        and not settings.SAFELIGHT_DEMO
        and key_file.is_relative_to(data.resolve())
    )
    if lies_with_data:
        fail("the root key lies in the data folder; whoever takes one would have both. Move it.")
    for alias in ("keys", "default"):
        executor = MigrationExecutor(connections[alias])
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            fail(f"the databases are of another version. Run: safelight upgrade --data {data}")
    if changed := tampered_statements():
        fail(
            "the privacy statement is not what was published and accepted: version "
            + ", ".join(str(each) for each in changed)
            + ". Put its text back, from a backup or the program's own files."
        )
    if not settings.SAFELIGHT_DEMO and (behind := behind_the_record()) > FURTHEST_BEHIND:
        fail(
            f"the newest entry of the record is {behind.days} days later than this machine's "
            "clock. Set the clock; what had ended would begin again. Was the record ahead, "
            "start with SAFELIGHT_CLOCK_IS_RIGHT=yes."
        )
    require_store()
    ring().instance_key("start-check")
    say_who_has_seen_more()


def say_who_has_seen_more() -> None:
    """Have the record compared with what witnesses saw; it is served either way, closed or not."""
    from safelight.exchange.access.witnessing import ask_who_has_seen_more

    for each in ask_who_has_seen_more(at=clock.now(), is_start=True):
        print(
            f"The record is contested: {each.by} holds {each.held} entries, and it parts from "
            f"them at entry {each.seq} ({each.trouble}). Nothing is shared until that is settled.",
            file=sys.stderr,
        )


def run_family(
    data: Path,
    host: str,
    port: int,
    *,
    certificate: Certificate | None = None,
    proxies: Networks = (),
    beside: Sequence[Beside] = (),
    processes: int = 1,
    on_ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve with so many web processes and a worker, until this process is told to end."""
    from safelight.exchange.release.cage import warmed

    clock.share()
    shares = Shares(processes)
    listening = bound(host, port)

    def close_others(*more: socket.socket, mine: Beside | None = None) -> None:
        kept = mine.sockets if mine is not None else ()
        for one in (*more, *chain.from_iterable(each.sockets for each in beside)):
            if one not in kept:
                one.close()

    def live_beside(one: Beside) -> None:
        keep_time(data)
        close_others(*listening, mine=one)
        one.act()

    def serve_web(process: int) -> None:
        keep_time(data)
        server = uvicorn.Server(
            uvicorn.Config(
                f"{_APPLICATION}:application",
                factory=True,
                http=Counted,
                ws="none",
                proxy_headers=bool(proxies),
                forwarded_allow_ips=[str(each) for each in proxies],
                access_log=False,
                log_config=None,
                log_level="warning",
                server_header=False,
                timeout_keep_alive=30,
                timeout_graceful_shutdown=10,
            )
        )
        # Once it has stopped, uvicorn raises the signal again; by default that would end
        # this process before it has put down what it holds.
        signal.signal(signal.SIGTERM, _leave)
        server.config.load()
        close_others()
        with asyncio.Runner(loop_factory=partial(Loop, shares, process, proxies)) as runner:
            runner.run(attend(server, listening, certificate))

    def work() -> None:
        keep_time(data)
        from safelight.platform.jobs.worker import run_worker, stop_on_signals

        close_others(*listening)
        run_worker(stop_on_signals(), exits_when_stuck=True)

    web = [
        family.Member(
            f"web process {process + 1}",
            partial(serve_web, process),
            partial(shares.is_there, process),
            partial(shares.leave, process),
            takes_hangups=certificate is not None,
        )
        for process in range(processes)
    ]
    others = [family.Member("worker", work)]
    others += [family.Member(each.name, partial(live_beside, each)) for each in beside]
    with warmed():
        preload()
        family.run([*web, *others], on_ready=on_ready)


def lead_on(plain: Sequence[socket.socket]) -> None:
    """Answer the plain port, in a process that holds nothing else."""
    from django.conf import settings

    redirect_all(plain, settings.SAFELIGHT_PUBLIC_URL)


def bound_to_redirect(listen: str) -> list[socket.socket]:
    """Return the sockets of the plain port, if one is wanted."""
    if not listen:
        return []
    from django.conf import settings

    if not settings.SAFELIGHT_PUBLIC_URL.startswith("https://"):
        fail("--redirect-from leads to the public URL, and that is not https:// yet.")
    try:
        return bound(*address(listen))
    except OSError as error:
        fail(f"{listen} cannot be listened to: {error.strerror}.")


def preload() -> None:
    """Import what every member needs, so that its memory is theirs together."""
    for module in _PROGRAM:
        import_module(module)


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    """Leave as a program does that was told to end."""
    raise SystemExit(128 + number)
