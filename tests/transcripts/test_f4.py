"""f4, f5 and MAXQDA: time marks are points between words; Dresing and Pehl's signs become notes, nothing that is a word lost."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.errors import TranscriptError
from relcode.records import Turn
from relcode.transcripts import import_transcripts, read_file
from relcode.transcripts.f4 import read_f4
from relcode.transcripts.f4_words import readable
from relcode.transcripts.roles import Roles

DATA = Path(__file__).parents[1] / "data" / "transcripts"
ROLES = Roles(("I",), ("B1",))


def put(folder: Path, text: str) -> Path:
    path = folder / "a.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_interview_as_f4_writes_it() -> None:
    (session,) = read_file(DATA / "f4.txt", roles=ROLES)
    assert session.turns == (
        Turn(1, "T", "Guten Tag, Frau Weiß. Wie war die Woche?", None, 4.2),
        Turn(2, "C", "[sighs] Schwierig. [pause] Ich habe mir Sor- Gedanken gemacht.", 4.2, 12.9),
        Turn(3, "T", "Worüber? [mhm]", 12.9, 15.0),
        Turn(
            *(4, "C"),
            "Über die Axt [?] im Schuppen [laughs] und über [unintelligible] meine Schwester. [pause 5 seconds] "
            "Sie [overlap] hat nie [overlap ends] angerufen.",
            *(15.0, 100.0),
        ),
        Turn(5, "T", "[overlap] Nie? [overlap ends]", 100.0, 101.3),
        Turn(6, "C", "[schaut aus dem fenster] NIE. (meine Mutter) sagt: das wird schon.", 101.3, 115.7),
    )


A, B, C, D = "#00:00:01-0#", "#00:00:02-5#", "#00:01:00-0#", "#01:00:00-0#"


@pytest.mark.parametrize(
    ("lines", "turns"),
    [
        # at the end of paragraphs, at their beginning, behind the speaker's mark, on lines of their own
        ([f"T: a {A}", f"C: b {B}"], [("T", "a", None, 1.0), ("C", "b", 1.0, 2.5)]),
        ([f"{A} T: a", f"{B} C: b"], [("T", "a", 1.0, 2.5), ("C", "b", 2.5, None)]),
        ([f"T: {A} a", f"C:{B}b"], [("T", "a", 1.0, 2.5), ("C", "b", 2.5, None)]),
        ([f"T ({A}): a", f"C {B}: b"], [("T", "a", 1.0, 2.5), ("C", "b", 2.5, None)]),
        ([f"T: a {A} and then: b", f"C: c {B}"], [("T", "a and then: b", None, None), ("C", "c", None, 2.5)]),
        ([A, "T: a", "", B, "C: b", C], [("T", "a", 1.0, 2.5), ("C", "b", 2.5, 60.0)]),
        (["A title", A, "T: a", "C: b"], [("T", "a", 1.0, None), ("C", "b", None, None)]),
        (["Datum: 3. Mai", "Dauer: 50 Minuten", "", f"T: a {A}", "C: b"], [("T", "a", None, 1.0), ("C", "b", 1.0, None)]),
        # both; several in a paragraph; every third one only; a paragraph that goes on
        ([f"{A} T: a {B}", f"{C} C: b {D}"], [("T", "a", 1.0, 2.5), ("C", "b", 60.0, 3600.0)]),
        ([f"T: a {A} b{B}c", f"C: d {C}"], [("T", "a b c", None, None), ("C", "d", None, 60.0)]),
        ([f"T: a (unv. {A}) b {B}"], [("T", "a [unintelligible] b", None, 2.5)]),
        ([f"T: a {A} b {B} {C}"], [("T", "a b", None, 2.5)]),
        ([f"T: a {A}", "C: b", f"T: c {C}"], [("T", "a", None, 1.0), ("C", "b", 1.0, None), ("T", "c", None, 60.0)]),
        ([f"T: a {A}", "C: b", "", f"c {C}"], [("T", "a", None, 1.0), ("C", "b c", 1.0, 60.0)]),
        # other spellings; near misses: what is said about times and numbers
        (["T: a #00:00:01.5#", "C: b #1:02,25#"], [("T", "a", None, 1.5), ("C", "b", 1.5, 62.25)]),
        (["T: a #00:00:01#", "C: b"], [("T", "a", None, 1.0), ("C", "b", 1.0, None)]),
        ([f"T: at 5:30, #1, C# 00:00:03 {A}"], [("T", "at 5:30, #1, C# 00:00:03", None, 1.0)]),
        # a second tape
        ([f"T: a {D}", f"C: b {A}", f"T: c {B}"], [("T", "a", None, 3600.0), ("C", "b", None, 1.0), ("T", "c", 1.0, 2.5)]),
        ([f"T: a {A}", f"C: b {A}"], [("T", "a", None, 1.0), ("C", "b", 1.0, 1.0)]),
    ],
)  # fmt: skip
def test_a_time_mark_ends_what_stands_before_it_and_begins_what_stands_behind_it(
    tmp_path: Path, lines: list[str], turns: list[tuple[str, str, float | None, float | None]]
) -> None:
    (session,) = read_file(put(tmp_path, "\n".join(lines)))
    assert [(turn.speaker, turn.text, turn.t0, turn.t1) for turn in session.turns] == turns


@pytest.mark.parametrize(
    ("lines", "faults"),
    [
        ([f"T: secret {B}", f"C: secret {A}"], {2: "lies before the one above it (line 1)"}),
        ([f"T: {D} secret", "", f"C: secret {C}", f"T: a {B}"], {3: "(line 1)", 4: "(line 3)"}),
        ([f"T: secret {C} secret {B}"], {1: "(line 1)"}),
        ([f"T: a {A}", "C: secret #00:61:00-0#"], {2: "cannot be read"}),
        ([f"T: a {A}", "C: secret #00:00:75-0#", "T: #00:01:12-3", "C: #00:01.12.3#"], {2: "cannot", 3: "cannot", 4: "cannot"}),
        ([f"T: a {A}", B, f"C: secret {A}"], {3: "(line 2)"}),
    ],
)  # fmt: skip
def test_time_marks_that_cannot_be_right_are_listed_by_line(
    tmp_path: Path, lines: list[str], faults: dict[int, str]
) -> None:
    path = put(tmp_path, "\n".join(lines))
    with pytest.raises(TranscriptError) as caught:
        read_file(path)
    assert [fault.split(": ")[0] for fault in caught.value.faults] == [f"{path}:{number}" for number in faults]
    assert all(said in fault for said, fault in zip(faults.values(), caught.value.faults, strict=True))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        # silences; near misses: years, doubt
        ("so (.) (..) (...) (…) no", "so [pause] [pause] [pause] [pause] no"),
        ("a (5) (3,5) (7 Sek.) (4s) (Pause: 12 Sekunden)b", "a [pause 5 seconds] [pause 3.5 seconds] [pause 7 seconds] "
         "[pause 4 seconds] [pause 12 seconds] b"),
        ("(Pause) (kurze Pause) (lange Pause) (längere Pause)", "[pause] [short pause] [long pause] [long pause]"),
        ("(1989) (5?)", "(1989) 5 [?]"),
        # not understood; near miss: a word that begins so
        ("(unv.) (unv) (unverständlich) (unv., Handy stört)", " ".join(["[unintelligible]"] * 4)),
        ("das(unv. 00:15:17)so (unv.00:15:17-3)", "das [unintelligible at 0:15:17] so [unintelligible at 0:15:17]"),
        ("(unvergesslich)", "(unvergesslich)"),
        # heard with doubt
        ("die (Axt?) im", "die Axt [?] im"),
        # what is done; near misses: what may have been said
        ("(lacht) (LACHT laut) (beide lachen) (räuspert sich)", "[laughs] [laughs] [laughs] [clears throat]"),
        ("(lacht mich aus) (meine Mutter) (und)", "(lacht mich aus) (meine Mutter) (und)"),
        ("Ja(lacht)und", "Ja [laughs] und"),
        # broken off; near misses: both at once, a sign of its own
        ("Sor/ Gedan/, und/oder / so km/h", "Sor- Gedan-, und/oder / so km/h"),
        # overlap, listeners; near misses: what both may have said, addresses, one without its partner
        ("ich //hab das// nie", "ich [overlap] hab das [overlap ends] nie"),
        ("ich //mhm// habe //Hm-hm// das //aha//", "ich [mhm] habe [hm-hm] das [aha]"),
        ("//ja// mhm //nein//", "[overlap] ja [overlap ends] mhm [overlap] nein [overlap ends]"),
        ("bei https://a.de //so", "bei https://a.de [overlap] so [overlap ends]"),
        ("//// a // //", "//// a"),
        ("WIRKLICH [NAME_1] ((zeigt)) [?]", "WIRKLICH [NAME_1] ((zeigt)) [?]"),
    ],
)  # fmt: skip
def test_signs_become_notes(line: str, text: str) -> None:
    assert readable(line) == text


def test_why_is_said_and_the_format_can_be_forced_and_prevented(tmp_path: Path) -> None:
    path = put(tmp_path, f"T: so (5) {A}\nC: no (unv.)\n")
    (session,) = read_file(path, file_format="txt")
    assert [turn.text for turn in session.turns] == [f"so (5) {A}", "no (unv.)"]
    assert any("time marks of f4" in note for note in import_transcripts([path], tmp_path / "out").notes)
    plain = put(tmp_path, "T: so (5)\nC: no (unv.)\n")
    (session,) = read_file(plain, file_format="f4")
    assert [turn.text for turn in session.turns] == ["so [pause 5 seconds]", "no [unintelligible]"]


def test_a_long_line_of_signs_is_read_in_moments() -> None:
    for sign in ("(", "//", "(unv. ", "( a", "a/", "(5", "#00:", "(lacht "):
        readable(sign * 20_000)
        with contextlib.suppress(TranscriptError):
            read_f4(Path("a.txt"), f"T: {sign * 20_000}")


WORDS = ["so", "Axt", "wütend", "Anna", "don't", "und/oder", "1989", "[NAME_3]", "nie"]
SIGNS = [
    "(.)",
    "(5)",
    " // ",
    " //",
    "// ",
    "(unv.)",
    "(lacht)",
    "/ ",
    "((nickt))",
    "(",
    ")",
    "?",
    ".",
    "[",
    "]",
    " mhm ",
]


@given(st.lists(st.tuples(st.sampled_from(WORDS), st.lists(st.sampled_from(SIGNS), max_size=4)), max_size=8))
def test_no_word_is_lost_whatever_signs_stand_around_it(pieces: list[tuple[str, list[str]]]) -> None:
    found = readable("".join(f" {word}{''.join(signs)}" for word, signs in pieces))
    place = 0
    for word, _ in pieces:
        place = found.find(word, place)
        assert place >= 0, "a word was lost"
    assert found.count("[overlap]") == found.count("[overlap ends]")


@given(st.lists(st.tuples(st.sampled_from("TC"), st.integers(0, 36_000), st.booleans()), min_size=1, max_size=9))
def test_times_are_read_as_they_are_written(turns: list[tuple[str, int, bool]]) -> None:
    tenths = sorted(tenth for _, tenth, _ in turns)
    marks = [f"#{t // 36000:02d}:{t // 600 % 60:02d}:{t // 10 % 60:02d}-{t % 10}#" for t in tenths]
    ends = [f"{who}: w{n} {mark}" for n, ((who, _, _), mark) in enumerate(zip(turns, marks, strict=True))]
    utterances, _ = read_f4(Path("a.txt"), "\n".join(ends))
    assert [u.t1 for u in utterances] == [t / 10 for t in tenths]
    assert [u.t0 for u in utterances] == [None, *[t / 10 for t in tenths[:-1]]]
    assert [u.text for u in utterances] == [f"w{n}" for n in range(len(turns))]


@given(st.text(alphabet="TC: \n()#0159-./unv?\x00\u2028", max_size=80))
def test_mutilated_text_raises_nothing_else(text: str) -> None:
    with contextlib.suppress(TranscriptError):
        utterances, _ = read_f4(Path("a.txt"), text)
        assert not any(re.search(r"#\d{1,2}:\d\d:\d\d#", utterance.text) for utterance in utterances)


def test_a_word_document_of_f4_is_read_with_its_times_and_faults_name_the_paragraph(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"

    def write(*paragraphs: str) -> None:
        document = docx.Document()
        for text in paragraphs:
            document.add_paragraph(text)
        document.save(str(path))

    write("A title", f"T: a (5) {A}", "", f"{A} C: b (unv.)", B, f"T: c {C}")
    notes: list[str] = []
    (session,) = read_file(path, notes=notes)
    assert session.turns == (
        Turn(1, "T", "a [pause 5 seconds]", None, 1.0),
        Turn(2, "C", "b [unintelligible]", 1.0, 2.5),
        Turn(3, "T", "c", 2.5, 60.0),
    )
    assert any("time marks of f4" in note for note in notes)
    write("A title", f"T: a {B}", f"C: secret {A}")
    with pytest.raises(TranscriptError, match=r"a.docx: paragraph 3: .* \(paragraph 2\)") as caught:
        read_file(path)
    assert "secret" not in str(caught.value)
