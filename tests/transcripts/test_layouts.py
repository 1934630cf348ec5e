"""Layouts that came with twenty years: Markdown, AM and PM, times behind the mark, cue settings, classes of voices."""

from __future__ import annotations

from pathlib import Path

import pytest

from relcode.errors import TranscriptError
from relcode.records import Turn
from relcode.transcripts import read_file
from relcode.transcripts.roles import Roles

ROLES = Roles(("Ada", "Ada Brook", "Speaker 1"), ("Nell", "Speaker 2"))


def turns(folder: Path, name: str, text: str) -> tuple[Turn, ...]:
    (folder / name).write_text(text, encoding="utf-8")
    return read_file(folder / name, roles=ROLES)[0].turns


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("**T:** a\n\n**C:** b", ["T a", "C b"]),
        ("**T**: a\n__C__: b", ["T a", "C b"]),
        ("- **Ada:** a\n- *Nell:* b", ["T a", "C b"]),
        ("***T:*** a\n> **C:** b", ["T a", "C b"]),
        ("**Ada** 0:01\na\n**Nell** 0:02\nb", ["T a", "C b"]),
        ("T: a\n**really** b", ["T a **really** b"]),
        ("T: a\n*so* b: c", ["T a *so* b: c"]),
        ("T: *really:* a", ["T *really:* a"]),
        ("Ada 00:00:01\na\nNell 00:00:02\nb", ["T a", "C b"]),
        ("T: a\nwe met 10:00:00", ["T a we met 10:00:00"]),
    ],
)
def test_marks_in_markdown_and_near_misses(tmp_path: Path, text: str, said: list[str]) -> None:
    assert [f"{turn.speaker} {turn.text}" for turn in turns(tmp_path, "a.txt", text)] == said


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("Speaker 1: [00:00:02] a\nSpeaker 2: [00:00:05] b", [2.0, 5.0]),
        ("Speaker 1: (0:02 - 0:03) a\nSpeaker 2: (0:05) b", [2.0, 5.0]),
        ("T: [inaudible 00:00:02] a\nC: 0:05 b", [None, None]),
        ("10:02:15 AM Ada: a\n10:02:20 AM Nell: b", [0.0, 5.0]),
        ("[11:59:58 AM] Ada: a\n[12:00:01 PM] Nell: b", [0.0, 3.0]),
        ("Ada  11:59 PM\na\nNell  12:01 AM\nb", [0.0, 120.0]),
        ("Ada (10:02:15 a.m.):\na\nNell (10:02:16 a.m.):\nb", [0.0, 1.0]),
        ("Ada: a\nNell: at 10:02 AM b", [None, None]),
    ],
)
def test_times_behind_the_mark_and_of_the_day(tmp_path: Path, text: str, times: list[float | None]) -> None:
    assert [turn.t0 for turn in turns(tmp_path, "a.txt", text)] == times


def test_a_time_kept_as_words_stays_in_them(tmp_path: Path) -> None:
    assert [turn.text for turn in turns(tmp_path, "a.txt", "T: at 0:02 a\nC: 0:05 b")] == [
        "at 0:02 a",
        "0:05 b",
    ]


VTT = """WEBVTT - a title
Kind: captions

NOTE this is a note
over two lines with a name: secret

STYLE
::cue(v[voice="Ada"]) { color: red }

REGION
id:left

intro
00:00:01.000 --> 00:00:02.000 align:start position:10%,line-left size:80%
<v.first.loud Ada>Hello <c.yellow>you</c></v>

2
00:02.000 --> 00:03.000
Nell (she/her): Hi.
"""


def test_notes_styles_regions_settings_and_voices_of_webvtt(tmp_path: Path) -> None:
    (tmp_path / "a.vtt").write_text(VTT)
    roles = Roles(("Ada",), ("Nell (she/her)",))
    assert read_file(tmp_path / "a.vtt", roles=roles)[0].turns == (
        Turn(1, "T", "Hello you", 1.0, 2.0),
        Turn(2, "C", "Hi.", 2.0, 3.0),
    )


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_line_ends_of_webvtt(tmp_path: Path, ends: str) -> None:
    (tmp_path / "a.vtt").write_bytes(VTT.replace("\n", ends).encode())
    assert len(read_file(tmp_path / "a.vtt", roles=Roles(("Ada",)))[0].turns) == 2


def test_a_note_is_no_cue_and_words_that_begin_with_note_are_words(tmp_path: Path) -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\nT: a\n\nNOTEWORTHY\n\n00:03.000 --> 00:04.000\nNOTE that\n"
    with pytest.raises(TranscriptError, match=r"a\.vtt:6: words that belong to no cue"):
        turns(tmp_path, "a.vtt", text)
    said = turns(tmp_path, "a.vtt", text.replace("NOTEWORTHY\n\n", ""))
    assert said[0].text == "a NOTE that"
