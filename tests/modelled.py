"""What may people do with an exam, for real and in a model that knows nothing of the code?

Acts are the real ones; the model says in a few lines what each person may see then, and
every door is asked whether it gives just that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from itertools import count
from uuid import UUID
from zipfile import ZipFile

from hypothesis import strategies as st
from pydicom import dcmread
from starlette.testclient import TestClient

from cast import Person, make_person, party_of_person
from safelight.exchange.access.sensitive import mark_sensitive
from safelight.exchange.access.who_sees import who_can_see
from safelight.exchange.consent.terms import Sensitive
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.exchange.release.viewing.download import download
from safelight.exchange.release.viewing.overview import exams
from safelight.kernel import clock
from safelight.records.accounts.models import Kind
from safelight.records.accounts.queries import address_of
from safelight.records.imaging.models import Series, Study
from story import Story, accept_share, another_ct

SERIES, RECIPIENTS = 3, 2
CANARY = "Zacharias^Quetzal"
NUMBER, BORN, ABOUT = "MRN-4711-0815", "19310207", "Glioblastoma follow-up"
_numbers = count(1)


@dataclass(frozen=True)
class Act:
    """One thing somebody does; `which` chooses whom, or what, it is about."""

    kind: str
    which: int
    series: frozenset[int] = frozenset()
    may_download: bool = False


ACTS = st.one_of(
    st.builds(
        Act,
        st.just("share"),
        st.integers(0, RECIPIENTS - 1),
        st.frozensets(st.integers(0, SERIES - 1), min_size=1),
        st.booleans(),
    ),
    st.builds(Act, st.just("take back"), st.integers(0, 3)),
    st.builds(Act, st.just("add"), st.integers(0, SERIES - 1)),
    st.builds(Act, st.sampled_from(["mark", "unmark"]), st.just(0)),
)


@dataclass
class Given:
    """A consent as the model knows it: to whom, and which pictures there were."""

    consent_id: UUID
    to: int
    pictures: set[str]
    may_download: bool
    is_live: bool = True


@dataclass
class Model:
    """An exam and what was agreed about it, in a few lines that know nothing of the code."""

    root: str
    series: list[list[str]] = field(default_factory=lambda: [[] for _ in range(SERIES)])
    given: list[Given] = field(default_factory=list)
    is_marked: bool = False

    def seen_by(self, number: int, *, to_keep: bool = False) -> set[str]:
        """Return the pictures that one of the recipients may see, or keep."""
        if self.is_marked:
            return set()
        live = [each for each in self.given if each.is_live and each.to == number]
        return set().union(*(each.pictures for each in live if each.may_download or not to_keep))


class Stage:
    """The owner, the recipients and one exam after another."""

    def __init__(self, web: TestClient, story: Story) -> None:
        self.web, self.story = web, story
        names = ("Rita Recipient", "Nora Neighbour")
        self.people = [make_person(name, Kind.INDIVIDUAL) for name in names]

    def new_exam(self) -> Model:
        """Store an exam of one picture in each series."""
        model = Model(f"1.2.826.0.1.3680043.8.498.9.{next(_numbers)}")
        for number in range(SERIES):
            self.add(model, number)
        known = {series.study_id for series in Series.objects.all()}
        self.story.study_id = Study.objects.filter(pk__in=known).latest("received_at").pk
        self.rows = list(
            Series.objects.filter(study_id=self.story.study_id).order_by("received_at")
        )
        return model

    def add(self, model: Model, number: int) -> None:
        """Store one more picture of a series."""
        picture = f"{model.root}.{number + 1}.{len(model.series[number]) + 1}"
        self.story.add(
            another_ct(
                PatientName=CANARY,
                PatientID=NUMBER,
                PatientBirthDate=BORN,
                StudyDescription=ABOUT,
                StudyInstanceUID=model.root,
                SeriesInstanceUID=f"{model.root}.{number + 1}",
                SOPInstanceUID=picture,
            )
        )
        model.series[number].append(picture)

    def do(self, act: Act, model: Model) -> None:
        """Do it, for real and in the model."""
        story, live = self.story, [each for each in model.given if each.is_live]
        if act.kind == "share" and not model.is_marked:
            chosen = [self.rows[number] for number in sorted(act.series)]
            shared = story.share(
                series_ids=tuple(str(row.pk) for row in chosen),
                address=address_of(self.people[act.which].account),
                may_download=act.may_download,
            )
            accept_share(shared, self.people[act.which])
            pictures = {each for number in act.series for each in model.series[number]}
            model.given.append(Given(shared.consent_id, act.which, pictures, act.may_download))
        elif act.kind == "take back" and live:
            over = live[act.which % len(live)]
            withdraw(story.party, over.consent_id, at=clock.now())
            over.is_live = False
        elif act.kind == "add":
            self.add(model, act.which)
        elif act.kind in {"mark", "unmark"}:
            model.is_marked = act.kind == "mark"
            kinds = frozenset({Sensitive.GENETIC} if model.is_marked else ())
            mark_sensitive(story.party, story.study_id, kinds, at=clock.now())

    def doors_agree(self, model: Model) -> None:
        """Compare what every door gives each recipient with the model (I3, I4, I13)."""
        at = clock.now()
        listed = {row.account_id for row in who_can_see(self.story.study_id, at=at)}
        for number, person in enumerate(self.people):
            wanted = model.seen_by(number)
            assert self._found(model, person) == wanted
            assert self._described(model, person) == wanted
            assert self._fetched(model, person) == wanted
            assert (person.account.pk in listed) == bool(wanted)
            self._counts_are(wanted, model, person)
            assert self._kept(model, number) == model.seen_by(number, to_keep=True)

    def _get(self, path: str, person: Person) -> list[dict[str, dict[str, list[object]]]]:
        answer = self.web.get(f"/dicomweb{path}", headers=person.headers)
        assert answer.status_code in {200, 204, 404}
        return answer.json() if answer.status_code == 200 else []

    def _found(self, model: Model, person: Person) -> set[str]:
        listed = self._get(f"/studies/{model.root}/instances", person)
        return {str(each["00080018"]["Value"][0]) for each in listed}

    def _described(self, model: Model, person: Person) -> set[str]:
        listed = self._get(f"/studies/{model.root}/metadata", person)
        return {str(each["00080018"]["Value"][0]) for each in listed}

    def _fetched(self, model: Model, person: Person) -> set[str]:
        found = set()
        for series in model.series:
            for picture in series:
                path = f"/dicomweb/studies/{model.root}/series/{picture.rpartition('.')[0]}"
                frame = f"{path}/instances/{picture}/frames/1"
                answer = self.web.get(frame, headers=person.headers)
                assert answer.status_code in {200, 404}
                found |= {picture} if answer.status_code == 200 else set()
        return found

    def _counts_are(self, wanted: set[str], model: Model, person: Person) -> None:
        series = {each.rpartition(".")[0] for each in wanted}
        listed = self._get(f"/studies?StudyInstanceUID={model.root}", person)
        said = [(row["00201206"]["Value"], row["00201208"]["Value"]) for row in listed]
        assert said == ([([len(series)], [len(wanted)])] if wanted else [])
        found = {
            str(each["0020000E"]["Value"][0]): each["00201209"]["Value"]
            for each in self._get(f"/studies/{model.root}/series", person)
        }
        assert found == {
            each: [len([one for one in wanted if one.startswith(f"{each}.")])] for each in series
        }
        pages = exams(party_of_person(person), at=clock.now())
        shown = [each.pictures for each in pages if each.study_id == self.story.study_id]
        assert shown == ([len(wanted)] if wanted else [])

    def _kept(self, model: Model, number: int) -> set[str]:
        if not model.seen_by(number, to_keep=True):
            return set()
        party = party_of_person(self.people[number])
        leaving = download(party, self.story.study_id, now=clock.now)
        packed = ZipFile(BytesIO(b"".join(leaving.pieces)))
        files = [name for name in packed.namelist() if name.endswith(".dcm")]
        return {str(dcmread(BytesIO(packed.read(name))).SOPInstanceUID) for name in files}
