"""How is an instance served? By web processes and a worker beside them, as one family."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import signal
import socket
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer
import uvicorn

from safelight.surfaces.cli import family
from safelight.surfaces.cli.listening import Counted, Loop, Shares
from safelight.surfaces.cli.main import Data, app, fail, keep_time, load

_MOST_PROCESSES = 4
_APPLICATION = "safelight.config.asgi"
_PROGRAM = (_APPLICATION, "safelight.config.urls", "safelight.platform.jobs.worker")


@app.command()
def serve(
    data: Data,
    listen: Annotated[str, typer.Option(help="HOST:PORT to listen on.")] = "127.0.0.1:8000",
    tls_cert: Annotated[Path | None, typer.Option(help="The certificate (PEM).")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="The certificate's key (PEM).")] = None,
    *,
    behind_proxy: Annotated[
        bool, typer.Option(help="A proxy on this machine or a private network ends TLS.")
    ] = False,
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
    load(data)
    family.apart(partial(check_ready, data))
    if not is_free(host, port):
        fail(f"port {port} of {host} is taken, or not this machine's. Choose another: --listen.")
    run_family(
        data,
        host,
        port,
        tls_cert=tls_cert,
        tls_key=tls_key,
        behind_proxy=behind_proxy,
        processes=processes or min(len(os.sched_getaffinity(0)), _MOST_PROCESSES),
        on_ready=lambda: print("ready", _served_at(host, port, tls_cert), flush=True),
    )


def _served_at(host: str, port: int, tls_cert: Path | None) -> str:
    scheme = "https" if tls_cert else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def address(listen: str) -> tuple[str, int]:
    """Read HOST:PORT."""
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit():
        raise typer.BadParameter("give HOST:PORT", param_hint="--listen")
    return host.strip("[]"), int(port)


def is_loopback(host: str) -> bool:
    """Say whether an address can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_free(host: str, port: int) -> bool:
    """Say whether a server could listen there now."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        for family, kind, protocol, _, where in found:
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(where)
    except OSError:
        return False
    return True


def check_ready(data: Path) -> None:
    """Refuse to start where the key is wrong, lies with the data, or a migration waits."""
    from django.conf import settings
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    from safelight.exchange.receive.keeping import require_store
    from safelight.platform.keys.ring import ring

    key_file = Path(settings.SAFELIGHT_ROOT_KEY_FILE).resolve()
    if not settings.SAFELIGHT_DEMO and key_file.is_relative_to(data.resolve()):
        fail("the root key lies in the data folder; whoever takes one would have both. Move it.")
    for alias in ("keys", "default"):
        executor = MigrationExecutor(connections[alias])
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            fail(f"the databases are of another version. Run: safelight upgrade --data {data}")
    require_store()
    ring().instance_key("start-check")


def run_family(
    data: Path,
    host: str,
    port: int,
    *,
    tls_cert: Path | None = None,
    tls_key: Path | None = None,
    behind_proxy: bool = False,
    processes: int = 1,
    on_ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve with so many web processes and a worker, until this process is told to end."""
    from safelight.exchange.release.cage import warmed

    shares = Shares(processes)
    listening = bound(host, port)

    def serve_web(process: int) -> None:
        keep_time(data)
        server = uvicorn.Server(
            uvicorn.Config(
                f"{_APPLICATION}:application",
                factory=True,
                http=Counted,
                ws="none",
                ssl_certfile=tls_cert,
                ssl_keyfile=tls_key,
                proxy_headers=behind_proxy,
                access_log=False,
                log_level="warning",
                server_header=False,
                timeout_keep_alive=30,
                timeout_graceful_shutdown=10,
            )
        )
        # Once it has stopped, uvicorn raises the signal again; by default that would end
        # this process before it has put down what it holds.
        signal.signal(signal.SIGTERM, _leave)
        with asyncio.Runner(loop_factory=partial(Loop, shares, process)) as runner:
            runner.run(server.serve(sockets=listening))

    def work() -> None:
        keep_time(data)
        from safelight.platform.jobs.worker import run_worker, stop_on_signals

        for each in listening:
            each.close()
        run_worker(stop_on_signals(), exits_when_stuck=True)

    web = [
        family.Member(
            f"web process {process + 1}",
            partial(serve_web, process),
            partial(shares.is_there, process),
            partial(shares.leave, process),
        )
        for process in range(processes)
    ]
    with warmed():
        preload()
        family.run([*web, family.Member("worker", work)], on_ready=on_ready)


def preload() -> None:
    """Import what every member needs, so that its memory is theirs together."""
    for module in _PROGRAM:
        import_module(module)


def bound(host: str, port: int) -> list[socket.socket]:
    """Return a socket for each address of a host, for the family to listen at.

    Raises:
        OSError: one is taken, or not this machine's.
    """
    made = []
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    for kind, _, protocol, _, where in dict.fromkeys(found):
        one = socket.socket(kind, socket.SOCK_STREAM, protocol)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if kind == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind(where)
        made.append(one)
    return made


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    """Leave as a program does that was told to end."""
    raise SystemExit(128 + number)
