"""How is an instance served? One web process, and a worker beside it, as one family."""

from __future__ import annotations

import ipaddress
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer
import uvicorn

from safelight.surfaces.cli.main import Data, app, boot, fail

_WORKER = (sys.executable, "-m", "safelight.surfaces.cli", "worker")
_RESTART_AFTER = 2.0
_LOOK_FOR_PARENT = 0.5  # seconds


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
) -> None:
    """Serve an instance until it is stopped."""
    host, port = address(listen)
    if not (tls_cert and tls_key) and not behind_proxy and not is_loopback(host):
        fail(
            "without TLS it listens on this machine only. Give --tls-cert and --tls-key, "
            "or --behind-proxy if a proxy ends TLS."
        )
    boot(data)
    check_ready(data)
    if not is_free(host, port):
        fail(f"port {port} of {host} is taken, or not this machine's. Choose another: --listen.")
    run_family(
        data,
        host,
        port,
        tls_cert=tls_cert,
        tls_key=tls_key,
        behind_proxy=behind_proxy,
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
    on_ready: Callable[[], None] | None = None,
) -> None:
    """Run the web server here and the worker as a child that is restarted if it dies."""
    from safelight.exchange.release.cage import warmed

    # Once it has stopped, uvicorn raises the signal again; by default that would end this
    # process at once and leave the worker behind.
    signal.signal(signal.SIGTERM, _leave)
    stopping = threading.Event()
    keeper = threading.Thread(target=_keep_worker, args=(data, stopping), name="worker-keeper")
    server = uvicorn.Server(
        uvicorn.Config(
            "safelight.config.asgi:application",
            factory=True,
            host=host,
            port=port,
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
    if on_ready is not None:
        threading.Thread(target=_tell, args=(server, on_ready), daemon=True).start()
    with warmed():
        keeper.start()
        try:
            server.run()
        finally:
            stopping.set()
            keeper.join()


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    """Leave as a program does that was told to end."""
    raise SystemExit(128 + number)


def _tell(server: uvicorn.Server, on_ready: Callable[[], None]) -> None:
    while not server.started:
        time.sleep(0.05)
    on_ready()


def _keep_worker(data: Path, stopping: threading.Event) -> None:
    """Start the worker, start it anew if it dies, and stop it at the end."""
    while not stopping.is_set():
        worker = subprocess.Popen(  # noqa: S603 (our own program, no shell)
            [*_WORKER, "--data", str(data), "--parent", str(os.getpid())],
            env=os.environ | {"SAFELIGHT_DATA": str(data.absolute())},
        )
        while worker.poll() is None and not stopping.wait(0.2):
            pass
        if worker.poll() is None:
            worker.send_signal(signal.SIGTERM)
            worker.wait()
        else:
            stopping.wait(_RESTART_AFTER)


def _leave_with_parent(parent: int) -> None:
    """Tell this process to end once the server that started it is gone, however it went."""
    while os.getppid() == parent:
        time.sleep(_LOOK_FOR_PARENT)
    os.kill(os.getpid(), signal.SIGTERM)


@app.command(hidden=True)
def worker(
    data: Data,
    parent: Annotated[int, typer.Option(help="End when this process is no longer the parent.")] = 0,
) -> None:
    """Do background work until told to stop; `serve` runs one."""
    # Whoever started this may be gone by now: it says itself who it is.
    watched = parent or os.getppid()
    threading.Thread(target=_leave_with_parent, args=(watched,), daemon=True).start()
    boot(data)
    from safelight.platform.jobs.worker import run_worker, stop_on_signals

    run_worker(stop_on_signals(), exits_when_stuck=True)
