"""Who goes on a journey, and what do they do in the browser?"""

from __future__ import annotations

import base64
import hmac
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from journeys.instance import Instance
    from journeys.pages import Watched

_STEP = 30
_TO_TYPE = 5.0  # seconds from looking at the app until the code is there


@dataclass
class Phone:
    """An authenticator app. The server takes each code once, and only newer ones after it."""

    secret: str
    last: int = 0

    def code(self) -> str:
        """Return a code that has not been used; wait for the next one if need be."""
        while True:
            at = time.time()
            now = int(at) // _STEP
            if _STEP - at % _STEP < _TO_TYPE:  # it would be two steps old when it arrives
                time.sleep(_STEP - at % _STEP)
                continue
            fresh = [each for each in (now - 1, now, now + 1) if each > self.last]
            if fresh:
                self.last = fresh[0]
                return self._shown(self.last)
            time.sleep(1)

    def _shown(self, counter: int) -> str:
        """Return what the app shows in the half minute of a counter (RFC 6238)."""
        key = base64.b32decode(self.secret + "=" * (-len(self.secret) % 8))
        digest = hmac.digest(key, counter.to_bytes(8), "sha1")
        start = digest[-1] & 15
        number = int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF
        return f"{number % 1_000_000:06}"


@dataclass
class Person:
    """Somebody with an account, or about to have one."""

    name: str
    address: str
    password: str = "nine lamps over the harbour"
    phone: Phone = field(default_factory=lambda: Phone(""))

    def apply(self, seen: Watched, *, accepts: bool = True) -> None:
        """Fill in the page that opens an account, and send it."""
        page = seen.page
        page.goto("/account/register/")
        page.get_by_label("Your name").fill(self.name)
        page.get_by_label("E-mail address").fill(self.address)
        page.get_by_label("Password").fill(self.password)
        statement = page.get_by_role("checkbox")
        expect(statement, "the statement must not be accepted beforehand").not_to_be_checked()
        if accepts:
            statement.check()
        page.get_by_role("button", name="Open the account").click()

    def prove_address(self, seen: Watched, instance: Instance) -> None:
        """Type the code from the mail."""
        code = instance.letter(self.address, "Your code for Safelight").code()
        seen.page.get_by_label("Code").fill(code)
        seen.page.get_by_role("button", name="Go on").click()

    def add_app(self, seen: Watched) -> None:
        """Add an authenticator app as second step, by typing its secret over."""
        page = seen.page
        page.get_by_role("link", name="Use an app").click()
        self.phone = Phone(page.locator("form code").inner_text().replace(" ", ""))
        page.get_by_label("Code").fill(self.phone.code())
        page.get_by_role("button", name="Add the app").click()

    def sign_in_first(self, seen: Watched) -> None:
        """Sign in for the first time, and add an app as second step."""
        self._say_password(seen)
        self.add_app(seen)
        seen.page.get_by_role("link", name="I have written them down").click()

    def sign_in(self, seen: Watched) -> None:
        """Sign in with password and code."""
        self._say_password(seen)
        seen.page.get_by_label("Code").fill(self.phone.code())
        seen.page.get_by_role("button", name="Sign in", exact=True).click()

    def _say_password(self, seen: Watched) -> None:
        page = seen.page
        page.goto("/account/sign-in/")
        page.get_by_label("E-mail address").fill(self.address)
        page.get_by_label("Password").fill(self.password)
        page.get_by_role("button", name="Sign in", exact=True).click()

    def confirm(self, seen: Watched, button: str) -> None:
        """Confirm with password and code what the page shows."""
        page = seen.page
        page.get_by_label("Password").fill(self.password)
        page.get_by_label("Code from your app").fill(self.phone.code())
        page.get_by_role("button", name=button).click()
