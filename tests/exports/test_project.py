"""Labels as a REFI-QDA project: the standard's structure, positions that name the words, and all of it read back."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from relcode.codebook import load_codebook
from relcode.exports.labels import export_labels
from relcode.records import Session, Span, Turn
from relcode.transcripts.refiqda import read_project
from relcode.transcripts.roles import Roles
from relcode.transcripts.source import Options, Reading, Source

pytestmark = pytest.mark.slow  # each looks through all codebooks

SCHEMA = Path(__file__).parents[1] / "data" / "refi-qda" / "project-part.xsd"
NOT_HERE = "not-here@1.0.0"
CORE = "relational-core@1.0.0"
NS = "{urn:QDA-XML:project:1.0}"
SESSION = Session(
    "S1",
    (
        Turn(1, "T", "I felt shut out."),
        Turn(2, "C", "Oh. [pause] \U0001f642 I'm sorry, really."),
        Turn(3, "T", "T: and now? And now?"),
        Turn(4, "C2", "I'm sorry too."),
    ),
)


def span(turn: int, start: int, end: int, code: str, source: str, codebook: str | None = None) -> Span:
    return Span("S1", turn, start, end, SESSION.turns[turn - 1].text[start:end], code, codebook, source)


LABELS = [
    span(1, 0, 15, "TSI", "coder:b", CORE),
    span(1, 7, 16, "TSD", "accepted", CORE),
    span(2, 12, 24, "INT.genetic", "coder:a", CORE),
    span(2, 12, 24, "My Code.x", "coder:a", "elsewhere@2.0.0"),  # of one that is not here
    span(3, 12, 20, "TSD", "coder:b", CORE),
    span(4, 1, 3, "TSD", "coder:b", CORE),  # cuts a word
]


def read(path: Path) -> Reading:
    return read_project(Source(path, path.read_bytes(), Options(Roles())))


def parts(path: Path) -> tuple[etree._Element, dict[str, str]]:
    """The project element, and the texts by the name under which selections' sources give them."""
    with zipfile.ZipFile(path) as archive:
        texts = {name.removeprefix("sources/"): archive.read(name).decode() for name in archive.namelist()}
        return etree.fromstring(archive.read("project.qde")), texts


def test_turns_and_labels_are_the_same_when_read_again(tmp_path: Path) -> None:
    report = export_labels([SESSION], LABELS, tmp_path, to="qdpx")
    assert report.exported == [("6 label(s) of 1 session(s)", str(tmp_path / "labels.qdpx"))]
    assert report.notes == ["1 code(s) of codebooks that are not here have no description"]
    reading = read(tmp_path / "labels.qdpx")
    assert reading.sessions == [SESSION]
    coders = {"accepted": "coder:1", "coder:a": "coder:2", "coder:b": "coder:3"}
    assert sorted((*each.key, each.text, each.source) for each in reading.labels) == sorted(
        (*each.key, each.text, coders[each.source]) for each in LABELS
    )


def test_positions_name_the_words_of_the_text(tmp_path: Path) -> None:
    export_labels([SESSION], LABELS, tmp_path, to="qdpx")
    project, texts = parts(tmp_path / "labels.qdpx")
    (source,) = project.iter(f"{NS}TextSource")
    text = texts[source.get("plainTextPath").removeprefix("internal://")]
    assert text.splitlines() == [f"{turn.speaker}: {turn.text}" for turn in SESSION]
    places = [(int(each.get("startPosition")), int(each.get("endPosition"))) for each in source]
    assert [text[start:end] for start, end in places] == [each.text for each in LABELS]
    assert [user.get("name") for user in project.iter(f"{NS}User")] == ["accepted", "a", "b"]


def test_the_project_is_as_the_standard_says(tmp_path: Path) -> None:
    export_labels([SESSION], LABELS, tmp_path, to="qdpx")
    project, _ = parts(tmp_path / "labels.qdpx")
    schema = etree.XMLSchema(etree.parse(SCHEMA))
    assert schema.validate(project), schema.error_log
    guids = [element.get("guid") for element in project.iter() if element.get("guid")]
    assert len(guids) == len(set(guids))
    users = {user.get("guid") for user in project.iter(f"{NS}User")}
    codes = {code.get("guid"): code.get("name") for code in project.iter(f"{NS}Code")}
    assert {element.get("creatingUser") for element in project.iter(f"{NS}Coding", f"{NS}PlainTextSelection")} == users
    book = load_codebook(CORE)
    tsd = book.by_id["TSD"].name
    coded = [codes[reference.get("targetGUID")] for reference in project.iter(f"{NS}CodeRef")]
    assert coded == [*(book.by_id[each.code].name for each in LABELS[:3]), "My Code.x", tsd, tsd]
    del project.find(f"{NS}Users")[0].attrib["guid"]
    assert not schema.validate(project)


@pytest.mark.parametrize("named", [None, "relational-core@9.9.9"])
def test_labels_without_codebook_or_of_a_version_not_here_get_the_one_that_has_their_code(
    tmp_path: Path, named: str | None
) -> None:
    report = export_labels([SESSION], [span(1, 0, 1, "TSD", "accepted", named)], tmp_path, to="qdpx")
    assert report.notes == []


def test_the_same_labels_give_the_same_bytes(tmp_path: Path) -> None:
    for name, labels in (("a", LABELS[3:4]), ("b", LABELS[3:4] * 2)):
        export_labels([SESSION], labels, tmp_path / name, to="qdpx")
    assert (tmp_path / "a" / "labels.qdpx").read_bytes() == (tmp_path / "b" / "labels.qdpx").read_bytes()


@pytest.mark.parametrize(
    ("lines", "note"),
    [
        (["T: Yes.", "C: No."], None),
        (["T: Yes.", "T: No."], "relcode import would join neighbouring turns of one speaker"),
        (["T: Yes.", "C: (laughs) No."], "relcode import would write spaces and notes in its normal form"),
    ],
)
def test_what_relcode_would_read_otherwise_is_said(
    tmp_path: Path, session_of: Callable[..., Session], lines: list[str], note: str | None
) -> None:
    report = export_labels([session_of(*lines)], [Span("S1", 1, 0, 3, "Yes", "TSD", CORE)], tmp_path, to="qdpx")
    assert report.notes == ([] if note is None else [f"session S1: {note}"])


def test_a_text_that_relcode_would_not_read_under_its_name_is_said(tmp_path: Path) -> None:
    session = Session("S  1", (Turn(1, "T", "Yes."),))
    report = export_labels([session], [Span("S  1", 1, 0, 3, "Yes", "A", NOT_HERE)], tmp_path, to="qdpx")
    assert report.notes[1:] == ["session S  1: relcode import would not read this text, or read other turns in it"]


def test_line_ends_in_a_turn_are_spaces(tmp_path: Path) -> None:
    session = Session("S1", (Turn(1, "T", "One\r\ntwo\x85three."), Turn(2, "C", "Four.")))
    labels = [Span("S1", 1, 5, 8, "two", "A", NOT_HERE), Span("S1", 2, 0, 4, "Four", "A", NOT_HERE)]
    export_labels([session], labels, tmp_path, to="qdpx")
    assert list(parts(tmp_path / "labels.qdpx")[1].values())[1] == "T: One  two three.\nC: Four.\n"
    assert [each.text for each in read(tmp_path / "labels.qdpx").labels] == ["two", "Four"]


def test_own_codebooks_come_first(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "id: mine\nversion: 1.0.0\ntitle: Mine\nauthors: [A]\ncodes:\n- id: OWN\n  name: My own\n  speakers: [T]\n"
        "  definition: What I mean.\n  prior: 0.1\n",
        encoding="utf-8",
    )
    report = export_labels(
        [SESSION], [span(1, 0, 1, "OWN", "accepted", "mine@1.0.0")], tmp_path, to="qdpx", folders=[tmp_path]
    )
    project, _ = parts(tmp_path / "labels.qdpx")
    assert [code.get("name") for code in project.iter(f"{NS}Code")] == ["Mine", "My own"]
    assert report.notes == []


TOKENS = "Well, yes. no? I'm [pause] [NAME_2] 12 - so é \U0001f642 mother the the"
WORDS = st.lists(st.sampled_from(TOKENS.split()), min_size=1)


@st.composite
def labelled(draw: st.DrawFn) -> tuple[Session, list[Span]]:
    """Turns of words by one speaker after the other; labels begin and end at words."""
    turns, spans = [], []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        words = draw(WORDS)
        turns.append(Turn(number, "TC"[number % 2], " ".join(words)))
        for _ in range(draw(st.integers(0, 3))):
            first = draw(st.integers(0, len(words) - 1))
            last = draw(st.integers(first, len(words) - 1))
            text = " ".join(words[first : last + 1])
            start = len(" ".join([*words[:first], ""]))
            source = draw(st.sampled_from(["coder:a", "coder:b"]))
            spans.append(
                Span("S", number, start, start + len(text), text, draw(st.sampled_from(["TSD", "Q"])), NOT_HERE, source)
            )
    return Session("S", tuple(turns)), spans


@settings(deadline=None)
@given(labelled().filter(lambda given: bool(given[1])))
def test_any_labels_at_words_are_read_again(
    tmp_path_factory: pytest.TempPathFactory, given_labels: tuple[Session, list[Span]]
) -> None:
    session, spans = given_labels
    folder = tmp_path_factory.mktemp("p")
    export_labels([session], spans, folder, to="qdpx")
    reading = read(folder / "labels.qdpx")
    sources = sorted({each.source for each in spans})
    assert reading.sessions == [session]
    assert {(each.key, each.source) for each in reading.labels} == {
        (each.key, f"coder:{sources.index(each.source) + 1}") for each in spans
    }
