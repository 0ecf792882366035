"""What of transfers is done on its own?"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from safelight.exchange.release.transfer.hearing import hear_custody
from safelight.exchange.release.transfer.running import run
from safelight.exchange.release.transfer.telling import tell_withdrawals
from safelight.exchange.release.transfer.upkeep import take_up_again
from safelight.kernel import clock
from safelight.platform.jobs.registry import task
from safelight.platform.jobs.schedule import schedule


@task("transfer.send", time_limit=timedelta(hours=1))
def send_later(*, transfer_id: UUID) -> None:
    """Send what is left of a transfer, for a while; then let others have a turn."""
    if (again := run(transfer_id)) is not None:
        send_later.enqueue(transfer_id=transfer_id, run_after=again)


@task("transfer.take-up")
def take_up() -> None:
    """Go on with what waits and may go on, and end what nothing allows any more."""
    for transfer_id in take_up_again(at=clock.now()):
        if not send_later.is_under_way(transfer_id=transfer_id):
            send_later.enqueue(transfer_id=transfer_id)


@task("transfer.tell")
def tell_partners() -> None:
    """Tell partners' Safelights which consents were taken back, and hear what was done there."""
    tell_withdrawals(at=clock.now())
    hear_custody(at=clock.now())


schedule(take_up, every=timedelta(minutes=1))
schedule(tell_partners, every=timedelta(minutes=1))
