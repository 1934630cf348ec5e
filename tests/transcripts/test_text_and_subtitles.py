"""Plain text and SubRip: each layout to its exact turns, with near misses; what is refused, and in which line."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.errors import TranscriptError
from relcode.records import Turn
from relcode.transcripts import import_transcripts, read_file
from relcode.transcripts.read import detect_format
from relcode.transcripts.roles import Roles

DATA = Path(__file__).parents[1] / "data" / "transcripts"
TYPED = (
    Turn(1, "T", "So, how was it [pause 5 seconds] to come back here after the break?"),
    Turn(
        2,
        "C",
        "[laughs] I don't know. I thought: no, not again. It was / strange, I was so ang- so cross with you. "
        "[pause 12 seconds] 12 weeks is a long time.",
    ),
    Turn(3, "T", "Cross with me."),
    Turn(4, "C2", "He was. At 5:30 he said so."),
    Turn(5, "T", "Mm-hm. and you [?]"),
)
FILES = [
    ("typed.txt", Roles(), TYPED),
    (
        "numbered.txt",
        Roles(),
        (
            Turn(1, "T", "What happened then, when you went home?"),
            Turn(2, "C", "Nothing. I sat there for 3 hours and looked: nothing."),
            Turn(3, "T", "[sighs]"),
        ),
    ),
    (
        "otter.txt",
        Roles(("Dr. Ada Brook",), ("Nell Varga", "Unknown Speaker")),
        (
            Turn(1, "T", "How was the week?", 7.0),
            Turn(2, "C", "I guess I just agreed. We met at 5:30 and then: nothing.", 12.0),
            Turn(3, "C2", "Sorry.", 3723.0),
        ),
    ),
    (
        "rev.txt",
        Roles(("Speaker 1",)),
        (
            Turn(1, "T", "How was it?", 12.0),
            Turn(2, "C", "Fine, I suppose (00:20) or not. [unintelligible at 0:00:22]", 15.0),
            Turn(3, "T", "I see.", 3723.0),
        ),
    ),
    (
        "generic.txt",
        Roles(("Speaker 0",)),
        (Turn(1, "T", "Hello", 3.0), Turn(2, "C", "Hi. Well, it is: hard.", 5.5, 7.0), Turn(3, "T", "Mm.", 9.0)),
    ),
    (
        "zoom.txt",
        Roles(("Ada Brook",)),
        (Turn(1, "T", "How was the week?", 0.0), Turn(2, "C", "Long. [laughs] Very.", 6.0)),
    ),
    (
        "teams.txt",
        Roles(("Brook, Ada",)),
        (Turn(1, "T", "How was the week? And the weekend?", 3.0), Turn(2, "C", "Long.", 9.0)),
    ),
    (
        "whisperx.srt",
        Roles(("speaker_00",)),
        (
            Turn(1, "T", "How was the week?", 1.5, 3.25),
            Turn(2, "C", "Long. I thought: no. Really. And 2 more.", 4.0, 6.0),
        ),
    ),
    (
        "names.srt",
        Roles(("Ada",)),
        (
            Turn(1, "T", "Hello.", 1.0, 2.0),
            Turn(2, "C", "Hi, 12 [laughs] and then: no.", 1.0, 3.0),
            Turn(3, "T", "Mm.", 3602.0, 3603.5),
        ),
    ),
]


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def faults_of(path: Path) -> tuple[str, ...]:
    with pytest.raises(TranscriptError) as caught:
        read_file(path, roles=Roles(("Ada",)))
    assert "secret" not in str(caught.value).lower()
    return caught.value.faults


@pytest.mark.parametrize(("name", "roles", "turns"), FILES, ids=[name for name, _, _ in FILES])
def test_a_file_gives_its_turns_words_and_times(name: str, roles: Roles, turns: tuple[Turn, ...]) -> None:
    (session,) = read_file(DATA / name, roles=roles)
    assert session.turns == turns


@pytest.mark.parametrize("name", [name for name, roles, _ in FILES if roles.therapists])
def test_names_are_asked_about_never_guessed(name: str) -> None:
    with pytest.raises(TranscriptError, match="--therapist") as caught:
        read_file(DATA / name)
    assert not any(part in str(caught.value) for part in ("Ada", "Brook", "Nell", "Varga"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r", "mixed"])
@pytest.mark.parametrize(("name", "therapist"), [("typed.txt", "T"), ("whisperx.srt", "SPEAKER_00")])
def test_encodings_and_line_ends_change_nothing(
    tmp_path: Path, name: str, therapist: str, encoding: str, ends: str
) -> None:
    lines = (DATA / name).read_text(encoding="utf-8").split("\n")
    between = ["\n", "\r\n"] if ends == "mixed" else [ends]
    text = "".join(line + between[number % len(between)] for number, line in enumerate(lines))
    path = put(tmp_path, name, text.encode(encoding))
    roles = Roles((therapist,))
    assert read_file(path, roles=roles)[0].turns == read_file(DATA / name, roles=roles)[0].turns


def said(tmp_path: Path, name: str, text: str) -> list[str]:
    (session,) = read_file(put(tmp_path, name, text), roles=Roles(("Ada", "SPEAKER_00"), ("Nell",)))
    return [f"{turn.speaker} {turn.text}" for turn in session.turns]


@pytest.mark.parametrize(
    ("text", "turns"),
    [
        ("T1: a\nC1: b", ["T a", "C b"]),
        ("t: a\nTherapist 2: b", ["T a", "T2 b"]),
        ("T:a\nP:b", ["T a", "C b"]),
        ("T: a\n(pause: five) b", ["T a (pause: five) b"]),
        ("T: a\n[inaudible 00:03] b", ["T a [unintelligible at 0:00:03] b"]),
        ("T: a\nand then he said: no", ["T a and then he said: no"]),
        ("T: a\n   Mother: no", ["T a Mother: no"]),
        ("  T: a\n  C: b\n     Nell: c", ["T a", "C b Nell: c"]),
        ("  T: a\n  Nell: c", ["T a", "C c"]),
        ("T: a\n3 weeks\nC: b", ["T a 3 weeks", "C b"]),
        ("1 T: a\n2 3 weeks\n3 C: b", ["T a 3 weeks", "C b"]),
        ("1 T: a\n3 weeks\n2 C: b", ["T a 3 weeks", "C b"]),
        ("T:\na\nC:\nb", ["T a", "C b"]),
        ("T: a\n\fC: b", ["T a", "C b"]),
        ("T: a\nWe met  5:30", ["T a We met  5:30"]),
        ("T: a\nat 5:30", ["T a at 5:30"]),
        ("Ada  0:01\na\nand so: b\nNell\t0:02\nc", ["T a and so: b", "C c"]),
        ("Ada  0:01\na\nNell: c", ["T a", "C c"]),
        ("Ada (0:01)\na\nNell [0:02]\nso (0:03)", ["T a", "C so (0:03)"]),
        ("[Ada] a\nT: b", ["T b"]),  # a name in brackets, neither colon nor time behind it, is no mark
        ("[SPEAKER_00] a\n[laughs] b", ["T a [laughs] b"]),
        ("00:00:01\tAda:\ta\n00:00:02\tNell:\tb", ["T a", "C b"]),
        ("A title\nDate: today\n\nT: a", ["T a"]),
    ],
)
def test_marks_and_near_misses_of_plain_text(tmp_path: Path, text: str, turns: list[str]) -> None:
    assert said(tmp_path, "a.txt", text) == turns


@pytest.mark.parametrize(
    ("start", "times"),
    [
        ("Ada  1:02", (62.0, None)),
        ("Ada (1:02:03):", (3723.0, None)),
        ("[00:01.5 - 00:02] Ada:", (1.5, 2.0)),
        ("12 00:01 Ada:", (1.0, None)),
        ("Ada [0:05]:", (5.0, None)),
        ("[Ada] 00:07", (7.0, None)),
        ("[Ada] 10:00:07", (0.0, None)),
        ("Ada:", (None, None)),
    ],
)
def test_times_beside_a_mark_are_kept(tmp_path: Path, start: str, times: tuple[float | None, float | None]) -> None:
    (session,) = read_file(put(tmp_path, "a.txt", f"{start}\nat 9:30, yes"), roles=Roles(("Ada",)))
    assert session.turns == (Turn(1, "T", "at 9:30, yes", *times),)


def test_lines_passed_over_are_noted_by_an_import(tmp_path: Path) -> None:
    report = import_transcripts(
        [DATA / "otter.txt"], tmp_path, therapists=["Dr. Ada Brook"], clients=["Nell Varga", "x"]
    )
    assert report.faults
    assert [note.split(":")[0] for note in report.notes] == ["roles are not known in some files"]
    report = import_transcripts([DATA / "typed.txt"], tmp_path)
    assert report.notes == [f"{DATA / 'typed.txt'}: 3 line(s) before the first speaker were passed over"]
    notes: list[str] = []
    read_file(DATA / "otter.txt", roles=FILES[2][1], notes=notes)
    assert [note.split(": ")[1][:9] for note in notes] == ["6 line(s)", "1 line(s)"]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("Secret words\nand more.", ["a.txt: no line begins with a speaker's mark; expected `T: words`"]),
        ("Secret\n" * 13 + "T: a", ["a.txt:1: 13 lines stand before the first speaker's mark (line 14)"]),
        ("Date: secret\nTherapist: Secret\n\nT: a", ["a.txt:2: a speaker's mark among particulars"]),
        ("Therapist: Secret\nDate: secret\n\nT: a", ["a.txt:1: a speaker's mark among particulars"]),
        ("T: a\n0:0:3.1 --> 0:0:4.2\nsecret", ["a.txt:2: a caption's times"]),
        ("10:02:15 From Secret to Everyone: a\n10:02:16 From B to Everyone: b", ["a.txt:1: a chat message"]),
        (
            "T: a\nMother: secret",
            ["a.txt: no role is known for the 2nd speaker mark in the file (1 utterance), first in line 2"],
        ),
        ("Ada: a\n\nC: b\nMother  0:12\nsecret", ["a.txt: no role is known for the 3rd"]),
        ("T: caf\xe9 secret".encode("latin-1"), ["a.txt:1: not valid UTF-8"]),
    ],
)
def test_what_plain_text_does_not_say_is_refused(tmp_path: Path, text: str | bytes, faults: list[str]) -> None:
    found = faults_of(put(tmp_path, "a.txt", text))
    assert len(found) == len(faults)
    assert all(start in fault for fault, start in zip(found, faults, strict=True)), found


def test_another_encoding_is_refused_with_line_and_remedy(tmp_path: Path) -> None:
    with pytest.raises(TranscriptError, match=r"a.txt:2: not valid UTF-8; save the file as UTF-8"):
        read_file(put(tmp_path, "a.txt", "T: a\nC: caf\xe9".encode("cp1252")))


CUE = "1\n00:00:01,000 --> 00:00:02,000\n"


@pytest.mark.parametrize(
    ("text", "turns"),
    [
        (CUE + "T: a\nC: b", ["T a", "C b"]),
        (CUE + "T: a\nand so: b", ["T a and so: b"]),
        (CUE + "T: a\n2\n00:00:03,000 --> 00:00:04,000\nC: b", ["T a", "C b"]),
        (CUE + "T: a\n2 b\n2", ["T a 2 b 2"]),
        (CUE + "T: 2 < 3 <font color='red'>b</font> <laughs>", ["T 2 < 3 b [laughs]"]),
        (CUE + "- Ada: a\n- Nell: b", ["T a", "C b"]),
        (CUE + "T: a\n- b", ["T a - b"]),
        (CUE + "\n\n2\n00:00:03,000 --> 00:00:04,000\nT: a", ["T a"]),
        ("00:00:01 --> 00:00:02\nT: a", ["T a"]),
    ],
)
def test_marks_and_near_misses_of_subrip(tmp_path: Path, text: str, turns: list[str]) -> None:
    assert said(tmp_path, "a.srt", text) == turns


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (CUE + "T: a\n\n2\n00:00:03 -> 00:00:04\nC: secret", [6]),
        (CUE + "T: a\n\nsecret\nwords\n\n2\n00:00:99,000 --> 00:01:40,000\nC: b", [5, 9]),
        (CUE + "secret\n\n2\n00:00:03,000 --> 00:00:04,000\nsecret\n\n3\n00:00:05,000 --> 00:00:06,000\nT: a", [3, 7]),
        (CUE + "T: a\n>> secret", [4]),
        (CUE + "- T: a\n- secret", [4]),
        (CUE + "- Ada: a\n\n2\n00:00:03,000 --> 00:00:04,000\n- secret\n- b", [7, 8]),
        ("1\n00:00:05,000 --> 00:00:02,000\nT: secret", [3]),
        ("secret", [1]),
    ],
)
def test_what_subrip_does_not_say_is_refused_by_line(tmp_path: Path, text: str, lines: list[int]) -> None:
    path = put(tmp_path, "a.srt", text)
    assert [int(fault.removeprefix(f"{path}:").split(":")[0]) for fault in faults_of(path)] == lines


def test_content_comes_before_the_suffix(tmp_path: Path) -> None:
    for name, text, wanted in [
        ("a.txt", CUE + "T: a", "srt"),
        ("b.txt", "WEBVTT\n", "vtt"),
        ("c.srt", "WEBVTT\n", "vtt"),
        ("d.txt", "[00:00:03] Speaker 0: a", "txt"),
        ("e.TXT", "T: a", "txt"),
        ("f.txt", '{"session_id": "S"}\n', "jsonl"),
    ]:
        path = put(tmp_path, name, text)
        assert detect_format(path, path.read_bytes()) == wanted


@pytest.mark.parametrize("start", ["", "x", "12", "[0:01", "Ada 0:01", "- ", "0:01 -->", "1:1:1"])
def test_long_lines_are_read_in_moments(tmp_path: Path, start: str) -> None:
    line = start + " " * 200_000 + "x"
    assert said(tmp_path, "a.txt", f"T: a\n{line}") == [f"T a {line.strip()}"]


TOKENS = "a b, [laughs] (so) / wo- 12 I'm [sic] [?] é 5:30 -"
WORDS = st.lists(st.sampled_from(TOKENS.split()), min_size=1, max_size=40)


@given(st.lists(WORDS.map(" ".join), min_size=1, max_size=6))
def test_wrapped_lines_are_joined_to_the_turns_that_were_written(
    tmp_path_factory: pytest.TempPathFactory, words: list[str]
) -> None:
    turns = tuple(Turn(n, "TC"[n % 2], text) for n, text in enumerate(words, start=1))
    written = "\n".join(textwrap.fill(f"{turn.speaker}: {turn.text}", 30, break_on_hyphens=False) for turn in turns)
    (session,) = read_file(put(tmp_path_factory.mktemp("w"), "a.txt", written))
    assert session.turns == turns


@given(st.lists(WORDS.map(" ".join), min_size=1, max_size=6))
def test_subtitles_give_the_turns_and_times_that_were_written(
    tmp_path_factory: pytest.TempPathFactory, words: list[str]
) -> None:
    turns = tuple(Turn(n, "TC"[n % 2], text, n + 0.25, n + 1.0) for n, text in enumerate(words, start=1))
    cues = (f"{t.turn}\n00:00:0{t.turn},250 --> 00:00:0{t.turn + 1},000\n[{t.speaker}]: {t.text}\n" for t in turns)
    (session,) = read_file(put(tmp_path_factory.mktemp("s"), "a.srt", "\n".join(cues)))
    assert session.turns == turns
