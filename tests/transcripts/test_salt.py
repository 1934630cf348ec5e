"""SALT: utterances by speaker's letter as readable text, times of time marks; what is refused, and on which line."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.errors import TranscriptError
from relcode.records import Turn
from relcode.transcripts import import_transcripts, read_file
from relcode.transcripts.read import detect_format
from relcode.transcripts.roles import Roles
from relcode.transcripts.salt import read_salt
from relcode.transcripts.salt_words import readable

DATA = Path(__file__).parents[1] / "data" / "transcripts"
TURNS = (
    Turn(1, "T", "So how was the week?", 0.0),
    Turn(2, "C", "Um it was ok."),
    Turn(3, "T", "Ok [nods]. [pause 4 seconds] And the [overlap] school? [overlap ends]"),
    Turn(4, "C", "[overlap] I don't [overlap ends] go any more..."),
    Turn(5, "C2", "He stopped going on Tuesday. He says he's tired.", 31.0),
    Turn(6, "C", "I was- I was tired -"),
    Turn(7, "C2", "You sleep till noon! [pause 3 seconds]"),
    Turn(8, "T", "You both look at me now."),
    Turn(9, "C", "[unintelligible]."),
    Turn(10, "T", "[leans forward] What happened on Tuesday?"),
    Turn(11, "C", "Nothing. My teacher's dog died. We were [woof] [woof] [ha] with it.", 65.0),
    Turn(12, "T", "[pause 2 seconds] Your teacher's dog."),
    Turn(13, "C", "He was called Mister Brown and he old. And the other boys was laughing."),
    Turn(14, "T", "They laughed."),
    Turn(15, "C", "One of them went [imitates] [unintelligible]. I hadn't cried"),
    Turn(16, "T", "You wanted to. [pause 12 seconds]"),
    Turn(17, "C", "I wanted to hit him and then I thought I couldn't come back."),
    Turn(18, "C2", "You did not tell me that."),
    Turn(19, "C", "You never asked!"),
    Turn(20, "T", "[overlap] Mm. [overlap ends]"),
    Turn(21, "C2", "[overlap] I ask you [overlap ends] every day, you walk away."),
    Turn(22, "C", "[unintelligible]."),
    Turn(23, "T", "Could you tell her now what you what you needed?"),
    Turn(24, "C", "I needed you I needed you to sit with me and... Not to fix it.", 760.0),
    Turn(25, "C2", "Oh [cries]. I'd have."),
)


def put(folder: Path, *lines: str, header: str = "$ Client, Therapist", name: str = "a.slt") -> Path:
    path = folder / name
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return path


NOBODY = Roles()


def said(path: Path, roles: Roles = NOBODY) -> list[tuple[str, str]]:
    (session,) = read_file(path, roles=roles)
    return [(turn.speaker, turn.text) for turn in session.turns]


def test_a_session_in_salt() -> None:
    (session,) = read_file(DATA / "session.slt", roles=Roles(clients=("Mother",)))
    assert session.turns == TURNS
    report = import_transcripts([DATA / "session.slt"], Path("/nowhere"), clients=("M",), dry_run=True)
    assert [note.split(": ")[1] for note in report.notes] == [
        "6 line(s) of metadata and comment (+ =) were left out",
        "2 code(s) in square brackets were left out",
        "21 of 25 turns have no time",
    ]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        # endings as they are spelled; near miss: an alternative
        ("go/ing run/ing make/ing lie/ing see/ing open/ing fix/ing begin/ing", "going running making lying seeing opening "
         "fixing beginning"),
        ("walk/ed stop/ed love/ed try/ed play/ed take/en", "walked stopped loved tried played taken"),
        ("pet/s baby/s box/s toy/s go/3s teach/3s say/3s", "pets babies boxes toys goes teaches says"),
        ("dog/z dog/s/z do/n't he/'s I/'ll we/'ve he/h's I/d'd let/us", "dog's dogs' don't he's I'll we've he's I'd let's"),
        ("and/or he/she went|go", "and/or he/she went"),
        ("Walk/ed BABY/s", "Walked BABies"),
        # what was not said, what was broken off
        ("the *is boy walk/*ed wor* I*", "the boy walk wor- I-"),
        # mazes were said
        ("(um) (I (want*) I) want", "um I want- I want"),
        # not heard; near misses: words with x
        ("X XX XXX.", "[unintelligible] [unintelligible] [unintelligible]."),
        ("X_ray x XXXX.", "X ray x XXXX."),
        # notes and codes; near misses: tags
        ("so {Laughs} [EW:sow] [SC] [NAME_3] {}", "so [laughs] [NAME_3]"),
        ("%woof %beep_beep %", "[woof] [beep beep]"),
        # silences; near miss: times
        (":02 so :1:05 at 5:30 :.5", "[pause 2 seconds] so [pause 65 seconds] at 5:30 [pause 0.5 seconds]"),
        # overlap and ends; near misses: an overlap at the end is not abandoned
        ("<no> I <so.>", "[overlap] no [overlap ends] I [overlap] so. [overlap ends]"),
        ("I was>", "I was..."),
        ("I <was>>", "I [overlap] was... [overlap ends]"),
        ("I was^", "I was -"),
        ("went to the~", "went to the"),
        ("Harry_Potter all~right", "Harry Potter all right"),
        ("really?! 3.5, no", "really?! 3.5, no"),
        ("> ^", ""),
    ],
)  # fmt: skip
def test_an_utterance_as_readable_text(words: str, text: str) -> None:
    assert readable(words) == text


@pytest.mark.parametrize(
    ("lines", "turns"),
    [
        (["C a", "T b"], [("C", "a"), ("T", "b")]),
        (["C a", "  b c", "I d", "A e", "so"], [("C", "a b c I d A e so")]),
        (["C a", "= C no", "+ T: no", "T", "C b"], [("C", "a b")]),
        (["C a", "; :03", "T b", ": :04", ":1:10"], [("C", "a [pause 3 seconds]"),
                                                     ("T", "b [pause 4 seconds] [pause 70 seconds]")]),
    ],
)  # fmt: skip
def test_who_says_what(tmp_path: Path, lines: list[str], turns: list[tuple[str, str]]) -> None:
    assert said(put(tmp_path, *lines)) == turns


def test_speakers_are_asked_about_and_declared_by_name_or_letter(tmp_path: Path) -> None:
    path = put(tmp_path, "E secret", "M b", header="$ Examiner, Maud")
    with pytest.raises(TranscriptError, match="2nd speaker mark") as caught:
        read_file(path)
    assert "Maud" not in str(caught.value)
    turns = [("T", "secret"), ("C", "b")]
    assert said(path, Roles(("Examiner",), ("Maud",))) == said(path, Roles(("E",))) == turns


@pytest.mark.parametrize(
    ("mark", "time"), [("- 0:31", 31), ("-1:05", 65), ("- 1:00:02", 3602), ("- :07", 7), ("- 75:10.5", 4510.5)]
)
def test_times_are_those_of_the_time_mark_before(tmp_path: Path, mark: str, time: float) -> None:
    (session,) = read_file(put(tmp_path, mark, "C a", "T b"))
    assert session.turns == (Turn(1, "C", "a", time), Turn(2, "T", "b"))


def test_all_faults_are_listed_by_line(tmp_path: Path) -> None:
    path = put(tmp_path, "secret", "C a", "E secret", "- 1:75", "; three", "T (secret", "C {secret", "C [secret", "Q")
    with pytest.raises(TranscriptError) as caught:
        read_file(path)
    assert [int(fault.split(":")[1]) for fault in caught.value.faults] == [2, 4, 5, 6, 7, 8, 9, 10]
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("header", "fault"), [("C a", "does not begin with $"), ("$ Client, Counselor", "letter of their own")]
)
def test_a_header_that_names_no_speakers_is_refused(tmp_path: Path, header: str, fault: str) -> None:
    with pytest.raises(TranscriptError, match=fault.replace("$", r"\$")):
        read_file(put(tmp_path, "C a", header=header))
    with pytest.raises(TranscriptError, match=r"line of speakers|letter of their own"):
        read_file(put(tmp_path, "C a", header=header), file_format="salt")


@pytest.mark.parametrize(
    ("text", "chosen"),
    [("$ Client, Therapist\nC a\n", "salt"), ("\n$Child, Examiner\n", "salt"), ("$ 5, that was it\nT: a\n", "txt"),
     ("$ is what I owe\nT: a\n", "txt"), ("T: $ Client, Therapist\n", "txt")],
)  # fmt: skip
def test_a_text_file_is_told_by_its_first_line(tmp_path: Path, text: str, chosen: str) -> None:
    assert detect_format(tmp_path / "a.txt", text.encode()) == chosen


WORDS = ["so", "stone", "Anna", "café", "dog/s", "do/n't", "baby/s", "2004", "[NAME_3]", "Mister_Brown", "and/or"]
SAID = ["so", "stone", "Anna", "café", "dogs", "don't", "babies", "2004", "[NAME_3]", "Mister Brown", "and/or"]
SIGNS = [
    " (",
    ") ",
    " <",
    "> ",
    " {nods} ",
    " [EW:x] ",
    " :03 ",
    ".",
    "? ",
    "^",
    " ~",
    "> ",
    " XX ",
    " *is ",
    " %woof ",
]


@given(st.lists(st.tuples(st.integers(0, len(WORDS) - 1), st.lists(st.sampled_from(SIGNS), max_size=4)), max_size=8))
def test_no_word_is_lost_whatever_signs_stand_around_it(pieces: list[tuple[int, list[str]]]) -> None:
    found = readable("".join(f" {WORDS[word]}{''.join(signs)}" for word, signs in pieces))
    place = 0
    for word, _ in pieces:
        place = found.find(SAID[word], place)
        assert place >= 0, "a word was lost"
    assert found.count("[overlap]") == found.count("[overlap ends]")


@given(st.text(alphabet="$CTM, \n()[]{}<>*/|:;-+=~^%X3sé\x00\u2028", max_size=80), st.booleans())
def test_mutilated_text_raises_nothing_else(text: str, has_header: bool) -> None:
    with contextlib.suppress(TranscriptError):
        read_salt(Path("a.slt"), "$ Client, Therapist\nC " * has_header + text, Roles())
