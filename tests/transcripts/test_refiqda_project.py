"""REFI-QDA projects: texts as sessions, codings as labels on the words that were selected, whatever a program counts."""

from __future__ import annotations

import contextlib
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relcode.errors import TranscriptError
from relcode.records import Turn
from relcode.spans import read_spans
from relcode.transcripts import find_files, import_transcripts, read_file, read_sessions
from relcode.transcripts.counting import Counting, find_counting
from relcode.transcripts.placing import Placing
from relcode.transcripts.plaintext import LINE_END, read_lines
from relcode.transcripts.read import detect_format
from relcode.transcripts.refiqda import read_project
from relcode.transcripts.roles import Roles, Utterance, cast_of
from relcode.transcripts.source import Options, Reading, Source
from relcode.transcripts.turns import turns_of

DATA = Path(__file__).parents[1] / "data" / "refi-qda" / "project"
FEAR = "feelings.fear-of-anger"
LABELS = [
    ("D4-s07", 4, "I thought you would be cross with me. Because of last week.", FEAR, "coder:1"),
    ("D4-s07", 4, "I thought you would be cross with me. Because of last week.", FEAR, "coder:2"),
    ("D4-s07", 4, "🙂 Silly", FEAR, "coder:2"),
    ("D4-s07", 6, "You looked at the clock", "IMM", "coder:1"),
    ("D4-s07", 6, "Twice.", "IMM", "coder:2"),  # one selection over two turns
    ("D4-s07", 7, "I did look at the clock, and you saw it.", "IMM", "coder:2"),
    ("D4-s07", 8, "[pause 12 seconds] My father did that", FEAR, "coder:1"),
    ("D4-s07", 11, "I feel sad, hearing that. I would like to know what it is like to tell me now.", "IMM", "coder:1"),
    ("D4-s07", 11, "I feel sad, hearing that. I would like to know what it is like to tell me now.", "feelings.warmth",
     "coder:2"),
    ("D4-s07", 12, "Warm.", "feelings.warmth", "coder:1"),
    ("D4-s08", 4, "the warm hands", "feelings.warmth", "coder:2"),
    ("D4-s08", 8, "I say it took that long", "feelings.warmth", "coder:unknown"),
]  # fmt: skip
NOTES = [
    "2 line(s) before the first speaker were passed over",
    "session D4-s07: a selection holds no words of a turn (a mark, line ends, a title); left out",
    "coders are numbered in the order of the project's users: coder:1 (5 labels), coder:2 (6 labels), "
    "coder:unknown (1 labels)",
    "1 coding(s) of whole texts were left out",
    "1 coding(s) of pictures, pages and recordings were left out",
    "2 coding(s) by what is no code (cases, folders) were left out",
]


def archive(folder: Path, parts: dict[str, str | bytes], compress: bool = False) -> Path:
    path = folder / "p.qdpx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return path


def qde(sources: str, origin: str = "MAXQDA", head: str = "") -> str:
    """A project with its sources from line 4 on; code A has the guid `a`."""
    codes = '<CodeBook><Codes><Code guid="a" name="A" isCodable="true"/></Codes></CodeBook>'
    return (
        f'<?xml version="1.0"?>{head}\n<Project xmlns="urn:QDA-XML:project:1.0" origin="{origin}">\n'
        f'<Users><User guid="u" name="Maud secret"/></Users>{codes}<Sources>\n{sources}\n</Sources></Project>'
    )


def source(
    selections: list[tuple[object, object]], name: str = "s", inside: str = "", path: str = "internal://1.txt"
) -> str:
    coded = "".join(
        f'<PlainTextSelection guid="x" startPosition="{start}" endPosition="{end}" creatingUser="u">'
        '<Coding guid="y"><CodeRef targetGUID="A"/></Coding></PlainTextSelection>\n'
        for start, end in selections
    )
    return f'<TextSource guid="t" name="{name}" plainTextPath="{path}">{inside}\n{coded}</TextSource>'


def project(path: Path, roles: Roles | None = None) -> Reading:
    return read_project(Source(path, path.read_bytes(), Options(roles or Roles())))


def words(found: Reading) -> list[str]:
    texts = {(session.session_id, turn.turn): turn.text for session in found.sessions for turn in session}
    assert all(texts[span.session_id, span.turn][span.start : span.end] == span.text for span in found.labels)
    return [span.text for span in found.labels]


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    files = [file for file in sorted(DATA.rglob("*")) if file.is_file() and not file.name.startswith(".")]
    return archive(tmp_path, {str(file.relative_to(DATA)): file.read_bytes() for file in files}, compress=True)


def test_a_project_as_programs_write_it(whole: Path) -> None:
    found = project(whole)
    assert [session.session_id for session in found.sessions] == ["D4-s07", "D4-s08"]
    assert [len(session.turns) for session in found.sessions] == [20, 8]
    assert found.sessions[0].turns[1] == Turn(
        2, "C", "[sighs] I nearly did not. I sat in the car. For twenty minutes, I think."
    )
    assert [(span.session_id, span.turn, span.text, span.code, span.source) for span in found.labels] == LABELS
    assert words(found) == [text for _, _, text, _, _ in LABELS]
    assert all(doubt.endswith(note) for doubt, note in zip(found.doubts, NOTES, strict=True))
    assert found.faults == []


def test_import_writes_the_labels_where_asked_for_and_says_else_that_they_were_left_out(
    whole: Path, tmp_path: Path
) -> None:
    out, labels = tmp_path / "out", tmp_path / "labels.jsonl"
    report = import_transcripts([whole], out)
    assert any("12 label(s) were left out; --labels FILE" in note for note in report.notes)
    assert not labels.exists()
    report = import_transcripts([whole], out, labels=labels, dry_run=True)
    assert (report.labels, labels.exists()) == (12, False)
    report = import_transcripts([whole], out, labels=labels)
    assert not any("left out; --labels" in note for note in report.notes)
    sessions = read_sessions([out])
    assert [(s.session_id, s.turn, s.text, s.code, s.source) for s in read_spans(labels, sessions)] == LABELS
    assert "Brook" not in labels.read_text(encoding="utf-8") + "".join(report.notes)


def test_without_a_project_there_are_no_labels_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("speaker,text\nT,x\n", encoding="utf-8")
    report = import_transcripts([path], tmp_path / "out", labels=tmp_path / "labels.jsonl")
    assert any("no labels to be written" in note for note in report.notes)
    assert not (tmp_path / "labels.jsonl").exists()


TEXT = "T: Were you 🙂 cross?\r\nC: No, I was not.\r\nT: You looked 🙂 away.\r\nC: I was sad, I think.\r\n"
CHOSEN = ["Were you", "cross", "No", "I was not.", "You looked", "away", "I was sad", "I think"]


def selections(counting: Counting) -> list[tuple[int, int]]:
    found = []
    for phrase in CHOSEN:
        start = TEXT.index(phrase)
        positions = []
        for place in (start, start + len(phrase) - counting.last_included):
            before = TEXT[:place] if counting.two_for_crlf else TEXT[:place].replace("\r\n", "\n")
            positions.append(len(before.encode("utf-16-le")) // 2 if counting.utf16 else len(before))
        found.append((positions[0], positions[1]))
    return found


@pytest.mark.parametrize("two", [True, False])
@pytest.mark.parametrize("utf16", [True, False])
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("origin", ["NVivo 14", "ATLAS.ti 24", "QualCoder 3.6"])
def test_whatever_a_program_counts_the_words_are_those_selected(
    tmp_path: Path, two: bool, utf16: bool, last: bool, origin: str
) -> None:
    counting = Counting(two, utf16, last)
    path = archive(tmp_path, {"project.qde": qde(source(selections(counting)), origin), "Sources/1.txt": TEXT})
    found = project(path)
    assert words(found) == CHOSEN
    usual = Counting(two_for_crlf="NVivo" in origin)
    assert any("positions were read as" in note for note in found.doubts) is (counting != usual)


def test_a_word_cut_by_hand_changes_no_counting_and_is_noted(tmp_path: Path) -> None:
    given_ = selections(Counting())
    given_[1] = given_[1][0], given_[1][1] - 1  # "cros"
    found = project(archive(tmp_path, {"project.qde": qde(source(given_)), "sources/1.txt": TEXT}))
    assert words(found) == [*CHOSEN[:1], "cros", *CHOSEN[2:]]
    assert any("1 of 8 selection(s) begin or end within a word" in note for note in found.doubts)
    assert find_counting(Counting(), [(TEXT, [])]) == Counting()


@pytest.mark.parametrize(
    ("line", "said", "phrase", "spoken"),
    [
        ("T: So I  don't", "So I don't", "I  don't", "I don't"),
        ("12 T: (laughs) I am", "[laughs] I am", "(laughs) I", "[laughs] I"),
        ("T: (0.5) well we::ll", "[pause 0.5 seconds] well well", "(0.5)", "[pause 0.5 seconds]"),
        ("T: a T: b", "a T: b", "T: b", "T: b"),
        ("T: no no no", "no no no", "no", "no"),
        ("T: therapy", "therapy", "the", "the"),
        ("T: so", "so", "T:", None),
        ("T: so", "so", " ", None),
    ],
)
def test_words_are_found_again_in_what_was_read_from_them(
    line: str, said: str, phrase: str, spoken: str | None
) -> None:
    utterances = [Utterance("T", said, place="line 2")]
    placing = Placing(f"title\r\n{line}\r\n", utterances, [Turn(1, "T", said)])
    start = len("title\r\n") + line.rindex(phrase)
    found = placing.place(start, start + len(phrase))
    assert [said[start:end] for _, start, end in found] == ([] if spoken is None else [spoken])


def test_a_text_in_jefferson_s_notation_keeps_its_labels(tmp_path: Path) -> None:
    text = "1 T:  so:: (.) how [are]\n2 C:              [.hh] fi:ne (0.5)\n3 T:  mm=\n4 C:  =ye:ah >all right<\n"
    start = text.index("fi:ne")
    parts = {"project.qde": qde(source([(start, start + 5), (0, len(text))])), "sources/1.txt": text}
    found = project(archive(tmp_path, parts))
    assert words(found)[0] == "so [pause] how [overlap] are [overlap ends]"
    assert "fine" in words(found)
    assert words(found)[-1] == "yeah all right"


def test_texts_of_recordings_and_texts_in_the_project_file(tmp_path: Path) -> None:
    transcript = (
        '<AudioSource guid="g" name="tape 3.mp3"><Transcript guid="h" plainTextPath="internal://1.txt">'
        '<SyncPoint guid="p1" position="3" timeStamp="0"/><SyncPoint guid="P2" position="8" timeStamp="900"/>'
        '<TranscriptSelection guid="i" fromSyncPoint="p1" toSyncPoint="p2"><Coding><CodeRef targetGUID="{A}"/></Coding>'
        "</TranscriptSelection></Transcript></AudioSource>"
    )
    inside = "<PlainTextContent>T: Were you\nC: So &amp; so</PlainTextContent>"
    parts = {"project.qde": qde(transcript + source([(15, 22)], "s", inside, "")), "sources/1.txt": "T: Hello there\n"}
    found = project(archive(tmp_path, parts))
    assert [session.session_id for session in found.sessions] == ["tape 3", "s"]
    assert sorted(words(found)) == ["Hello", "So & so"]


def test_a_document_is_read_without_labels(tmp_path: Path) -> None:
    document, made = docx.Document(), io.BytesIO()
    document.add_paragraph("T: Hello")
    document.save(made)
    rich = source([(0, 3)]).replace("plainTextPath", "richTextPath").replace("1.txt", "1.docx")
    found = project(archive(tmp_path, {"project.qde": qde(rich), "sources/1.docx": made.getvalue()}))
    assert found.sessions[0].turns == (Turn(1, "T", "Hello"),)
    assert any("1 coding(s) in documents of which the project holds no plain text" in note for note in found.doubts)


def test_the_good_texts_are_read_and_the_others_listed(tmp_path: Path) -> None:
    texts = [
        source([(0, 999), ("x", 5), (-2, 4), (3, 4)]).replace("</T", "</T", 1),
        source([], path="internal://9.txt"),
        source([], path="absolute:///home/secret/1.txt"),
        source([], path=""),
        source([(0, 2)], path="internal://bad.txt"),
        source([], path="internal://who.txt"),
        source([(3, 4)], name="s"),
    ]
    parts: dict[str, str | bytes] = {"project.qde": qde("\n".join(texts)), "sources/1.txt": "T: a\nC: secret\n"}
    parts |= {"sources/bad.txt": b"T: a\nC: secret \xff\n", "sources/who.txt": "Maud: secret\nT: a\n"}
    path = archive(tmp_path, parts)
    found = project(path)
    assert [session.session_id for session in found.sessions] == ["s", "s-7"]  # named as if all could be read
    assert words(found) == ["a", "a"]
    assert [fault.removeprefix(str(path)).split(": ")[0] for fault in found.faults] == [
        "/project.qde:10", "/project.qde:12", "/project.qde:14", "/sources/bad.txt:2", "/sources/who.txt",
        "/project.qde:5", "/project.qde:6", "/project.qde:7",
    ]  # fmt: skip
    assert not any(word in "".join(found.faults + found.doubts) for word in ("secret", "Maud"))
    with pytest.raises(TranscriptError) as caught:
        read_file(path)
    assert len(caught.value.faults) == 8
    report = import_transcripts([path], tmp_path / "out", labels=tmp_path / "labels.jsonl")
    assert (len(report.faults), [entry[1] for entry in report.imported], report.labels) == (8, ["s", "s-7"], 2)


BOMB = "T: a\n" + "a" * 5_000_000


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        ({"project.qde": qde(source([])), "../1.txt": "T: a"}, "leads out of the archive"),
        ({"project.qde": qde(source([])), "/etc/1.txt": "T: a"}, "leads out of the archive"),
        ({"project.qde": qde(source([])), "sources\\..\\..\\1.txt": "T: a"}, "leads out of the archive"),
        ({"project.qde": qde(source([])), "sources/1.txt": BOMB}, "p.qdpx/sources/1.txt unpacks to .* zip bomb"),
        ({"project.qde": qde("") + " " * 5_000_000}, "zip bomb"),
        ({"project.qde": qde("", head="<!DOCTYPE x [<!ENTITY secret 'x'>]>")}, "project.qde:1: it has a document type"),
        ({"project.qde": qde("", head="<!DOCTYPE x SYSTEM 'file:///etc/passwd'>")}, "project.qde:1: it has a document type"),
        ({"project.qde": qde("<secret>")}, "project.qde:5: no valid XML"),
        ({"project.qde": qde("<a>" * 150 + "</a>" * 150)}, "project.qde:4: no valid XML: elements lie"),
        ({"project.qde": "<CodeBook/>"}, "its root is not Project"),
        ({"project.qde": qde("")}, "no text in the project"),
        ({"other.txt": "secret"}, "no project.qde"),
    ],
)  # fmt: skip
def test_what_is_no_project_or_harms_is_refused(tmp_path: Path, parts: dict[str, str | bytes], fault: str) -> None:
    with pytest.raises(TranscriptError, match=fault) as caught:
        read_file(archive(tmp_path, parts, compress=True), file_format="qdpx")
    assert "secret" not in str(caught.value)


def test_a_damaged_archive_is_refused(whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "b.qdpx"
    data = bytearray(whole.read_bytes())
    data[60:400] = b"x" * 340
    for content in (data, data[: len(data) // 2]):
        path.write_bytes(content)
        with pytest.raises(TranscriptError):
            read_file(path, file_format="qdpx")


def test_it_is_told_from_other_archives_and_taken_from_a_folder_by_import_alone(whole: Path) -> None:
    assert detect_format(whole.with_suffix(".zip"), whole.read_bytes()) == "qdpx"
    assert find_files([whole.parent], with_notes=True) == [whole]
    with pytest.raises(TranscriptError):
        find_files([whole.parent])


def test_labels_stand_in_the_machine_readable_output(whole: Path, tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from relcode.cli.import_ import app

    arguments = [str(whole), "--out", str(tmp_path / "out"), "--labels", str(tmp_path / "l.jsonl"), "--json"]
    result = CliRunner().invoke(app, arguments)
    assert json.loads(result.stdout)["labels"] == 12
    assert "l.jsonl: 12 labels" in result.stderr


SAID = st.lists(st.tuples(st.sampled_from("TC"), st.lists(st.sampled_from(["so", "no,", "é", "🙂", "(so)", "a  b"]),
                                                          min_size=1, max_size=6)), min_size=1, max_size=6)  # fmt: skip


@settings(max_examples=50)
@given(SAID, st.data(), st.sampled_from(["\n", "\r\n", "\n\n", "\n   "]))
def test_every_stretch_of_a_text_is_found_again(
    said: list[tuple[str, list[str]]], data: st.DataObject, between: str
) -> None:
    text = between.join(f"{mark}: {' '.join(pieces)}" for mark, pieces in said)
    path = Path("a.txt")
    utterances, _ = read_lines(path, LINE_END.split(text))
    turns = turns_of(utterances, cast_of(utterances, Roles(), path, "a"), path)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    places = Placing(text, utterances, turns).place(start, end)
    found = "".join("".join(turns[turn - 1].text[a:b].split()) for turn, a, b in places)
    assert found == "".join(re.sub("[TC]:", "  ", text)[start:end].split())


@given(st.lists(st.sampled_from([source([(0, 4)]), "<TextSource>", "</TextSource>", "<Coding>", "</Coding>", "<CodeRef/>",
                                 "<PlainTextSelection startPosition='1'>", "</PlainTextSelection>", "<Transcript name='x'>",
                                 "</Transcript>", "<SyncPoint/>", "<PlainTextContent>T: a", "</PlainTextContent>", "&x;",
                                 "<TranscriptSelection/>", "<Sets><Set/></Sets>", "<Code/>"])), st.booleans())  # fmt: skip
def test_mutilated_projects_raise_nothing_else(pieces: list[str], whole_project: bool) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as zipped:
        zipped.writestr("project.qde", qde("".join(pieces)) if whole_project else "".join(pieces))
        zipped.writestr("sources/1.txt", "T: a\nC: b\n")
    with contextlib.suppress(TranscriptError):
        read_project(Source(Path("p.qdpx"), made.getvalue()))


TALK = (
    "Ms. Lee: What was that like for you?\nOskar: I hated it. I went home and I cried.\nMs. Lee: And how do you feel?\n"
)


def test_speakers_of_a_project_are_asked_for_by_text_and_answered_by_a_table(tmp_path: Path) -> None:
    texts = source([(9, 36)], name="a", path="internal://1.txt") + source([(9, 36)], name="a", path="internal://2.txt")
    gone = source([], name="b", path="internal://3.txt")
    path = archive(tmp_path, {"project.qde": qde(texts + gone), "sources/1.txt": TALK, "sources/2.txt": TALK})
    open_ones = import_transcripts([path], tmp_path / "out", dry_run=True)
    assert [(asked.session, asked.mark) for asked in open_ones.asked] == [
        (name, mark) for name in ("a", "a-2") for mark in ("Ms. Lee", "Oskar")
    ]
    assert sum("no role is known" in fault for fault in open_ones.faults) == 4
    assert sum("a text is missing" in fault for fault in open_ones.faults) == 1
    assert not any("Lee" in fault or "Oskar" in fault for fault in open_ones.faults)
    table = tmp_path / "speakers.csv"
    table.write_text("session,mark,role\na,Ms. Lee,T\na,Oskar,C\na-2,Ms. Lee,C\na-2,Oskar,T\n", encoding="utf-8")
    done = import_transcripts([path], tmp_path / "out", speakers=table, labels=tmp_path / "labels")
    assert [fault for fault in done.faults if "a text is missing" not in fault] == []
    labels = read_spans(tmp_path / "labels" / "coder-1.jsonl", read_sessions([tmp_path / "out"]))
    assert {(span.session_id, span.text) for span in labels} == {
        (name, "What was that like for you?") for name in ("a", "a-2")
    }
    first = {each.session_id: each.turns[0].speaker for each in read_sessions([tmp_path / "out"])}
    assert first == {"a": "T", "a-2": "C"}


def test_proposed_roles_of_one_text_are_accepted_while_another_stays_a_fault(tmp_path: Path, corpus: Any) -> None:
    marks = {"T": "Ms. Lee", "C": "Oskar"}
    session = next(each for each in read_sessions(corpus("transcripts")) if each.session_id == "D3-T01-s02")
    long = "".join(f"{marks[turn.speaker]}: {turn.text}\n" for turn in session.turns)
    alone = "Anna: It was late.\n"
    texts = source([], name="a", path="internal://1.txt") + source([], name="b", path="internal://2.txt")
    path = archive(tmp_path, {"project.qde": qde(texts), "sources/1.txt": long, "sources/2.txt": alone})
    report = import_transcripts([path], tmp_path / "out", accept_proposed=True)
    assert [session for _, session, _, _ in report.imported] == ["a"]
    assert ["no role is known" in fault for fault in report.faults] == [True]


def test_labels_go_into_a_folder_with_a_file_a_coder(whole: Path, tmp_path: Path) -> None:
    import_transcripts([whole], tmp_path / "out", labels=tmp_path / "labels")
    sessions = read_sessions([tmp_path / "out"])
    files = sorted((tmp_path / "labels").iterdir())
    assert [file.name for file in files] == ["coder-1.jsonl", "coder-2.jsonl", "coder-unknown.jsonl"]
    assert [len(read_spans(file, sessions)) for file in files] == [5, 6, 1]
