"""TEI transcriptions of speech: utterances as readable text, roles, times, overlaps; what is refused, on which line."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.errors import TranscriptError
from relcode.records import Turn
from relcode.transcripts import find_files, read_file
from relcode.transcripts.read import detect_format
from relcode.transcripts.roles import Roles
from relcode.transcripts.tei import read_tei

DATA = Path(__file__).parents[1] / "data" / "transcripts"

TURNS = (
    Turn(1, "T", "[door closes] How was it [pause 2 seconds] to come here? [?]", 0.0, 2.5),
    Turn(
        2,
        "C",
        "I d don- I don't know. [sighs] I kept [overlap] thinking of [overlap ends] you you all week.",
        2.5,
        62.0,
    ),
    Turn(3, "T", "[overlap] Mhm. [overlap ends] [pause 0.5 seconds]", 4.0, 5.25),
    Turn(4, "C2", "[looks away] She never told me [unintelligible] at [not transcribed]."),
    Turn(5, "T", "[overlap] Wait [to spk2], na ja. [overlap ends]"),
    Turn(6, "C2", "I am tired, [?] so ti- [unintelligible] (really) nuffin.", None, 120.5),
)

PEOPLE = '<person xml:id="T" role="Therapist"/><person xml:id="C" role="client"/>'
TIMES = "".join(
    f'<when xml:id="T{n}" interval="{n}" since="#T0"/>' if n else '<when xml:id="T0" absolute="00:00:00"/>'
    for n in range(6)
)


def tei(folder: Path, *lines: str, people: str = PEOPLE, times: str = TIMES, head: str = "") -> Path:
    """A document with utterances from line 5 on."""
    path = folder / "a.xml"
    start = ['<?xml version="1.0"?>' + head, '<TEI xmlns="http://www.tei-c.org/ns/1.0">']
    start += [f"<teiHeader><particDesc>{people}</particDesc></teiHeader>", f"<text><timeline>{times}</timeline><body>"]
    path.write_text("\n".join([*start, *lines, "</body></text></TEI>"]), encoding="utf-8")
    return path


def said(path: Path, roles: Roles | None = None) -> list[tuple[str, str]]:
    (session,) = read_file(path, roles=roles or Roles())
    return [(turn.speaker, turn.text) for turn in session.turns]


def faults_of(path: Path) -> tuple[str, ...]:
    with pytest.raises(TranscriptError) as caught:
        read_file(path)
    assert "secret" not in str(caught.value)
    return caught.value.faults or (caught.value.message,)


def test_a_session_in_tei() -> None:
    (session,) = read_file(DATA / "session.tei")
    assert session.turns == TURNS
    assert not re.search("Verbeek|Brook|Nell", repr(session.metadata))


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("so   it\n  is", "so it is"),
        ('a <pause/> b <pause type="long"/> <pause dur="PT1M2.5S"/> <pause dur="1.2"/> <pause dur="300ms"/>',
         "a [pause] b [pause] [pause 62.5 seconds] [pause 1.2 seconds] [pause 0.3 seconds]"),
        ("<vocal><desc>Laughs</desc></vocal> <incident><desc>door</desc></incident>", "[laughs] [door]"),
        ('<kinesic type="nod"/> <vocal/> <writing>EXIT</writing> <note>to C</note>', "[nod] [vocal] [exit] [to c]"),
        ('<gap reason="inaudible"/> <gap/> <gap reason="unintelligible" extent="2"/>',
         "[unintelligible] [unintelligible] [unintelligible]"),
        ('<gap reason="anonymised"><desc>a name</desc></gap>', "[not transcribed]"),
        ("<unclear>him</unclear> <unclear/> <unclear>at home</unclear>.", "him [?] [unintelligible] at home. [?]"),
        ("ti<unclear>re</unclear>d", "tired [?]"),
        ('<shift feature="loud" new="f"/>no<shift/>', "no"),
        ('<del type="truncation">th</del> <del type="truncation">s-</del> <del type="repetition">the</del> the <del>x</del>',
         "th- s- the the x"),
        ("<seg>a <emph>b</emph></seg> <foreign>na ja</foreign> <q>c</q>", "a b na ja c"),
        ("<choice><sic>nuffin</sic><corr>nothing</corr></choice> <reg>x</reg>", "nuffin x"),
        # words: set apart, or with their own spaces; near miss: a word in pieces
        ("<w>go</w><w>home</w><pc>.</pc> <pc>(</pc><w>now</w><pc>)</pc>", "go home. (now)"),
        ("<w>do</w><w>n't </w><w>go</w><pc>. </pc><w>so </w>", "don't go. so"),
        ('<w>ha<anchor synch="#T2"/>pp</w><w>y</w>', "happ y"),
        ("a &lt;b&gt; &amp; c [NAME_3]", "a <b> & c [NAME_3]"),
        # overlaps
        ('so <seg trans="overlap">I see</seg> you', "so [overlap] I see [overlap ends] you"),
        ('<w>s<seg trans="overlap">o</seg></w>', "[overlap] so [overlap ends]"),
        ("<spanGrp><span>code</span></spanGrp>a", "a"),
    ],
)  # fmt: skip
def test_an_utterance_as_readable_text(tmp_path: Path, content: str, text: str) -> None:
    assert said(tei(tmp_path, f'<u who="#T">{content}</u>')) == [("T", text)]


A, B = '<anchor synch="#T1"/>', '<anchor synch="#T2"/>'


@pytest.mark.parametrize(
    ("lines", "turns"),
    [
        # both anchored: the words between
        ([f'<u who="#T" start="#T0" end="#T3">a {A}b{B} c</u>', f'<u who="#C" start="#T1" end="#T3">d{B} e</u>'],
         ["a [overlap] b c [overlap ends]", "[overlap] d e [overlap ends]"]),
        ([f'<u who="#T" start="#T0" end="#T2">a {A}b</u>', f'<u who="#C" start="#T1" end="#T3">d{B} e</u>'],
         ["a [overlap] b [overlap ends]", "[overlap] d [overlap ends] e"]),
        # a listener's word within a longer utterance: which words of that were said meanwhile is not known
        (['<u who="#T" start="#T0" end="#T3">a b</u>', '<u who="#C" start="#T1" end="#T2">mm</u>'],
         ["a b", "[overlap] mm [overlap ends]"]),
        # near misses: one after the other; a speaker's own; without points
        (['<u who="#T" start="#T0" end="#T1">a</u>', '<u who="#C" start="#T1" end="#T2">b</u>'], ["a", "b"]),
        (['<u who="#T" start="#T0" end="#T1">a</u>', '<u who="#T" start="#T0" end="#T1">b</u>'], ["a b"]),
        (['<u who="#T">a</u>', '<u who="#C" trans="latching">b</u>'], ["a", "b"]),
        (['<u who="#T">a</u>', '<u who="#C" trans="overlap">b</u>'], ["a", "[overlap] b [overlap ends]"]),
        # what is heard between utterances
        (['<pause/><u who="#T">a</u>', "<pause/>", '<vocal who="#C"><desc>sobs</desc></vocal>'],
         ["[pause] a [pause]", "[sobs]"]),
        # ISO 24624: who and when on the block
        (['<annotationBlock who="#C" start="#T1" end="#T2"><u><seg type="utterance"><w>so</w></seg></u>'
          '<spanGrp type="pos"><span>ADV</span></spanGrp></annotationBlock>', '<u who="#T">b</u>'], ["so", "b"]),
    ],
)  # fmt: skip
def test_overlaps_and_what_stands_between(tmp_path: Path, lines: list[str], turns: list[str]) -> None:
    assert [text for _, text in said(tei(tmp_path, *lines))] == turns


@pytest.mark.parametrize(
    ("people", "roles", "turns"),
    [
        (PEOPLE, Roles(), [("T", "a"), ("C", "b")]),
        (
            '<person xml:id="C" role="counsellor"/><person xml:id="T" role="patient"/>',
            Roles(),
            [("C", "a"), ("T", "b")],
        ),
        ('<person xml:id="C" role="client"/><person xml:id="T" role="client"/>', Roles(), [("C2", "a"), ("C", "b")]),
        ("", Roles(), [("T", "a"), ("C", "b")]),
        (PEOPLE, Roles(("C",), ("T",)), [("C", "a"), ("T", "b")]),
    ],
)
def test_roles_come_from_the_persons(tmp_path: Path, people: str, roles: Roles, turns: list[tuple[str, str]]) -> None:
    assert said(tei(tmp_path, '<u who="#T">a</u>', '<u who="x.xml#C">b</u>', people=people), roles) == turns


def test_who_is_not_said_is_asked_and_no_name_is_shown(tmp_path: Path) -> None:
    person = '<person xml:id="Maud" role="friend"><persName>Maud secret</persName></person>'
    path = tei(tmp_path, '<u who="#T">a</u>', '<u who="#Maud">b</u>', people=PEOPLE + person)
    assert "2nd speaker mark" in faults_of(path)[0]
    assert "Maud" not in faults_of(path)[0]
    assert said(path, Roles(clients=("Maud",))) == [("T", "a"), ("C", "b")]


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ('<when xml:id="T0"/><when xml:id="T1" interval="1.5"/><when xml:id="T2" interval="2"/>', (1.5, 3.5)),
        ('<when xml:id="T0"/><when xml:id="T1" interval="PT1M" since="#T0"/><when xml:id="T2"/>', (60.0, None)),
        (
            '<when xml:id="T0" absolute="23:59:50"/><when xml:id="T1" absolute="00:00:05"/><when xml:id="T2"/>',
            (15.0, None),
        ),
        (
            '<when xml:id="T0"/><when xml:id="T1" interval="500" unit="ms"/><when xml:id="T2" interval="x"/>',
            (0.5, None),
        ),
    ],
)
def test_times_are_those_of_the_timeline(tmp_path: Path, times: str, expected: tuple[float, float | None]) -> None:
    (session,) = read_file(tei(tmp_path, '<u who="#T" start="#T1" end="#T2">a</u>', times=times))
    assert (session.turns[0].t0, session.turns[0].t1) == expected


def test_all_faults_are_listed_by_line(tmp_path: Path) -> None:
    lines = ["<u>secret</u>", '<u who="#T #C">secret</u>', '<u who="#T" start="#T99">secret</u>']
    lines += ['<u who="#T">a<u who="#C">secret</u></u>', '<u who="#T">a<anchor synch="#T77"/>secret</u>']
    assert sorted(int(fault.split(":")[1]) for fault in faults_of(tei(tmp_path, *lines))) == [5, 6, 7, 8, 9]


@pytest.mark.parametrize(
    ("lines", "head", "fault"),
    [
        (['<u who="#T">&secret;</u>'], "<!DOCTYPE x [<!ENTITY secret 'x'>]>", "a.xml:1: it has a document type"),
        (['<u who="#T">a</u>'], "<!DOCTYPE x SYSTEM 'http://x/secret'>", "a.xml:1: it has a document type"),
        (['<u who="#T"><secret></u>'], "", "a.xml:5: no valid XML"),
        (["<div>" * 200 + "</div>" * 200], "", "a.xml:5: no valid XML: elements lie"),
        (["<p>secret</p>"], "", "no utterance"),
        (['<u who="#T"> </u>'], "", "no turn with words"),
        (['<u who="#T" start="#T2" end="#T1">secret</u>'], "", "a.xml:5: it ends before it starts"),
    ],
)
def test_what_cannot_be_read_is_refused_by_line(tmp_path: Path, lines: list[str], head: str, fault: str) -> None:
    assert fault in faults_of(tei(tmp_path, *lines, head=head))[0]


def test_it_is_told_by_its_root_and_taken_from_a_folder_by_import_alone(tmp_path: Path) -> None:
    path = tei(tmp_path, '<u who="#T">a</u>')
    text = path.read_text(encoding="utf-8").replace("<TEI xmlns", "<tei:TEI xmlns:tei").replace("</TEI>", "</tei:TEI>")
    assert detect_format(tmp_path / "a.txt", text.encode("utf-16")) == "tei"
    assert find_files([tmp_path], with_notes=True) == [path]
    with pytest.raises(TranscriptError):
        find_files([tmp_path])
    path.write_text("<html>secret</html>", encoding="utf-8")
    assert "does not begin with <TEI>" in faults_of(path)[0]


TAGS = ["unclear", "del", "seg", "w", "pc", "vocal", "note", "choice", "reg", "gap", "foreign", "spanGrp"]
HEARD = {"unclear", "del", "seg", "w", "pc", "foreign"}


@given(
    st.lists(
        st.tuples(st.sampled_from(["so", "stone", "café", "[NAME_3]"]), st.lists(st.sampled_from(TAGS), max_size=3))
    )
)
def test_no_word_is_lost_whatever_elements_stand_around_it(pieces: list[tuple[str, list[str]]]) -> None:
    content = ""
    for word, tags in pieces:
        content += " " + "".join(f"<{tag}>" for tag in tags) + word + "".join(f"</{tag}>" for tag in reversed(tags))
    (utterance,) = read_tei(Path("a.xml"), f"<TEI><u who='#T'>{content}</u></TEI>".encode(), Roles())
    place = 0
    for word in [word for word, tags in pieces if set(tags) <= HEARD]:
        place = utterance.text.find(word, place)
        assert place >= 0, "a word was lost"


@given(st.lists(st.sampled_from(["<u who='#T'>", "<u>", "</u>", "<anchor synch='#T1'/>", "<w>", "</w>", "<pc>", "</pc>", "a", " ",
                                 "<gap/>", "<unclear>", "</unclear>", "<when xml:id='T1' interval='-'/>", "<seg trans='overlap'>",
                                 "</seg>", "<choice>", "</choice>", "&x;", "<vocal>", "</vocal>"])))  # fmt: skip
def test_mutilated_documents_raise_nothing_else(pieces: list[str]) -> None:
    with contextlib.suppress(TranscriptError):
        read_tei(Path("a.xml"), f"<TEI>{''.join(pieces)}</TEI>".encode(), Roles())
