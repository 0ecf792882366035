"""How does an operator look after the keys?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from safelight.surfaces.cli.main import Data, boot, fail, keys_app

_WIPE = "\x1b[2J\x1b[3J\x1b[H"  # clears a terminal and what was scrolled away

rotate_app = typer.Typer(help="Replace keys while everything goes on.", no_args_is_help=True)
keys_app.add_typer(rotate_app, name="rotate")


@keys_app.command("list")
def list_all(data: Data) -> None:
    """Print which keys there are, how old, wrapped by what, and which are due. No secrets."""
    boot(data)
    from django.conf import settings

    from safelight.governance.keys.listing import inventory
    from safelight.kernel import clock

    found = inventory(actor="operator", at=clock.now())
    print(f"root key {found.root_id}, from {settings.SAFELIGHT_ROOT_KEY.place},")
    due = "DUE: safelight keys rotate root" if found.root_is_due else "not due"
    print(f"  in use since {found.root_since:%Y-%m-%d}; {due}")
    for each in found.sorts:
        wrapped = ", ".join(f"root key {root}" for root in each.wrapped_by) or "their vaults' keys"
        print(
            f"{each.kind:<7} {each.standing:<8} {each.count:>8}  "
            f"{each.oldest:%Y-%m-%d} to {each.newest:%Y-%m-%d}, version {each.highest_version} "
            f"at most, wrapped by {wrapped}"
        )
    for key in found.signing:
        begins = f"since {key.since:%Y-%m-%d}" if key.since else "the first"
        print(f"{key.signs.value} signed by {key.name}, {begins}")
    print(f"{found.vaults_due} vaults' keys are due; {found.destroyed} keys were destroyed.")


@keys_app.command("verify")
def verify(
    data: Data,
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Open every study's key, not a sample.")
    ] = False,
) -> None:
    """Open a key of every vault, ledger and a sample of the studies. Exit 1 where one fails."""
    boot(data)
    from safelight.governance.keys.verifying import SAMPLE
    from safelight.governance.keys.verifying import verify as run
    from safelight.kernel import clock

    found = run(at=clock.now(), studies=None if everything else SAMPLE)
    said = ", ".join(f"{count} {kind}" for kind, count in found.opened.items())
    print(f"Opened: {said}.")
    if not found.failing:
        print("All of them open.")
        return
    for each in found.failing:
        print(f"{each.kind} {each.subject_id} version {each.version}: {each.why}")
    raise typer.Exit(1)


@rotate_app.command("root")
def rotate_root(
    data: Data,
    *,
    prepare: Annotated[
        bool,
        typer.Option(help="Only make the next root key, to keep a copy and to bring it to hosts."),
    ] = False,
) -> None:
    """Replace the root key. Go on with it after any interruption by the same command."""
    boot(data)
    from safelight.governance.keys.rotating import prepare_root
    from safelight.governance.keys.rotating import rotate_root as run
    from safelight.kernel import clock

    if prepare:
        print(f"The next root key is {prepare_root()}. Nothing uses it yet: keep a copy of it,")
        print("apart from the copies of the data, then: safelight keys rotate root")
        return
    count, where = run(actor="operator", at=clock.now())
    print(f"{count} keys are wrapped by the new root key, and all of them open.")
    print(where)
    print("Keep it apart for 30 days: older backups of the key store need it. Then destroy it.")


@rotate_app.command("vault")
def rotate_vault(
    data: Data, vault: Annotated[UUID, typer.Argument(help="The vault's id.")]
) -> None:
    """Replace the key that wraps the keys of a vault's studies."""
    boot(data)
    from safelight.governance.keys.rotating import rotate_vault as run
    from safelight.kernel import clock

    count = run(vault, actor="operator", at=clock.now())
    print(f"{count} keys are wrapped by the vault's new key. The old one goes in 15 minutes.")


@rotate_app.command("study")
def rotate_study(
    data: Data, study: Annotated[UUID, typer.Argument(help="The study's id.")]
) -> None:
    """Replace a study's key, and seal under it whatever the old one sealed."""
    boot(data)
    from safelight.governance.keys.rotating import rotate_one_study as run
    from safelight.kernel import clock

    count = run(study, actor="operator", at=clock.now())
    print(f"{count} rows are sealed under the study's new key. The old one goes in 15 minutes.")
    print("Backups of the data from before need the backup of the key store of their day.")


@rotate_app.command("ledger")
def rotate_ledger(
    data: Data, vault: Annotated[UUID, typer.Argument(help="The vault's id.")]
) -> None:
    """Seal a vault's accounting under a new key from now on; the old one goes on opening."""
    boot(data)
    from safelight.governance.keys.rotating import rotate_ledger as run
    from safelight.kernel import clock

    run(vault, actor="operator", at=clock.now())
    print("New entries are sealed under the new key.")


@rotate_app.command("signing")
def rotate_signing(
    data: Data,
    signs: Annotated[
        str, typer.Argument(help="audit, papers, certificates or backups; else all of them.")
    ] = "",
) -> None:
    """Let new keys sign, each endorsed by the one before; what was signed stays verifiable."""
    boot(data)
    from safelight.governance.keys.signing_keys import Signs
    from safelight.governance.keys.signing_keys import rotate_signing as run
    from safelight.kernel import clock

    if signs and signs not in set(Signs):
        fail("say audit, papers, certificates or backups.")
    for each in [Signs(signs)] if signs else list(Signs):
        made = run(each, actor="operator", at=clock.now())
        print(f"{each.value}: {made.name} signs from {made.since:%Y-%m-%d %H:%M:%S} on.")
    print("Make a backup now: an instance that is restored from before knows only the old keys.")


@rotate_app.command("due")
def rotate_due(data: Data) -> None:
    """Replace vaults' keys that are due, finish what was cut off, end old keys that are over."""
    boot(data)
    from safelight.governance.keys.rotating import is_root_due
    from safelight.governance.keys.rotating import rotate_due as run
    from safelight.kernel import clock

    at = clock.now()
    replaced, ended = run(actor="operator", at=at)
    print(f"{replaced} keys replaced, {ended} old ones destroyed.")
    if is_root_due(at=at):
        print("The root key is due: safelight keys rotate root")


@keys_app.command("certificate")
def certificate(
    data: Data, study: Annotated[UUID, typer.Argument(help="The erased study's id.")]
) -> None:
    """Print the signed certificate that a study's key was destroyed."""
    boot(data)
    from safelight.governance.keys.certifying import certificate as certify
    from safelight.kernel import clock
    from safelight.platform.keys.models import Kind

    print(certify(Kind.STUDY, study, actor="operator", at=clock.now()), end="")


@keys_app.command("export")
def export(
    data: Data,
    needed: Annotated[int, typer.Option(help="How many shares make the key.")] = 2,
    shares: Annotated[int, typer.Option(help="How many shares there are.")] = 3,
    approval: Annotated[
        UUID | None, typer.Option(help="The approval to use; else the oldest that fits.")
    ] = None,
) -> None:
    """Show the root key in shares, each to one person. Two people must have approved it."""
    boot(data)
    from safelight.exchange.access.powers.errors import ApprovalMissingError
    from safelight.governance.keys.sharing_root import Splitting, deed_of, export_shares
    from safelight.kernel import clock

    splitting = Splitting(needed, shares)
    try:
        made = export_shares(splitting, actor="operator", at=clock.now(), approval_id=approval)
    except ApprovalMissingError:
        print("Two people must agree to this first. One asks on the page Requests, with:")
        print(f"  {deed_of(splitting).line}")
        fail("nobody else has approved exactly this.")
    for number, share in enumerate(made, start=1):
        typer.prompt(
            f"Call person {number} of {shares} and let nobody else look. Press Enter",
            default="",
            show_default=False,
        )
        print(share)
        typer.prompt(
            "Written down? Press Enter; the screen is cleared", default="", show_default=False
        )
        print(_WIPE, end="", flush=True)
    print(f"Done. Any {needed} of the {shares} make the root key: safelight keys import-shares")


@keys_app.command("import-shares")
def import_shares(
    data: Data,
    to: Annotated[Path, typer.Option(help="The new file for the root key.")],
    needed: Annotated[int, typer.Option(help="How many shares are given.")] = 2,
) -> None:
    """Put the root key together from shares, prove it by the check value, and write its file."""
    boot(data)
    from safelight.governance.keys.sharing_root import import_shares as put_together
    from safelight.kernel import clock
    from safelight.platform.keys.root import write_private

    given = [
        typer.prompt(f"Share {number} of {needed}", hide_input=True)
        for number in range(1, needed + 1)
    ]
    root = put_together(given, actor="operator", at=clock.now())
    write_private(to, root.material.hex() + "\n")
    print(f"The root key {root.id} is in {to}. It is the one of this data.")


@keys_app.command("wrap")
def wrap(
    data: Data,
    plain: Annotated[Path, typer.Option("--from", help="The file that holds the root key.")],
) -> None:
    """Keep the root key only wrapped by the key service, in the file that the settings name."""
    boot(data)
    from django.conf import settings

    from safelight.platform.keys.root import read_root_key
    from safelight.platform.keys.roots import KmsRoot

    provider = settings.SAFELIGHT_ROOT_KEY
    if not isinstance(provider, KmsRoot):
        fail('name a key service first: root_key_provider = "kms" and its kms_... settings.')
    root = read_root_key(plain, beside=data)
    provider.keep(provider.path, root)
    if provider.current() != root:
        fail("the key service did not give back what it was given.")
    print(f"The root key {root.id} is in {provider.path}, wrapped. Keep {plain} elsewhere, or in")
    print("shares, and remove it here.")
