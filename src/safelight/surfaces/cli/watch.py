"""How does an operator see what was found, and plant what nobody has a reason to touch?"""

from __future__ import annotations

from safelight.surfaces.cli.main import Data, boot, watch_app


@watch_app.command("plant-canary")
def plant_canary(data: Data) -> None:
    """Make a decoy person with one exam, a token and a link, and watch over them.

    Leave the token and the link where only somebody who looks around would find them.
    They are printed once.
    """
    boot(data)
    from django.conf import settings

    from safelight.governance.watch.canaries import plant
    from safelight.kernel import clock
    from safelight.kernel.ids import to_text

    planted = plant(by="operator", at=clock.now())
    link = f"{settings.SAFELIGHT_PUBLIC_URL}/r/{to_text(planted.link_id)}#{planted.link_secret}"
    print(f"decoy   account/{planted.account_id}")
    for study_id in planted.study_ids:
        print(f"exam    study/{study_id}")
    print(f"address {planted.address}")
    print(f"token   {planted.token}")
    print(f"link    {link}")


@watch_app.command("alerts")
def list_alerts(data: Data) -> None:
    """Print the alerts that are not closed: rule, how bad, state, how often, about whom."""
    boot(data)
    from safelight.governance.watch.alerts import waiting

    for each in waiting():
        print(
            f"{each.rule:<4} {each.severity:<7} {each.state:<13} {each.count:>6} "
            f"{each.form:<22} {each.subject} {each.raised_at:%Y-%m-%dT%H:%M:%SZ}"
        )
