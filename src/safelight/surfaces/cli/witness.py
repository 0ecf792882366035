"""Who watches the record of an instance from outside? This program, on another machine."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from safelight.surfaces.cli.main import app, fail
from safelight.surfaces.cli.places import address, is_loopback


@app.command()
def witness(
    state: Annotated[Path, typer.Option(help="The witness's own folder: its key, what it signed.")],
    log_key: Annotated[
        str, typer.Option(help="The public key of the record to watch, as text or in a file.")
    ],
    listen: Annotated[str, typer.Option(help="HOST:PORT to listen on.")] = "127.0.0.1:8090",
    tls_cert: Annotated[Path | None, typer.Option(help="The certificate (PEM).")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="The certificate's key (PEM).")] = None,
    *,
    behind_proxy: Annotated[
        bool, typer.Option(help="A proxy on this machine or a private network ends TLS.")
    ] = False,
) -> None:
    """Sign the checkpoints of an instance's record, each only where it continues the last.

    It needs no data of an instance. The instance's `witness_urls` and `witness_keys` name it.
    """
    from safelight.platform.audit.verify_audit import PublicKey
    from safelight.platform.audit.witness import Witness
    from safelight.platform.audit.witness_server import served

    host, port = address(listen)
    if not (tls_cert and tls_key) and not behind_proxy and not is_loopback(host):
        fail("without TLS it listens on this machine only. Give --tls-cert and --tls-key.")
    try:
        named = Path(log_key)
        log = PublicKey.parse(named.read_text() if named.is_file() else log_key)
        kept = Witness(state, log)
        server = served(kept, host, port, cert=tls_cert, key=tls_key)
    except (ValueError, OSError) as error:
        fail(str(error))

    def end(*_: object) -> None:
        # From a thread: the loop that it stops runs in the one that the signal interrupts.
        threading.Thread(target=server.shutdown).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    print(f"key {kept.cosigner.verifier_key}")
    print(f"ready {host}:{server.server_port}", flush=True)
    server.serve_forever()
    server.server_close()
    kept.close()
