"""Somebody who attacks a served instance by script, and somebody with an ordinary day."""

from __future__ import annotations

import http.client
import re
from dataclasses import dataclass, field

from cast import multipart
from objects import an_object, uid, written
from server import EMAIL, PASSWORD, Answer, Server

_TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="(\w+)"')


@dataclass
class Visitor:
    """One machine that visits a served instance from an address of its own."""

    server: Server
    source: str
    token: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.server.port, timeout=120, source_address=(self.source, 0)
        )
        sent = dict(headers or {})
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            connection.request(method, path, body, sent)
            got = connection.getresponse()
            for name, value in got.getheaders():
                if name.lower() == "set-cookie":
                    cookie, _, said = value.partition(";")[0].partition("=")
                    self.cookies[cookie] = said
            return Answer(got.status, got.read(), dict(got.getheaders()))
        finally:
            connection.close()

    def send_form(self, path: str, **fields: str) -> int:
        """Take a page's form and send it, as a browser does."""
        found = _TOKEN.search(self.ask("GET", path).body)
        assert found is not None
        said = {"csrfmiddlewaretoken": found[1].decode()} | fields
        body = "&".join(f"{name}={value.replace('@', '%40')}" for name, value in said.items())
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, body.replace(" ", "+").encode(), kind).status

    def store(self, *studies: int) -> None:
        """Send one small picture for each of some exams."""
        body, headers = multipart(*(written(an_object(study=each)) for each in studies))
        assert self.ask("POST", "/dicomweb/studies", body, headers).status == 200

    def fetch(self, study: int) -> int:
        path = f"/dicomweb/studies/{uid(study)}"
        return self.ask("GET", path, headers={"Accept": _FILES}).status


_FILES = 'multipart/related; type="application/dicom"'


def ordinary_day(person: Visitor) -> None:
    """Add exams, look at them, mistype the password, follow an old bookmark."""
    person.store(*range(1, 13))
    assert person.ask("GET", "/dicomweb/studies?PatientName=Berg*").status == 200
    for study in range(1, 13):
        assert person.fetch(study) == 200
    for study in (71, 72, 73):
        assert person.fetch(study) == 404
    at_home = Visitor(person.server, "127.0.9.1")
    for _ in range(2):
        at_home.send_form("/account/sign-in/", email=EMAIL, password="a long walk along the rver")
    assert at_home.send_form("/account/sign-in/", email=EMAIL, password=PASSWORD) == 302
    for path in ("/favicon.ico", "/robots.txt", "/exams/an-old-bookmark/"):
        at_home.ask("GET", path)


def guess_passwords(server: Server) -> None:
    for _ in range(8):
        Visitor(server, "127.0.1.1").send_form("/account/sign-in/", email=EMAIL, password="guess")


def spray_accounts(server: Server) -> None:
    for number in range(20):
        Visitor(server, f"127.0.2.{number + 1}").send_form(
            "/account/sign-in/", email=f"person{number}@people.example", password="Winter2026"
        )


def try_paths(server: Server) -> None:
    tricks = ("/../../etc/passwd", "/%2e%2e/%2e%2e/etc/shadow", "/.git/config", "/.env", "/admin/")
    more = ("/wp-login.php", "/backup.zip", "/api/v1/../../keys", "/static/..%2fsettings.py")
    last = ("/exams/%00/", "/phpmyadmin/", "/server-status", "/actuator/env", "/console/")
    for path in (*tricks, *more, *last):
        assert Visitor(server, "127.0.3.1").ask("GET", path).status in {301, 302, 400, 404}


def try_links(server: Server, links: list[str]) -> None:
    for number, link in enumerate(links):
        visitor = Visitor(server, f"127.0.4.{number % 8 + 1}")
        assert visitor.send_form(f"/s/{link}", secret="guess") in {404, 429}


def enumerate_exams(thief: Visitor) -> None:
    for number in range(12):
        assert thief.fetch(900 + number) in {401, 404}


def ask_like_a_modality(thief: Visitor) -> None:
    """Ask for everything on every level, and call with names that nobody gave out."""
    for path in ("/dicomweb/series?limit=5000", "/dicomweb/instances?limit=5000"):
        assert thief.ask("GET", path).status in {200, 204}
    for number in range(5):
        stranger = Visitor(thief.server, "127.0.5.1", token=f"sl_api_ANY-SCP-{number}")
        assert stranger.ask("GET", "/dicomweb/studies").status == 401


def download_everything(thief: Visitor, studies: range) -> list[int]:
    return [thief.fetch(study) for study in studies]
