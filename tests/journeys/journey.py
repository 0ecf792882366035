"""What do the people of the first share know, from one step of it to the next?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from journeys.people import Person
from journeys.sharing import Recipient
from journeys.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from journeys.pages import Watched

_COUNT_PRESSES = """
addEventListener('click', (event) => {
  if (event.isTrusted && event.detail !== 0) {
    sessionStorage.presses = 1 + Number(sessionStorage.presses ?? 0);
  }
}, true);
"""
# On a metered line the viewer fetches little ahead, so that pictures are left to be refused.
_SPARE_THE_LINE = """
Object.defineProperty(navigator, 'connection', {value: {saveData: true}});
"""


@dataclass
class Journey(Steps):
    """The owner at home, the doctor at the surgery, and what has been done so far."""

    jana: Person
    home: Watched
    doctor: Recipient
    surgery: Watched
    exam: str = ""
    words: str = ""
    grant_presses: int = 0
    share: str = ""


def begin(profile: Callable[..., Watched]) -> Journey:
    """Give the owner and the doctor a browser each."""
    home, surgery = profile(), profile()
    home.context.add_init_script(_COUNT_PRESSES)
    surgery.context.add_init_script(_SPARE_THE_LINE)
    return Journey(
        jana=Person("Jana Lindgren", "jana.lindgren@people.example"),
        home=home,
        doctor=Recipient("Dr Otto Brandt", "otto.brandt@surgery.example"),
        surgery=surgery,
    )


def presses(seen: Watched) -> int:
    """Return how often the person has pressed something in this tab."""
    return int(seen.page.evaluate("Number(sessionStorage.presses ?? 0)"))
