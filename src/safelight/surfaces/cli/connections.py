"""How does an operator enter the systems that an institution is connected with?

An operator is one person, like each of a desk: what they enter somebody else opens, and
what they record somebody else verifies.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from safelight.surfaces.cli.colleague import sign_as
from safelight.surfaces.cli.main import Data, boot, connection_app, fail

if TYPE_CHECKING:
    from uuid import UUID

_DIRECTIONS = "How exams go: send (they send to us), ask (they ask us), receive (we send to them)."
Colleague = Annotated[
    str, typer.Option("--account", help="Whose password and code say yes, by e-mail address.")
]
_Id = Annotated[str, typer.Argument(help="The connection's id, as the list prints it.")]


@connection_app.command("add")
def add(  # noqa: PLR0913, PLR0917 (a connection has that many facts)
    data: Data,
    organization: Annotated[str, typer.Option(help="Whose connection it is, by name.")],
    name: Annotated[str, typer.Option(help="What people call this system.")],
    direction: Annotated[list[str], typer.Option(help=_DIRECTIONS)],
    called: Annotated[str, typer.Option(help="Our title, as they call us.")] = "",
    calling: Annotated[str, typer.Option(help="Their title.")] = "",
    partner: Annotated[str, typer.Option(help="The partner; none for an own system.")] = "",
    country: Annotated[str, typer.Option(help="The partner's country, two letters.")] = "",
    basis: Annotated[
        str, typer.Option(help="What it rests on: baa, participation, dpa or data_use.")
    ] = "",
    host: Annotated[str, typer.Option(help="Where it listens, if we send to it.")] = "",
    port: Annotated[int, typer.Option(help="On which port.")] = 104,
    network: Annotated[
        list[str] | None, typer.Option(help="From where it comes, such as 192.0.2.0/24.")
    ] = None,
    client_cert: Annotated[Path | None, typer.Option(help="The certificate it shows us.")] = None,
    server_cert: Annotated[
        Path | None, typer.Option(help="The certificate it shows as a server.")
    ] = None,
    url: Annotated[
        str, typer.Option(help="Where it takes exams by DICOMweb, instead of titles and a host.")
    ] = "",
    kind: Annotated[
        str, typer.Option(help="How it speaks: dimse, dicomweb or safelight; --url says dicomweb.")
    ] = "",
    token_file: Annotated[
        Path | None, typer.Option(help="A file with the token that we show there.")
    ] = None,
    plain: Annotated[bool, typer.Option("--plain", help="Without TLS.")] = False,  # noqa: FBT002
) -> None:
    """Enter a connection over DICOM or DICOMweb, as a draft that somebody else opens."""
    boot(data)
    from safelight.exchange.access.connecting import OPERATOR, add_connection
    from safelight.kernel import clock
    from safelight.kernel.errors import ExpectedError
    from safelight.records.partners.wishes import ConnectionWish

    if not set(direction) <= {"send", "ask", "receive"}:
        fail(_DIRECTIONS)
    wish = ConnectionWish(
        name=name,
        they_send="send" in direction,
        they_ask="ask" in direction,
        we_send="receive" in direction,
        called=called,
        calling=calling,
        kind=kind or ("dicomweb" if url else "dimse"),
        url=url,
        token=token_file.read_text() if token_file else "",
        host=host,
        port=str(port),
        networks="\n".join(network or []),
        is_plain=plain,
        client_certificate=client_cert.read_text() if client_cert else "",
        server_certificate=server_cert.read_text() if server_cert else "",
        basis=basis,
    )
    house = house_named(organization)
    try:
        other = partner_named(house, partner, country) if partner else None
        row = add_connection(OPERATOR, house, other, wish, at=clock.now())
    except ExpectedError as refused:
        fail(str(refused))
    print(f"{row.pk}")
    print("Entered as a draft. Somebody of the desk must open it.")


@connection_app.command("list")
def list_all(data: Data) -> None:
    """Print each connection: its id, state, titles, and what agreement it wants now."""
    boot(data)
    from safelight.exchange.access.gates import refusal_of
    from safelight.kernel import clock
    from safelight.records.partners.queries import all_connections

    at = clock.now()
    for row in all_connections():
        wanting = refusal_of(row.pk, at=at)
        titles = f"{row.calling or row.url} -> {row.called or 'us'}"
        print(f"{row.pk}  {row.state:<9}  {titles}  {row.name}  {wanting}".rstrip())


@connection_app.command("test")
def test(data: Data, connection: _Id) -> None:
    """Send an echo to where a connection leads, and print what came of it."""
    boot(data)
    from safelight.exchange.access.connecting import OPERATOR
    from safelight.exchange.access.trying import try_connection
    from safelight.kernel import clock
    from safelight.kernel.errors import ExpectedError
    from safelight.platform.peers.causes import Cause

    try:
        outcome = try_connection(OPERATOR, _id(connection), at=clock.now())
    except ExpectedError as refused:
        fail(str(refused))
    if outcome is not Cause.ANSWERED:
        fail(outcome.value)
    print("answered")


@connection_app.command("open")
def open_one(data: Data, connection: _Id, account: Colleague = "") -> None:
    """Open a connection that somebody else prepared, or let a colleague open it."""
    boot(data)
    from safelight.exchange.access.connecting import OPERATOR, open_connection
    from safelight.kernel import clock
    from safelight.kernel.errors import ExpectedError

    key = _id(connection)
    hand = sign_as(account, f"open connection/{key}") if account else OPERATOR
    try:
        open_connection(hand, key, at=clock.now())
    except ExpectedError as refused:
        fail(str(refused))
    print("Opened.")


@connection_app.command("suspend")
def suspend(data: Data, connection: _Id) -> None:
    """Let nothing through a connection for now, at once."""
    _do(data, connection, "suspend_connection", "Suspended. Somebody else must open it again.")


@connection_app.command("close")
def close(data: Data, connection: _Id) -> None:
    """Let nothing through a connection ever again, at once."""
    _do(data, connection, "close_connection", "Closed.")


@connection_app.command("word")
def word(data: Data, connection: _Id) -> None:
    """Print a new word by which a system that calls over the web is known; the old one ends.

    Nobody can read it again. The connection is a draft until somebody of the desk opens it.
    """
    boot(data)
    from safelight.exchange.access.connecting import OPERATOR, give_word
    from safelight.kernel import clock
    from safelight.kernel.errors import ExpectedError

    try:
        print(give_word(OPERATOR, _id(connection), at=clock.now()))
    except ExpectedError as refused:
        fail(str(refused))


def house_named(name: str) -> UUID:
    """Return the institution of a name, or end the program."""
    from safelight.records.partners.queries import organization_named

    found = organization_named(name)
    if found is None:
        fail("there is no institution of this name.")
    return found


def partner_named(house: UUID, name: str, country: str = "") -> UUID:
    """Return an institution's partner of a name; it is added where a country is given."""
    from safelight.exchange.access.connecting import OPERATOR, add_partner
    from safelight.kernel import clock
    from safelight.records.partners.queries import partners_of

    for each in partners_of(frozenset({house})):
        if each.name == " ".join(name.split()):
            return each.pk
    if not country:
        fail("there is no partner of this name. With --country it is added.")
    return add_partner(OPERATOR, house, name, country, at=clock.now()).pk


def _do(data: Path, connection: str, act: str, done: str) -> None:
    boot(data)
    from safelight.exchange.access import connecting
    from safelight.kernel import clock
    from safelight.kernel.errors import ExpectedError

    try:
        getattr(connecting, act)(connecting.OPERATOR, _id(connection), at=clock.now())
    except ExpectedError as refused:
        fail(str(refused))
    print(done)


def _id(text: str) -> UUID:
    from uuid import UUID

    try:
        return UUID(text)
    except ValueError:
        fail("that is no id of a connection.")
