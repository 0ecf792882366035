"""What an outsider does with the link of an upload request, without a browser."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from cast import Person, party_of_person
from safelight.exchange.receive.asked.filing import file_parcel
from safelight.exchange.receive.asked.links import Made, make_link
from safelight.exchange.receive.asked.parcels import finish_parcel, start_parcel
from safelight.exchange.receive.asked.parts import create_part, look_into
from safelight.exchange.receive.asked.rules import Introduced, Wish
from safelight.exchange.receive.asked.senders import introduce, named_sender, show_secret
from safelight.exchange.receive.models import Parcel, ParcelState, Sender
from safelight.exchange.receive.uploads import Addition
from safelight.kernel import clock

PAT = Introduced(
    name="Pat Porter", address="pat@porter.example", relation="Her sister", may_send=True
)


@dataclass
class Outsider:
    """Somebody without an account who has the link."""

    made: Made
    cookie: str = ""
    said: Introduced = field(default=PAT)

    def come_in(self, *, answer: str = "") -> Sender:
        """Show the secret and say who it is."""
        at = clock.now()
        entered = show_secret(self.made.request_id, secret=self.made.secret, at=at)
        self.cookie = introduce(entered.sender, self.said, answer=answer, at=at)
        return self.sender

    @property
    def sender(self) -> Sender:
        return named_sender(self.made.request_id, self.cookie, at=clock.now())

    def send(self, *bundles: bytes) -> Parcel:
        """Send bundles as one parcel, whole."""
        sender, at = self.sender, clock.now()
        size = sum(map(len, bundles))
        parcel = start_parcel(sender, believed_right=True, files=1, size=size, at=at)
        for data in bundles:
            part = create_part(sender, parcel.pk, len(data), at=at)
            addition = Addition(part, 0)
            addition.add(data)
            addition.keep()
            addition.close()
            look_into(part)
        return finish_parcel(sender, parcel.pk, at=clock.now())


def ask(person: Person, **wish: object) -> Made:
    """Make a link as a person does, good for ten days."""
    last = (clock.now() + timedelta(days=10)).date()
    return make_link(party_of_person(person), Wish(**({"ends_on": last} | wish)), at=clock.now())  # type: ignore[arg-type]


def file_taken() -> None:
    """Do the job that waits for each parcel that was let in."""
    for parcel in Parcel.objects.filter(state=ParcelState.TAKEN):
        file_parcel.function(parcel_id=str(parcel.pk))
