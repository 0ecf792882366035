"""How does an operator enter a registry: an institution with a purpose and duties of its own?"""

from __future__ import annotations

from typing import Annotated

import typer

from safelight.surfaces.cli.main import Data, boot, fail, registry_app


@registry_app.command("enter")
def enter(
    data: Data,
    name: Annotated[str, typer.Option(help="Its name, in full.")],
    purpose: Annotated[str, typer.Option(help="What it is for, in its own words.")],
    duties: Annotated[str, typer.Option(help="What it holds itself to, in its own words.")],
) -> None:
    """Enter a registry that you have an agreement with, or change its words.

    People can then give it their exams. Its desk are the accounts with the role
    imaging_desk at the organisation of that name.
    """
    boot(data)
    from safelight.kernel import clock
    from safelight.kernel.errors import InvalidFieldError
    from safelight.records.accounts.registries import enter_registry

    try:
        enter_registry(name, purpose, duties, at=clock.now())
    except InvalidFieldError as wrong:
        fail(str(wrong))
    print("Entered the registry. People can choose it now.")


@registry_app.command("list")
def list_all(data: Data) -> None:
    """Print each registry, what it is for, and what it holds itself to."""
    boot(data)
    from safelight.records.accounts.registries import registries

    for each in registries():
        print(f"{each.name}\n  for: {each.purpose}\n  holds itself to: {each.duties}")


@registry_app.command("end")
def end(data: Data, name: Annotated[str, typer.Option(help="Its name, in full.")]) -> None:
    """Let a registry be given nothing more; what it was given stays as it was agreed."""
    boot(data)
    from safelight.kernel import clock
    from safelight.records.accounts.registries import end_registry, registries

    found = [each for each in registries() if each.name == name]
    if not found:
        fail("there is no registry of this name.")
    end_registry(found[0].organization_id, at=clock.now())
    print("Ended. It can be chosen no more.")
