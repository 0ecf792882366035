"""Who watches the record of an instance from outside? This program, on another machine."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from safelight.surfaces.cli.main import Data, app, audit_app, boot, fail
from safelight.surfaces.cli.places import address, is_loopback

if TYPE_CHECKING:
    from safelight.platform.audit.offline.keys import PublicKey


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
    from safelight.platform.audit.witness import Witness
    from safelight.platform.audit.witness_server import served

    host, port = address(listen)
    if not (tls_cert and tls_key) and not behind_proxy and not is_loopback(host):
        fail("without TLS it listens on this machine only. Give --tls-cert and --tls-key.")
    try:
        kept = Witness(state, _key_of(log_key))
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


@app.command("witness-go-on")
def witness_go_on(
    state: Annotated[Path, typer.Option(help="The witness's own folder; it must not be running.")],
    log_key: Annotated[
        str, typer.Option(help="The public key of the record to watch, as text or in a file.")
    ],
    request: Annotated[Path, typer.Option(help="What safelight audit go-on wrote.")],
    reason: Annotated[str, typer.Option(help="Why you let it. It is kept, and told by /notes.")],
) -> None:
    """Let a witness go on with a record that was put back to an earlier moment.

    Do it only when you know of the restore from its people, by another way than this file.
    """
    from safelight.kernel import clock
    from safelight.platform.audit.witness import Witness

    try:
        kept = Witness(state, _key_of(log_key))
        left = kept.go_on(
            request.read_text(encoding="utf-8"), reason=reason, at=int(clock.now().timestamp())
        )
    except (ValueError, OSError) as error:
        fail(str(error))
    kept.close()
    print(f"It goes on from {left.size} entries; the first {left.common} are as it signed them.")
    if left.held > left.common:
        print(f"It had signed {left.held}: what came after {left.common} is another history now.")


@audit_app.command("go-on")
def go_on(
    data: Data,
    to: Annotated[Path, typer.Option(help="The folder for a request to each witness.")],
    reason: Annotated[str, typer.Option(help="Why, in your own words. It is kept sealed.")],
) -> None:
    """After a restore, ask the witnesses to go on with the record that was put back.

    Each keeper of a witness gets the file of its name, and gives it to witness-go-on.
    """
    boot(data)
    from safelight.governance.recovery.going_on import ask_to_go_on
    from safelight.kernel import clock

    made = ask_to_go_on(reason, at=clock.now())
    to.mkdir(parents=True, exist_ok=True)
    for each in made:
        (to / f"{each.witness}.txt").write_text(each.text, encoding="utf-8")
        print(f"{each.witness}: {each.common} entries are as it signed them, of {each.size} now.")
    print(f"{len(made)} requests are in {to}. Until their keepers agree, nothing is shared.")


def _key_of(text: str) -> PublicKey:
    """Read a record's public key from text, or from the file that it names. Raises ValueError."""
    from safelight.platform.audit.offline.keys import PublicKey

    named = Path(text)
    return PublicKey.parse(named.read_text() if named.is_file() else text)
