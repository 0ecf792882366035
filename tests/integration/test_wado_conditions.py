"""What the caller has already is not sent again, and a part is sent where a part is wanted."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from starlette.testclient import TestClient

from asking import INSTANCE, SERIES, STUDY, store
from cast import Person
from objects import a_file, uid
from safelight.exchange.release.models import Look
from safelight.exchange.release.viewing.looks import LOOK_LASTS
from story import Story, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

PATHS = (
    STUDY, SERIES, INSTANCE, f"{STUDY}/metadata", f"{SERIES}/metadata", f"{INSTANCE}/metadata",
    f"{INSTANCE}/frames/1", f"{INSTANCE}/rendered", f"{SERIES}/rendered", f"{STUDY}/thumbnail",
    f"{SERIES}/thumbnail", f"{INSTANCE}/thumbnail", f"{INSTANCE}/bulkdata/7fe00010",
)  # fmt: skip


def test_what_the_caller_has_is_not_sent_again(web: TestClient, owner: Person) -> None:
    store(web, owner, a_file())
    for path in PATHS:
        first = web.get(path, headers=owner.headers)
        tag = first.headers["etag"]
        assert re.fullmatch('"[0-9a-f]{32}"', tag), path
        for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = web.get(path, headers=owner.headers | {"If-None-Match": known})
            assert (again.status_code, again.content) == (304, b""), path
            assert again.headers["etag"] == tag
            assert again.headers["cache-control"] == "private, no-store"
        other = web.get(path, headers=owner.headers | {"If-None-Match": '"other"'})
        assert other.status_code == 200, path
        head = web.head(path, headers=owner.headers)
        assert (head.status_code, head.content) == (200, b""), path
        assert head.headers["etag"] == tag
        length = first.headers.get("content-length")
        assert head.headers.get("content-length") in {length, None}, path


def test_a_validator_changes_with_what_is_seen_and_with_the_form(
    web: TestClient, owner: Person
) -> None:
    store(web, owner, a_file())
    wide = (STUDY, SERIES, f"{SERIES}/metadata", f"{SERIES}/rendered", f"{SERIES}/thumbnail")
    before = {path: web.get(path, headers=owner.headers).headers["etag"] for path in PATHS}
    store(web, owner, a_file(2))
    after = {path: web.get(path, headers=owner.headers).headers["etag"] for path in PATHS}
    for path in wide:
        assert before[path] != after[path], path
    assert before[f"{INSTANCE}/frames/1"] == after[f"{INSTANCE}/frames/1"]
    tags = {
        web.get(f"{INSTANCE}/rendered{query}", headers=owner.headers | {"Accept": accept})
        .headers["etag"]
        for query in ("", "?quality=50")
        for accept in ("image/png", "image/jpeg")
    }  # fmt: skip
    assert len(tags) == 4


def test_two_people_with_the_same_picture_have_validators_that_do_not_tell(
    web: TestClient, owner: Person, stranger: Person
) -> None:
    store(web, owner, a_file())
    store(web, stranger, a_file())
    for path in PATHS:
        one = web.get(path, headers=owner.headers).headers["etag"]
        other = web.get(path, headers=stranger.headers)
        assert other.headers["etag"] != one, path
        known = web.get(path, headers=stranger.headers | {"If-None-Match": one})
        assert known.status_code == 200, path
        nothing = web.get(
            path.replace(uid(1), "1.2.3"), headers=stranger.headers | {"If-None-Match": "*"}
        )
        assert nothing.status_code == 404, path


def test_what_is_not_sent_again_is_a_look_all_the_same_and_ends_with_the_share(
    story: Story,
    moved_clock: Callable[[timedelta], datetime],
) -> None:
    shared = story.share()
    cookie = open_share(shared)
    path = f"{story.address}/frames/1"
    tag = story.under(shared, path, cookie).headers["etag"]
    address = str(story.under(shared, path, cookie).request.url)
    looks = Look.objects.count()
    moved_clock(LOOK_LASTS)
    headers = {"Cookie": f"__Host-guest={cookie}", "If-None-Match": tag}
    assert story.web.get(address, headers=headers).status_code == 304
    assert Look.objects.count() == looks + 1


def test_a_part_of_a_value_is_sent_where_a_part_is_wanted(web: TestClient, owner: Person) -> None:
    store(web, owner, a_file())
    path = f"{INSTANCE}/bulkdata/7fe00010"
    headers = owner.headers | {"Accept": "application/octet-stream"}
    whole = web.get(path, headers=headers)
    assert whole.headers["accept-ranges"] == "bytes"
    for asked, start, stop in (
        ("0-9", 0, 10),
        ("500-", 500, 512),
        ("-12", 500, 512),
        ("510-999", 510, 512),
    ):
        got = web.get(path, headers=headers | {"Range": f"bytes={asked}"})
        assert got.status_code == 206
        assert got.headers["content-range"] == f"bytes {start}-{stop - 1}/512"
        assert got.headers["content-length"] == str(stop - start)
        assert got.content == whole.content[start:stop]
    for asked in ("bytes=0-1,4-5", "lines=1-2", "bytes=9-1", "bytes=-"):
        got = web.get(path, headers=headers | {"Range": asked})
        assert (got.status_code, got.content) == (200, whole.content)
    behind = web.get(path, headers=headers | {"Range": "bytes=512-"})
    assert (behind.status_code, behind.json()["code"]) == (416, "out_of_range")
