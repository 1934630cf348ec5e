"""Jefferson transcription: told from typed text by its signs, read as words and notes, nothing that is a word lost."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.errors import TranscriptError
from relcode.transcripts import import_transcripts, read_file
from relcode.transcripts.jefferson import is_jefferson, read_jefferson
from relcode.transcripts.jefferson_words import readable
from relcode.transcripts.read import detect_format
from relcode.transcripts.roles import Roles

DATA = Path(__file__).parents[1] / "data" / "transcripts"
ROLES = Roles(("THE",), ("CLI",))
TURNS = [
    ("T", "[breathes in] so [pause 0.4 seconds] how was the [pause] the week"),
    ("C", "mm. [pause 1.2 seconds] fine I s'ppose. [pause 2.5 seconds]"),
    ("T", "fine."),
    ("C", "well [pause] not [overlap] fine- [overlap ends]"),
    ("T", "[overlap] not fine [overlap ends] at all,"),
    ("C", "not at all. [laughs] [wipes eyes] [pause 0.8 seconds] I mean I didn't sleep and I [pause] I just-"),
    ("T", "mm [overlap] hm [overlap ends]"),
    ("C", "[overlap] I kept thinking you'd be [pause 0.3 seconds] cross [overlap ends] with me. [breathes out]"),
    ("T", "cross with you."),
    ("C", "yeah because I [overlap] cancelled. [overlap ends]"),
    ("T", "[overlap] because of Thursday [overlap ends]"),
    ("C", "[laughs] [breathes in] yes. [pause 3 seconds]"),
    ("T", "[breathes in] what's [overlap] happening for [overlap ends] you now?"),
    ("C", "[overlap] it's jus' [?] [overlap ends] I dunno. [unintelligible] in my chest, like a stone."),
    ("T", "mm [pause 5.2 seconds]"),
    ("C", "you're looking at me kindly and I can't [pause] take it in/there. [?]"),
    ("T", "[softly] I am looking at you kindly"),
    ("C", "don't."),
    ("T", "[overlap] okay [overlap ends]"),
    ("C", "[overlap] no I mea- I mean do. please. [overlap ends] [cries, holds the] [cushion]"),
    ("T", "I'm not cross."),
    ("C", "you're not. [pause 1 seconds]"),
    ("T", "no."),
    ("C", "[overlap] that's- [overlap ends]"),
    ("T", "[overlap] not at [overlap ends] any time not on Thursday, not now."),
    ("C", "[breathes out] [pause 0.2 seconds] okay."),
    ("T", "where's the stone."),
    ("C", "it's [pause 0.9 seconds] smaller."),
    ("T", "smaller."),
    ("C", "yeah"),
]


def put(folder: Path, text: str) -> Path:
    path = folder / "a.txt"
    path.write_text(text, encoding="utf-8")
    return path


def said(path: Path, **options: str) -> list[tuple[str, str]]:
    (session,) = read_file(path, roles=ROLES, **options)  # type: ignore[arg-type]
    return [(turn.speaker, turn.text) for turn in session.turns]


def test_an_extract_as_conversation_analysts_write_it() -> None:
    assert said(DATA / "jefferson.txt") == TURNS


@pytest.mark.parametrize(
    ("line", "text"),
    [
        # silences; near miss, a number that is doubted or a year
        ("so (0.5) (.) (1) (.2) (0,8) (2 secs) no", "so [pause 0.5 seconds] [pause] [pause 1 seconds] [pause 0.2 seconds] "
         "[pause 0.8 seconds] [pause 2 seconds] no"),
        ("I(.)don't", "I [pause] don't"),
        ("(five)", "five [?]"),
        # overlaps, whole words, also without partner; near misses: tags and notes
        ("[no  ] yes", "[overlap] no [overlap ends] yes"),
        ("hap[pening] now", "[overlap] happening [overlap ends] now"),
        ("[a [b", "[overlap] a [overlap ends] [overlap] b [overlap ends]"),
        ("so] no", "[overlap] so [overlap ends] no"),
        ("⌈no⌉ [[yes]] [ ]", "[overlap] no [overlap ends] [overlap] yes [overlap ends]"),
        ("[NAME_3] said [laughs] [inaudible] no", "[NAME_3] said [laughs] [unintelligible] no"),
        # doubt; near misses: inaudible, a part of a word
        ("(word here) then", "word here [?] then"),
        ("(  ) (inaudible) (xxx) ( 1.2 )", "[unintelligible] [unintelligible] [unintelligible] [unintelligible]"),
        ("goin(g)", "going [?]"),
        ("[(no)]", "[overlap] no [?] [overlap ends]"),
        ("I (don't know", "I don't know [?]"),
        # comments
        ("((laughs)) ((looks AWAY (left))) a", "[laughs] [looks away left] a"),
        ("((pause)) (coughs) (so)", "[pause] [coughs] so [?]"),
        # breaths; near miss, words with h
        (".hhh ˙hh .H hhh. (hh) hm hah", "[breathes in] [breathes in] [breathes in] [breathes out] [breathes out] hm [laughs]"),
        ("yeahhh", "yeah"),
        # laughter, once a run; near misses: a word
        ("heh heh huh £ha£", "[laughs]"),
        ("huh? ha, he hi uh huh", "huh? ha, he hi uh huh"),
        ("wo(h)rd c(hh)ross", "word cross"),
        # prosody goes; near misses: times, money, addresses
        ("°so° >fast< <slow> ↑up↓ £smile£ #creak# ~wob~ *x* @ha-me@", "so fast slow up smile creak wob x ha-me"),
        ("_stress_ w_o_rd", "stress word"),
        ("at 5:30 £5 a@b.org", "at 5:30 £5 a@b.org"),
        ("we::ll no: it's:: so::. o:kay:?", "well no it's so. okay?"),
        ("=yeah=no=", "yeah no"),
        ("reALLy STO:ne NO NHS GPs McLean", "really stone NO NHS GPs McLean"),
        ("wor- I-I no¿ .", "wor- I-I no?"),
        ("hm:m m:::m", "hmm mm"),
        (" _ ° ", ""),
    ],
)  # fmt: skip
def test_a_line_as_readable_text(line: str, text: str) -> None:
    assert readable(line) == text


@pytest.mark.parametrize(
    ("lines", "turns"),
    [
        (["T:   so", "     no::: (.)", "C:   mm"], [("T", "so no [pause]"), ("C", "mm")]),
        (["1  -> T: so", "2     C: mm", "3 => T: a"], [("T", "so"), ("C", "mm"), ("T", "a")]),
        (["-> 1 T: so", "2  C: mm", "3  T: a"], [("T", "so"), ("C", "mm"), ("T", "a")]),
        (["THE:=so", "CLI:[no]", "THE:(.) a"], [("T", "so"), ("C", "[overlap] no [overlap ends]"), ("T", "[pause] a")]),
        (["T: I", "     we:ll: so", "     C::an you"], [("T", "I well so Can you")]),
        (["T: so", "C::an you", "C: no"], [("T", "so Can you"), ("C", "no")]),
        (["T: ((so", "   very", "   long)) a", "C: b"], [("T", "[so] [very] [long] a"), ("C", "b")]),
        (["(T): so", "C: no"], [("T", "so"), ("C", "no")]),
    ],
)
def test_lines_arrows_and_marks(tmp_path: Path, lines: list[str], turns: list[tuple[str, str]]) -> None:
    assert said(put(tmp_path, "\n".join(lines)), file_format="jefferson") == turns


SIGNED = "T: so:: (.) I\nC: .hh [no] (0.5)\nT: mm=\nC: =yes\n"


@pytest.mark.parametrize(
    ("text", "is_so"),
    [
        (SIGNED, True),
        ("T: so (0.5) I\nC: we::ll ((laughs))\nT: a\n", False),  # two lines of three with signs are few
        ("T: So (laughs) [overlap] yes. [crosstalk]\nC: At 5:30 -> no.\nT: He said: no.\nC: [laughs]\n", False),
        ("T: so\nC: (pause: 00:00:05) ((laughs)) [no]\n" * 9, False),
        ("[00:03] T: [inaudible] a=b\nC: noooo, 3.5 (1.2) x::y\n" + "T: so\nC: a\n" * 40, False),
    ],
)
def test_it_is_told_from_typed_text_by_its_signs(tmp_path: Path, text: str, is_so: bool) -> None:
    assert is_jefferson(text) is is_so
    path = put(tmp_path, text)
    assert detect_format(path, path.read_bytes()) == ("jefferson" if is_so else "txt")


def test_other_layouts_of_plain_text_are_none() -> None:
    others = [path for path in DATA.glob("*.txt") if not path.name.startswith(("jefferson", "salt"))]
    assert len(others) > 5
    assert [path.name for path in others if is_jefferson(path.read_text(encoding="utf-8"))] == []


def test_the_format_can_be_forced_and_prevented_and_why_is_said(tmp_path: Path) -> None:
    path = put(tmp_path, SIGNED)
    assert said(path)[1] == ("C", "[breathes in] [overlap] no [overlap ends] [pause 0.5 seconds]")
    assert said(path, file_format="txt")[1] != said(path)[1]
    assert said(put(tmp_path, "T: °so°\nC: no"), file_format="jefferson") == [("T", "so"), ("C", "no")]
    report = import_transcripts([put(tmp_path, SIGNED)], tmp_path / "out")
    assert any("micropauses (.)" in note and "--format txt" in note for note in report.notes)


def test_comments_without_an_end_are_refused_by_line_all_at_once(tmp_path: Path) -> None:
    path = put(tmp_path, "T: ((secret\nC: a)) b\nT: c\nC: ((secret\n")
    with pytest.raises(TranscriptError) as caught:
        read_file(path, file_format="jefferson")
    assert [fault.split(": ")[0] for fault in caught.value.faults] == [f"{path}:1", f"{path}:4"]
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "words"),
    [("A" * 5000, 1), ("((a " * 2000, 2000), ("( a" * 2000, 2000), ("ha" * 5000 + "x", 1), ("[a" * 2000, 1)],
)
def test_lines_full_of_signs_are_read_in_moments_and_whole(line: str, words: int) -> None:
    found = [word for word in re.sub(r"\[[^\]]*\]", " ", readable(line)).split() if word.isalnum()]
    assert len(found) == words


WORDS = ["so", "stone", "cross", "tired", "Anna", "café", "don't", "it's", "NHS", "well", "2004", "[NAME_3]"]
SIGNS = ["(.)", "(0.5)", "[", "]", "=", ">", "<", "°", "£ ", "↑", "::", "(", ")", ".hh ", " hhh ", "((nods))", "(h)",
         "#", "-", " ", "_", "⌈", "⌋", "~", ".", "?", "@ ", "(( ", "))", " (  ) "]  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(WORDS), st.lists(st.sampled_from(SIGNS), max_size=4)), max_size=8))
def test_no_word_is_lost_whatever_signs_stand_around_it(pieces: list[tuple[str, list[str]]]) -> None:
    line = "".join(f" {word}{''.join(signs)}" for word, signs in pieces)
    found = readable(line)
    place = 0
    for word, _ in pieces:
        place = found.lower().find(word.lower().strip("[]"), place)
        assert place >= 0, "a word was lost"
    assert found.count("[overlap]") == found.count("[overlap ends]")
    assert not re.search(r"[⌈⌋°↑]", found)


@given(st.text(alphabet="TC: \n()[]hH.=°abé05->‹\x00\u2028", max_size=80))
def test_mutilated_text_raises_nothing_else(text: str) -> None:
    with contextlib.suppress(TranscriptError):
        read_jefferson(Path("a.txt"), text)
