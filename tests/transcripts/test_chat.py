"""CHAT: main tiers as readable text with times, roles from @Participants; what is refused, and on which line."""

from __future__ import annotations

from pathlib import Path

import pytest

from relcode.errors import TranscriptError
from relcode.records import Session, Turn
from relcode.transcripts import read_file
from relcode.transcripts.chat_words import UnbalancedError, readable
from relcode.transcripts.roles import Roles

FILES = Path(__file__).parents[1] / "data" / "transcripts"
BULLET = "\x15"


def said(session: Session) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in session.turns]


def chat(folder: Path, *lines: str, participants: str = "THE Therapist, CLI Client") -> Path:
    path = folder / "a.cha"
    body = "\n".join(["@UTF8", "@Begin", f"@Participants:\t{participants}", *lines, "@End", ""])
    path.write_text(body, encoding="utf-8")
    return path


def faults_of(path: Path) -> str:
    with pytest.raises(TranscriptError) as caught:
        read_file(path)
    assert "secret" not in str(caught.value)
    return str(caught.value)


def test_a_session_of_talkbank_s_kind() -> None:
    (session,) = read_file(FILES / "session.cha")
    second = "um I [pause] I don't know... I want I wanted to call you because [sighs] it was so quiet at home."
    assert session.turns == (
        Turn(1, "T", "come on in.", 0.0, 1.4),
        Turn(2, "C", second, 1.9, 9.02),
        Turn(3, "T", "mhm. and you [overlap] didn't - [overlap ends]", 5.1, 9.9),
        Turn(4, "C", "[overlap] no, [overlap ends] [unintelligible] what for? [laughs]", 9.8, 11.0),
        Turn(5, "T", "what would have happened [nothing] if you had called?", 12.0, 15.25),
    )


@pytest.mark.parametrize(
    ("tier", "text"),
    [
        # terminators
        ("I see .", "I see."),
        ("do you ?", "do you?"),
        ("stop !", "stop!"),
        ("I see", "I see"),
        ("I don't know +...", "I don't know..."),
        ("so you +..?", "so you...?"),
        ("I was +/.", "I was -"),
        ("I was +//.", "I was -"),
        ("were you +/?", "were you -?"),
        ("what +!?", "what?!"),
        ('she said +"/.', "she said:"),
        ('+" leave it .', "leave it."),
        ("+< mhm .", "mhm."),
        ("+^ and then ++ so .", "and then so."),
        # punctuation, near miss: a decimal, a time
        ("well , you „ know ‡ yes .", "well, you, know, yes."),
        ("at 5:30 .", "at 5:30."),
        # retraces and repetitions were said
        ("<I want> [//] I need it .", "I want I need it."),
        ("the [/] the rest .", "the the rest."),
        ("<so <I> [/] I> [///] no .", "so I I no."),
        ("wha [: what] [*] is it [!!] [+ bch] [% low] [=? in] [= a dog] [x 3] .", "wha is it."),
        # doubt, about a word or a group
        ("I saw him [?] there .", "I saw him [?] there."),
        ("<by the sea> [?] [!] .", "by the sea [?]."),
        # overlap of a word, a group, a retrace; both sides at once count once
        ("no [>] but .", "[overlap] no [overlap ends] but."),
        ("so <I see> [>1] .", "so [overlap] I see. [overlap ends]"),
        ("<you did> [<] [>] [//] you were .", "[overlap] you did [overlap ends] you were."),
        ("he [/] he [?] [<2] said .", "he [overlap] he [?] [overlap ends] said."),
        ("and <<so> [/] so> [>] no .", "and [overlap] so so [overlap ends] no."),
        # the corners of conversation analysis: whole words, also where one corner is missing
        ("what's ⌈2 that ⌉2 then .", "what's [overlap] that [overlap ends] then."),
        ("hap⌈pening⌉ now .", "[overlap] happening [overlap ends] now."),
        ("⌊no .", "[overlap] no. [overlap ends]"),
        ("no⌋ but .", "[overlap] no [overlap ends] but."),
        ("⌈ (.) ⌉ yes ⌈ ⌉ .", "[overlap] [pause] [overlap ends] yes."),
        ("[- spa] hola .", "hola."),
        # notes: near miss, a bracket that is no code stays
        ("I [=! crying] can't .", "I [crying] can't."),
        ("I [crying] can't .", "I [crying] can't."),
        ("I [-sighs-] can't [+sighs] .", "I [-sighs-] can't [+sighs]."),
        ("&=laughs .", "[laughs]"),
        ("&=imit:my_mother no .", "[imit my mother] no."),
        ("yes &{l=laughs indeed &}l=laughs .", "yes [laughs] indeed."),
        ("and then &*CLI:mhm we left .", "and then [mhm] we left."),
        # fillers and fragments: near miss, an ampersand within a word
        ("&-um &-you_know &~ga &+fr &uh R&D .", "um you know ga fr- uh R&D."),
        # pauses: near miss, sounds in brackets
        ("I (.) am (..) (1.5) (be)cause .", "I [pause] am [pause] [pause 1.5 seconds] because."),
        ("so (1:05.) tired .", "so [pause 65 seconds] tired."),
        ("(a)bout goin(g) .", "about going."),
        # not heard, not said: near miss, words that begin so
        ("xxx and yyy www .", "[unintelligible] and [unintelligible] [not transcribed]."),
        ("xxxx 0is 0 007 .", "xxxx 007."),
        ("0 .", ""),
        # within words
        ("no::: bana:nas ice+cream New_York .", "no bananas ice-cream New York."),
        ("mm@i casa@s:spa ↑really° .", "mm casa really."),
    ],
)
def test_a_main_tier_as_readable_text(tier: str, text: str) -> None:
    assert readable(tier) == text


@pytest.mark.parametrize("tier", ["<I want [//] I .", "I want> [//] I .", "I [/ I .", "I /] I .", "> I < ."])
def test_a_bracket_without_its_partner_is_no_text(tier: str) -> None:
    with pytest.raises(UnbalancedError):
        readable(tier)


@pytest.mark.parametrize(
    ("participants", "turns"),
    [
        ("THE Therapist, CLI Client", [("T", "a"), ("C", "b")]),
        ("THE Anna Therapist, CLI Ben Patient", [("T", "a"), ("C", "b")]),
        ("THE Investigator, CLI Client", [("T", "a"), ("C", "b")]),
        ("THE Client, CLI Therapist", [("C", "a"), ("T", "b")]),
        ("THE Therapist, CLI Therapist", [("T", "a"), ("T2", "b")]),
    ],
)
def test_roles_come_from_the_participants(tmp_path: Path, participants: str, turns: list[tuple[str, str]]) -> None:
    (session,) = read_file(chat(tmp_path, "*THE:\ta", "*CLI:\tb", participants=participants))
    assert said(session) == turns


def test_a_role_that_is_not_known_is_asked_for_and_a_declared_code_counts(tmp_path: Path) -> None:
    path = chat(tmp_path, "*THE:\tsecret", "*CLI:\tb", participants="THE Investigator, CLI Participant")
    assert "2nd speaker mark" in faults_of(path)
    assert said(read_file(path, roles=Roles(clients=("CLI",)))[0]) == [("T", "secret"), ("C", "b")]
    assert said(read_file(path, roles=Roles(("CLI",), ("THE",)))[0]) == [("C", "secret"), ("T", "b")]


@pytest.mark.parametrize(
    ("bullets", "times"),
    [
        (f"a . {BULLET}1000_2500{BULLET}", (1.0, 2.5)),
        (f"a {BULLET}1000_1500{BULLET} b . {BULLET}1500_2500{BULLET}", (1.0, 2.5)),
        (f'a . {BULLET}%snd:"x"_1000_2500{BULLET}', (1.0, 2.5)),
        (f'a . {BULLET}%pic:"x.jpg"{BULLET}', (None, None)),
        ("a .", (None, None)),
    ],
)
def test_bullets_are_times(tmp_path: Path, bullets: str, times: tuple[float | None, float | None]) -> None:
    (session,) = read_file(chat(tmp_path, f"*THE:\t{bullets}"))
    assert (session.turns[0].t0, session.turns[0].t1) == times
    assert BULLET not in session.turns[0].text


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (["*THE:\tsecret", "secret"], "a.cha:5: no tier"),
        (["*THE secret"], "a.cha:4: no main tier"),
        (["*MUM:\tsecret"], "a.cha:4: its speaker is not in @Participants"),
        (["*THE:\t<secret [/] a"], "a.cha:4: a bracket"),
        (["*THE:\ta", "\t<secret"], "a.cha:4: a bracket"),
        ([f"*THE:\tsecret {BULLET}1000_"], "a.cha:4: a bullet"),
        ([f"*THE:\tsecret {BULLET}1000-2000{BULLET}"], "a.cha:4: a bullet"),
        ([f"*THE:\tsecret {BULLET}2000_1000{BULLET}"], "a.cha:4: it ends before it starts"),
        (["%com:\tsecret"], "no turn with words"),
    ],
)
def test_what_cannot_be_placed_is_refused_by_line(tmp_path: Path, lines: list[str], fault: str) -> None:
    assert fault in faults_of(chat(tmp_path, *lines))


@pytest.mark.parametrize(
    ("left_out", "fault"),
    [("@End", "cut off"), ("@Participants", "no line @Participants"), ("@Begin", "does not begin with @Begin")],
)
def test_a_header_that_is_missing_is_said(tmp_path: Path, left_out: str, fault: str) -> None:
    path = chat(tmp_path, "*THE:\tsecret")
    kept = [line for line in path.read_text(encoding="utf-8").split("\n") if not line.startswith(left_out)]
    path.write_text("\n".join(kept), encoding="utf-8")
    assert fault in faults_of(path)


def test_all_faults_are_listed_and_windows_lines_are_read(tmp_path: Path) -> None:
    path = chat(tmp_path, "*MUM:\tsecret", "*THE:\t<secret", participants="THE Therapist, CLI, MUM a b Client")
    message = faults_of(path)
    assert [f"a.cha:{line}:" in message for line in (3, 4, 5)] == [True, True, True]
    path = chat(tmp_path, "*THE:\ta", "\tb .")
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert said(read_file(path)[0]) == [("T", "a b.")]
