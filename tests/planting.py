"""How do the three hundred get into a server: by its use, and by the mistakes of its users."""

from __future__ import annotations

from urllib.parse import quote

from accepting import CURRENT
from cast import multipart
from planted import Planted
from server import EMAIL, Server, send_form


def use(server: Server, planted: Planted) -> None:
    """Make accounts, store, search, look, and begin what is not finished."""
    for person in planted.persons:
        said = {"name": person.name, "email": person.email, "password": person.password}
        asked = said | {"statement": str(CURRENT), "accept": "on"}
        assert send_form(server, "/account/register/", **asked) == 302
    body, headers = multipart(*planted.files, planted.files[0][:4000])
    assert server.request("POST", "/dicomweb/studies", body, headers).status == 202
    study = f"/dicomweb/studies/{planted.study}"
    picture = study + planted.picture
    named = quote(planted.patient_name)
    for path in (
        f"/dicomweb/studies?PatientName={named}",
        f"/dicomweb/studies?PatientID={planted.patient_id}",
        *(f"/dicomweb/studies?PatientName={quote(each)}*" for each in planted.questions),
        study,
        f"{study}/metadata",
        f"{picture}/frames/1",
        f"{picture}/rendered",
        f"{picture}/thumbnail",
    ):
        assert server.get(path).status in {200, 204}, path


def misuse(server: Server, planted: Planted) -> None:
    """Make the mistakes that people and programs make, with the canaries in them."""
    wrong = iter(planted.mistakes)
    for path in (
        "/dicomweb/studies?NoSuchThing={}",
        "/dicomweb/studies?limit={}",
        "/dicomweb/studies/{}",
        "/exams/{}/",
        "/s/{}",
        "/{}",
        "/api/v1/exams/{}",
        "/static/{}",
    ):
        server.get(path.format(next(wrong)))
    for name in ("User-Agent", "Authorization", "Cookie", "X-Forwarded-For"):
        server.request("GET", "/dicomweb/studies", headers={name: next(wrong)})
    for address in (next(wrong) + "@people.example", EMAIL):
        send_form(server, "/account/sign-in/", email=address, password=planted.mistakes[-1])
    whole, headers = multipart(*planted.files)
    server.request("POST", "/dicomweb/studies", whole[: len(whole) // 2], headers)
    server.request("POST", "/dicomweb/studies", whole[200:], headers)
