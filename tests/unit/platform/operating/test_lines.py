"""Is each event one line, whatever it holds, and is nothing that others chose in it?"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from io import StringIO

import orjson
import pytest

from safelight.platform.operating import lines

HOSTILE = [
    "Olga\r\nOwner",
    'one\n{"level": "error"}',
    "\x1b[2Jgone",
    "1.2.840.113619.2.55",
    "\u2028next",
    "%s%s%n",
    "a" * 5000,
    "\udcff",
]


class _Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def kept() -> Iterator[None]:
    """Put the logging of the tests back afterwards."""
    root, ours = logging.getLogger(), logging.getLogger(lines.OURS)
    before = root.handlers, root.level, ours.level
    yield
    root.handlers, level, our_level = before
    root.setLevel(level)
    ours.setLevel(our_level)
    logging.captureWarnings(capture=False)


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("value", HOSTILE, ids=ascii)
def test_events_are_as_many_as_lines_and_others_words_are_in_none(value: str) -> None:
    out = StringIO()
    lines.begin("debug", to=out)
    stranger = logging.getLogger("library.of.others")
    stranger.warning("could not read %s", value)
    stranger.warning(f"could not read {value}")
    try:
        float(f"no number: {value}")
    except ValueError:
        stranger.exception("failed")
        logging.getLogger("safelight.web").exception("a page failed")
    written = out.getvalue().splitlines()
    assert len(written) == len(out.getvalue().split("\n")) - 1 == 4
    told = [orjson.loads(each) for each in written]
    assert [each["text"] for each in told] == [
        "could not read %s",
        told[1]["text"],
        "said at test_lines:" + told[2]["text"].rpartition(":")[2],
        "a page failed",
    ]
    assert all(value[:40] not in each for each in written)
    assert told[3]["exception"] == "ValueError"
    assert told[3]["places"]


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("value", HOSTILE, ids=ascii)
def test_a_terminal_is_not_moved_by_what_our_own_line_holds(value: str) -> None:
    out = _Terminal()
    lines.begin("info", to=out)
    logging.getLogger("safelight.tests").info("odd: %s", value)
    assert out.getvalue().count("\n") == 1
    assert len(out.getvalue().splitlines()) == 1
    assert "\x1b" not in out.getvalue()


@pytest.mark.usefixtures("kept")
def test_a_line_names_its_request_and_what_is_said_beside_the_text() -> None:
    out = StringIO()
    lines.begin("info", to=out)
    told = lines.REQUEST.set("abc")
    logging.getLogger("safelight.requests").info("request", extra={lines.SAID: {"status": 200}})
    lines.REQUEST.reset(told)
    line = orjson.loads(out.getvalue())
    assert (line["request"], line["status"], line["level"]) == ("abc", 200, "info")


@pytest.mark.usefixtures("kept")
def test_a_level_keeps_the_rest_out_and_an_unknown_one_is_refused() -> None:
    out = StringIO()
    lines.begin("error", to=out)
    logging.getLogger("safelight.web").warning("not now")
    logging.getLogger("library.of.others").warning("not now")
    assert out.getvalue() == ""
    with pytest.raises(lines.UnknownLevelError):
        lines.begin("loud", to=sys.stderr)
