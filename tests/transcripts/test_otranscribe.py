"""oTranscribe: lines as the program shows them, time stamps old and new, speakers as in plain text; what is refused, by line."""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.errors import TranscriptError
from relcode.records import Turn
from relcode.transcripts import import_transcripts, read_file
from relcode.transcripts.otranscribe import read_otranscribe
from relcode.transcripts.roles import Roles

DATA = Path(__file__).parents[1] / "data" / "transcripts"
NOBODY = Roles()


def stamp(raw: str, shown: str = "0:00:00") -> str:
    return f'<span class="timestamp" data-timestamp="{raw}">{shown}</span>'


A, B, C = stamp("1", "0:00:01"), stamp("2.5", "0:00:02"), stamp("3600", "1:00:00")


def put(folder: Path, html: object, name: str = "a.otr") -> Path:
    path = folder / name
    path.write_text(json.dumps({"text": html, "media": "a.mp3", "media-time": 4}), encoding="utf-8")
    return path


def said(path: Path, roles: Roles = NOBODY) -> list[tuple[str, str, float | None, float | None]]:
    (session,) = read_file(path, roles=roles)
    return [(turn.speaker, turn.text, turn.t0, turn.t1) for turn in session.turns]


def test_a_session_as_the_program_writes_it() -> None:
    notes: list[str] = []
    (session,) = read_file(DATA / "session.otr", notes=notes)
    assert session.turns == (
        Turn(1, "T", "So how was the week, Mrs Reed & family?", 1.204),
        Turn(2, "C", "[sighs] Hard. Really hard. He <the dog> died on Tuesday.", 6.55, 15.0),
        Turn(3, "T", "I am sorry. And your sister?", 19.75),
        Turn(4, "C", "She said: call me. She never did. [unintelligible at 1:00:12]", 3605.5, 3620.25),
    )
    assert [note.split(": ")[1] for note in notes] == [
        "2 line(s) before the first speaker were passed over",
        "1 time stamp(s) within a line were left out",
    ]


def test_a_session_of_the_first_versions() -> None:
    (session,) = read_file(DATA / "old.otr", roles=Roles(("Ada",), ("Nell",)))
    assert session.turns == (
        Turn(1, "T", "You came back."),
        Turn(2, "C", "I did. It is warmer here.", 7.0),
        Turn(3, "T", "Than at home?", 91.0),
        Turn(4, "C", "Than anywhere. laughs", 3662.0),
        Turn(5, "T", "Where is that?", 3669.0),
    )


@pytest.mark.parametrize(
    ("html", "turns"),
    [
        # lines: paragraphs, breaks, divisions; a line break of the file is none, nor is a change of type
        ("<p>T: a</p><p>C: b</p>", [("T", "a"), ("C", "b")]),
        ("T: a<br>C: b<br />T: c", [("T", "a"), ("C", "b"), ("T", "c")]),
        ("T: a<div>C: b</div><div><br></div><div>T: c</div>", [("T", "a"), ("C", "b"), ("T", "c")]),
        ("<P>T: a\nC: b</P>", [("T", "a C: b")]),
        ("<p>T: a <b>C</b>: <i>b</i></p>", [("T", "a C: b")]),
        ("<p><b>T:</b> a</p><p><span>C</span>: b", [("T", "a"), ("C", "b")]),
        # words: signs of HTML, spaces, what is no word; near misses: what looks like a sign and was typed
        ("<p>T: a &amp;&nbsp; b &lt;p&gt; &eacute;\u00a0 c</p>", [("T", "a & b <p> é c")]),
        ("<p>T: a<!-- <p>no --> b<img alt='no > no'> AT&T &#99999999; &lt</p>", [("T", "a b AT&T &#99999999; &lt")]),
        ("<p>T: a (laughs) (my mother)</p>", [("T", "a [laughs] (my mother)")]),
        ("<p>T: a &lt;span class='timestamp'&gt;1:00</p>", [("T", "a <span class='timestamp'>1:00")]),
        ("<p>T: 5 < 6 & 7</p>", [("T", "5 < 6 & 7")]),
        ("<p>T: \x01\x02a \ud800</p>", [("T", "a \ufffd")]),
        # speakers as in plain text
        ("<p>Title</p><p>T: a</p><p>b</p><p>C:</p><p>c</p>", [("T", "a b"), ("C", "c")]),
        ("<p>T\ta</p><p>T: he said: no</p><p>Client 2: b</p>", [("T", "a he said: no"), ("C2", "b")]),
    ],
)  # fmt: skip
def test_lines_are_those_that_the_program_shows(tmp_path: Path, html: str, turns: list[tuple[str, str]]) -> None:
    assert [(speaker, text) for speaker, text, _, _ in said(put(tmp_path, html))] == turns


@pytest.mark.parametrize(
    ("html", "turns"),
    [
        # at the beginning of lines, behind the mark, before its colon, above it on a line of its own
        (f"<p>{A} T: a</p><p>{B}C: b</p>", [("T", "a", 1.0, None), ("C", "b", 2.5, None)]),
        (f"<p>T: {A}a</p><p>C:{B} b</p>", [("T", "a", 1.0, None), ("C", "b", 2.5, None)]),
        (f"<p>T {A}: a</p><p>C {B}</p><p>b</p>", [("T", "a", 1.0, None), ("C", "b", 2.5, None)]),
        (f"{A}<br>T: a<br>{B}<br><br>C:<br>b", [("T", "a", 1.0, None), ("C", "b", 2.5, None)]),
        # at the ends; the next line begins there, but for one with a time of its own
        (f"<p>T: a {A}</p><p>C: b{B}</p>", [("T", "a", None, 1.0), ("C", "b", 1.0, 2.5)]),
        (f"<p>{A} T: a {B}</p><p>{C} C: b", [("T", "a", 1.0, 2.5), ("C", "b", 3600.0, None)]),
        (f"<p>T: a</p><p>C: b</p><p>{B}</p>", [("T", "a", None, None), ("C", "b", None, 2.5)]),
        # among words, several side by side; near misses: times typed by hand, a word before a stamp is no speaker
        (f"<p>T: a {A} and then: b</p>", [("T", "a and then: b", None, None)]),
        (f"<p>{A} {B} T: a</p>", [("T", "a", 2.5, None)]),
        (f"<p>T: {A} at [0:05] (0:07)</p>", [("T", "at [0:05] (0:07)", 1.0, None)]),
        ("<p>[0:05] T: a</p>", [("T", "a", 5.0, None)]),
        (f"<p>T: a</p><p>Nothing {A}</p>", [("T", "a Nothing", None, 1.0)]),
        # how a time is written: seconds, minutes above an hour, hours; else what is shown
        (f"<p>{stamp('3661.23456')} T: a</p>", [("T", "a", 3661.235, None)]),
        (f"<p>{stamp('90:05')} T: a</p>", [("T", "a", 5405.0, None)]),
        (f"<p>{stamp('1:30:05')} T: a</p>", [("T", "a", 5405.0, None)]),
        (f"<p>{stamp('', '1:05')} T: a</p>", [("T", "a", 65.0, None)]),
        (f"<p>{stamp('NaN', '0:01:05')} T: a</p>", [("T", "a", 65.0, None)]),
        ("<p><span class='x timestamp' onclick='no'>1:05</span> T: a</p>", [("T", "a", 65.0, None)]),
        ("<p><span class='timestamp'><span>1</span>:05</span> T: a</p>", [("T", "a", 65.0, None)]),
        # what was typed into a stamp is words
        (f"<p>{stamp('1', '0:00:01 T: a')} b</p>", [("T", "a b", 1.0, None)]),
        (f"<p>T: {stamp('1', 'so <span>it</span> was')} b</p>", [("T", "so it was b", 1.0, None)]),
        # a second tape
        (f"<p>T: a {C}</p><p>C: b {A}</p><p>T: c", [("T", "a", None, 3600.0), ("C", "b", None, 1.0), ("T", "c", 1.0, None)]),
        # set without media: no times
        (f"<p>{stamp('0')} T: a</p><p>{stamp('0')} C: b</p>", [("T", "a", None, None), ("C", "b", None, None)]),
        (f"<p>{stamp('0')} T: a</p><p>C: b</p>", [("T", "a", 0.0, None), ("C", "b", None, None)]),
        (f"<p>{stamp('0')} T: a</p><p>{A} C: b</p>", [("T", "a", 0.0, None), ("C", "b", 1.0, None)]),
    ],
)  # fmt: skip
def test_a_time_stamp_begins_what_follows_and_ends_a_line(
    tmp_path: Path, html: str, turns: list[tuple[str, str, float | None, float | None]]
) -> None:
    assert said(put(tmp_path, html)) == turns


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        (f"<p>T: secret</p><p><br></p><p>{stamp('NaN', 'NaN:aN')} C: secret</p>", [3]),
        (f"T: a {stamp('', 'secret')}<br>{stamp('-4', '')} C: secret<br>{stamp('9999999', '')}b", [1, 2, 3]),
        (f"<p>{B} T: secret {A}</p><p>C: b</p>", [1]),
        (f"<p>Date: secret</p><p>T: secret</p><p>C: {stamp('x', 'secret')}</p>", [3, 2]),
        ("<p>secret</p>" * 13 + "<p>T: a</p>", [1]),
    ],
)
def test_all_faults_are_listed_by_line(tmp_path: Path, html: str, lines: list[int]) -> None:
    path = put(tmp_path, html)
    with pytest.raises(TranscriptError) as caught:
        read_file(path)
    assert [fault.split(": ")[0] for fault in caught.value.faults] == [f"{path}:{line}" for line in lines]
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ('{"text": "secret', "a.otr:1: not valid JSON"),
        ('{"media": "secret"}', "holds no text of a transcript"),
        ('{"text": ["secret"]}', "holds no text of a transcript"),
        ('{"text": ""}', "no line begins with a speaker's mark"),
        ('{"text": "<p>secret words</p>"}', "no line begins with a speaker's mark"),
        ("T: secret\nC: secret\n", 'does not begin with {"text"'),
    ],
)
def test_what_is_no_transcript_is_said(tmp_path: Path, content: str, fault: str) -> None:
    (tmp_path / "a.otr").write_text(content)
    with pytest.raises(TranscriptError, match=fault) as caught:
        read_file(tmp_path / "a.otr")
    assert "secret" not in str(caught.value)


def test_folders_are_searched_for_the_suffix(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    put(tmp_path / "in", f"<p>{A} T: a</p><p>C: b</p>")
    report = import_transcripts([tmp_path / "in"], tmp_path / "out")
    assert len(report.imported) == 1


TYPED = ["so", "stone", "café", "at 5:30", "[NAME_3]", "don't", "#1", "Anna"]
AROUND = [
    A,
    B,
    "<b>",
    "</b>",
    "<i>x</i>",
    "&nbsp;",
    "\n",
    "<span>",
    "</span>",
    "<!-- -->",
    "<br>",
    "</p><p>",
    "<div>",
    "&amp;",
]


@given(st.lists(st.tuples(st.sampled_from(TYPED), st.lists(st.sampled_from(AROUND), max_size=4)), max_size=8))
def test_no_word_is_lost_whatever_stands_around_it(pieces: list[tuple[str, list[str]]]) -> None:
    html = "<p>T: go</p><p>" + "".join(f" {word} {''.join(signs)}" for word, signs in pieces)
    utterances, _ = read_otranscribe(Path("a.otr"), json.dumps({"text": html}))
    found, place = " ".join(utterance.text for utterance in utterances), 0
    for word, _ in pieces:
        place = found.find(word, place)
        assert place >= 0, "a word was lost"
        place += len(word)
    assert not {"\x01", "\x02"} & set(found)


HTML = st.lists(
    st.sampled_from([*AROUND, "T: ", "C", ":", "<", "&", "<span class=timestamp>", "1:0", "<!", "</", "'", '"', "\x01"])
)


@given(HTML.map("".join))
def test_mutilated_text_raises_nothing_else(html: str) -> None:
    with contextlib.suppress(TranscriptError):
        read_otranscribe(Path("a.otr"), json.dumps({"text": "<p>T: a</p>" + html}))


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<a ",
        "<!--",
        "<![",
        "--><!--",
        "&#9",
        "&",
        "((((",
        "\x01",
        f"{A}",
        "<p>",
        "</span>",
        "<span class=timestamp>",
        '<p "',
    ],
)
def test_long_lines_are_read_in_moments(piece: str) -> None:
    begun = time.monotonic()
    with contextlib.suppress(TranscriptError):
        read_otranscribe(Path("a.otr"), json.dumps({"text": "<p>T: a " + piece * 20_000}))
    assert time.monotonic() - begun < 5
