"""Export of labels: exact files for a small coding, and every label is found again in what was written."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relcode.deid import deidentify, record_deid
from relcode.errors import LabelError
from relcode.exports.labels import Labelled, export_labels
from relcode.exports.labels.conll import Columns, to_conll
from relcode.project import Project
from relcode.records import Session, Span, Turn
from relcode.spans import write_spans
from relcode.transcripts import write_session

SESSION = Session(
    "S1",
    (
        Turn(1, "T", "I felt shut out."),
        Turn(2, "C", "Oh. [pause] \U0001f642 I'm sorry,\nreally."),
        Turn(3, "T", "And now?"),
    ),
    {"dyad": "D1", "therapist": "T01"},
)


def span(turn: int, words: str, code: str, **fields: Any) -> Span:
    """A label on the first place of these words in a turn of SESSION."""
    start = SESSION.turns[turn - 1].text.index(words)
    return Span("S1", turn, start, start + len(words), words, code, **fields)


ACCEPTED = [
    span(1, "I felt shut out", "TSI", codebook="relational-core@1.0.0", source="accepted"),
    span(1, "shut out.", "IMM", codebook="relational-core@1.0.0", source="accepted"),
    span(2, "\U0001f642 I'm sorry", "IMM", codebook="relational-core@1.0.0", source="accepted", score=0.75),
]


def test_conll_has_a_token_a_line_and_a_column_a_code(tmp_path: Path) -> None:
    report = export_labels([SESSION], ACCEPTED, tmp_path, to="conll")
    assert (report.exported, report.notes, report.faults) == ([("S1", str(tmp_path / "S1.conll"))], [], [])
    assert (tmp_path / "S1.conll").read_text(encoding="utf-8").splitlines() == [
        "# session = S1",
        "# columns = token start end IMM TSI",
        "",
        "# turn = 1",
        "# speaker = T",
        "I\t0\t1\tO\tB-TSI",
        "felt\t2\t6\tO\tI-TSI",
        "shut\t7\t11\tB-IMM\tI-TSI",
        "out\t12\t15\tI-IMM\tI-TSI",
        ".\t15\t16\tI-IMM\tO",
        "",
        "# turn = 2",
        "# speaker = C",
        "Oh\t0\t2\tO\tO",
        ".\t2\t3\tO\tO",
        "[\t4\t5\tO\tO",
        "pause\t5\t10\tO\tO",
        "]\t10\t11\tO\tO",
        "\U0001f642\t12\t13\tB-IMM\tO",
        "I\t14\t15\tI-IMM\tO",
        "'m\t15\t17\tI-IMM\tO",
        "sorry\t18\t23\tI-IMM\tO",
        ",\t23\t24\tO\tO",
        "really\t25\t31\tO\tO",
        ".\t31\t32\tO\tO",
        "",
        "# turn = 3",
        "# speaker = T",
        "And\t0\t3\tO\tO",
        "now\t4\t7\tO\tO",
        "?\t7\t8\tO\tO",
        "",
    ]


@pytest.mark.parametrize(
    ("spans", "comments"),
    [
        ([span(3, "And now", "TSI")], []),
        ([span(3, "And now", "TSI"), span(3, "now?", "IMM")], []),
        ([span(3, "And", "TSI"), span(3, "now", "TSI")], []),
        ([span(3, "And no", "TSI")], ["# exact 0 6 TSI"]),  # cuts a token
        ([span(3, "And now", "TSI"), span(3, "now?", "TSI")], ["# label 4 8 TSI"]),  # on one another
        ([span(3, " ", "TSI")], ["# label 3 4 TSI"]),  # no token at all
    ],
)
def test_conll_keeps_in_comments_what_tags_cannot_hold(tmp_path: Path, spans: list[Span], comments: list[str]) -> None:
    report = export_labels([SESSION], spans, tmp_path, to="conll")
    lines = (tmp_path / "S1.conll").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith(("# label", "# exact"))] == comments
    assert len(report.notes) == len(comments)


def test_conll_has_a_column_a_source_where_they_are_several(tmp_path: Path) -> None:
    spans = [span(3, "now", "IMM", source="coder:a"), span(3, "now", "IMM", source="coder:b")]
    export_labels([SESSION], spans, tmp_path, to="conll")
    lines = (tmp_path / "S1.conll").read_text(encoding="utf-8").splitlines()
    assert lines[1] == "# columns = token start end IMM@coder:a IMM@coder:b"
    assert lines[-3] == "now\t4\t7\tB-IMM@coder:a\tB-IMM@coder:b"


TEXT = st.text("ab'.,;-# \t\n\x85\u2028\xa0é🙂[]", min_size=1, max_size=25)


@st.composite
def labelled_sessions(draw: st.DrawFn) -> Labelled:
    turns = [Turn(n, draw(st.sampled_from("TC")), draw(TEXT)) for n in range(1, draw(st.integers(1, 3)) + 1)]
    spans = []
    for turn in turns:
        for _ in range(draw(st.integers(0, 3))):
            start = draw(st.integers(0, len(turn.text) - 1))
            end = draw(st.integers(start + 1, len(turn.text)))
            code = draw(st.sampled_from(["A", "B.c"]))
            spans.append(Span("S", turn.turn, start, end, turn.text[start:end], code, source="accepted"))
    unique = {each.key: each for each in spans}
    return Labelled(Session("S", tuple(turns)), tuple(sorted(unique.values(), key=lambda each: each.key)))


def read_conll(data: bytes, session: Session) -> set[tuple[int, int, int, str]]:
    """The labels in a file: (turn, start, end, column). Checks that each token stands where the file says."""
    lines = data.decode().split("\n")
    columns = lines[1].removeprefix("# columns = ").split(" ")[3:]
    comments: dict[str, list[tuple[int, int, int, str]]] = {"label": [], "exact": []}
    tagged: list[list[Any]] = []
    turn = 0
    for line in lines[2:]:
        if line.startswith("# turn = "):
            turn = int(line.removeprefix("# turn = "))
        elif line.startswith(("# label ", "# exact ")):
            _, kind, start, end, column = line.split(" ")
            comments[kind].append((turn, int(start), int(end), column))
        elif line and not line.startswith("# "):
            token, start, end, *tags = line.split("\t")
            assert session.turns[turn - 1].text[int(start) : int(end)] == token
            for column, tag in zip(columns, tags, strict=True):
                if tag == f"B-{column}":
                    tagged.append([turn, int(start), int(end), column])
                elif tag == f"I-{column}":
                    [one for one in tagged if one[0] == turn and one[3] == column][-1][2] = int(end)
                else:
                    assert tag == "O"
    found = {tuple(one) for one in tagged}
    for turn, start, end, column in comments["exact"]:
        here = [tuple(one) for one in tagged if (one[0], one[3]) == (turn, column)]
        (wider,) = [one for one in here if one[1] < end and one[2] > start]
        found = found - {wider} | {(turn, start, end, column)}
    return {*found, *comments["label"]}


@settings(deadline=None)
@given(labelled_sessions())
def test_every_label_is_found_again_in_conll(labelled: Labelled) -> None:
    data, _ = to_conll(labelled, Columns.of_labels([labelled]))
    wanted = {(each.turn, each.start, each.end, each.code) for each in labelled.spans}
    assert read_conll(data, labelled.session) == wanted


ROWS = [
    ["S1", 1, "T", 0, 15, "I felt shut out", "TSI", "relational-core@1.0.0", "accepted", None],
    ["S1", 1, "T", 7, 16, "shut out.", "IMM", "relational-core@1.0.0", "accepted", None],
    ["S1", 2, "C", 12, 23, "\U0001f642 I'm sorry", "IMM", "relational-core@1.0.0", "accepted", 0.75],
]
NAMES = ["session_id", "turn", "speaker", "start", "end", "text", "code", "codebook", "source", "score"]


def test_the_table_has_a_row_a_label(tmp_path: Path) -> None:
    report = export_labels([SESSION], ACCEPTED, tmp_path, to="csv")
    assert report.exported == [("3 label(s) of 1 session(s)", str(tmp_path / "labels.csv"))]
    with (tmp_path / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [NAMES, *[["" if value is None else str(value) for value in row] for row in ROWS]]


def test_the_parquet_table_has_the_same_rows_and_types(tmp_path: Path) -> None:
    export_labels([SESSION], ACCEPTED, tmp_path, to="parquet")
    table = pq.read_table(tmp_path / "labels.parquet")
    assert [list(row.values()) for row in table.to_pylist()] == ROWS
    types = [pa.string(), pa.int32(), pa.string(), pa.int32(), pa.int32(), *[pa.string()] * 4, pa.float64()]
    assert table.schema == pa.schema(list(zip(NAMES, types, strict=True)))


def test_what_is_left_out_is_said(tmp_path: Path, session_of: Callable[..., Session]) -> None:
    other = Span("S9", 1, 0, 3, "Yes", "IMM")
    report = export_labels([SESSION, session_of("T: Yes.", session_id="S2")], [*ACCEPTED, ACCEPTED[0], other], tmp_path,
                           to="conll")  # fmt: skip
    assert report.notes == [
        "1 session(s) that no label names were left out",
        "1 label(s) of 1 session(s) that are not among the transcripts were left out",
        "1 label(s) that stand there already, from the same source, were left out",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["S1.conll"]


def test_labels_of_other_sessions_alone_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="No label is of a session"):
        export_labels([SESSION], [Span("S9", 1, 0, 3, "Yes", "IMM")], tmp_path / "out", to="csv")
    assert not (tmp_path / "out").exists()


def test_files_are_named_after_sessions_safely(tmp_path: Path) -> None:
    odd = Session("../a/b", (Turn(1, "T", "Yes."),))
    report = export_labels([odd], [Span("../a/b", 1, 0, 3, "Yes", "IMM")], tmp_path / "out", to="conll")
    assert [str(path) for path in (tmp_path / "out").iterdir()] == [file for _, file in report.exported]


@pytest.fixture
def written(tmp_path: Path) -> tuple[Path, Path]:
    """A transcript and its labels."""
    write_spans(tmp_path / "labels.jsonl", ACCEPTED)
    return write_session(SESSION, tmp_path / "in"), tmp_path / "labels.jsonl"


def test_the_command_takes_several_files_of_labels(tmp_path: Path, relcode: Any, written: tuple[Path, Path]) -> None:
    source, labels = written
    write_spans(tmp_path / "b.jsonl", [span(3, "now", "IMM", source="coder:b")])
    done = relcode(
        "export", source, "--labels", labels, "--labels", tmp_path / "b.jsonl", "--to", "csv", "--out", tmp_path / "out",
        "--json",
    )  # fmt: skip
    assert done.status == 0, done.err
    assert json.loads(done.out)["exported"] == [["4 label(s) of 1 session(s)", str(tmp_path / "out" / "labels.csv")]]
    assert "in no project folder" in done.err


def test_the_command_lists_the_faults_of_all_files(tmp_path: Path, relcode: Any, written: tuple[Path, Path]) -> None:
    write_spans(tmp_path / "b.jsonl", [Span("S1", 3, 0, 3, "You", "IMM"), Span("S1", 9, 0, 1, "a", "IMM")])
    write_spans(tmp_path / "c.jsonl", [Span("S1", 3, 0, 99, "And", "IMM")])
    labels = ["--labels", tmp_path / "b.jsonl", "--labels", written[1], "--labels", tmp_path / "c.jsonl"]
    done = relcode("export", written[0], *labels, "--to", "conll", "--out", tmp_path / "out")
    assert done.status == 1
    assert [done.err.count(place) for place in ("b.jsonl:1:", "b.jsonl:2:", "c.jsonl:1:")] == [1, 1, 1]
    assert "You" not in done.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("to", "with_labels"), [("vtt", True), ("conll", False)])
def test_labels_go_with_formats_for_labels(
    tmp_path: Path, relcode: Any, written: tuple[Path, Path], to: str, with_labels: bool
) -> None:
    labels = ["--labels", written[1]] if with_labels else []
    done = relcode("export", written[0], *labels, "--to", to, "--out", tmp_path / "out")
    assert done.status == 2
    assert "--labels" in done.err or "holds no labels" in done.err
    assert not (tmp_path / "out").exists()


def test_the_gate_is_asked_before_labels_leave(tmp_path: Path, relcode: Any) -> None:
    project = Project.create(tmp_path / "study")
    write_session(SESSION, project.transcripts)
    write_spans(tmp_path / "labels.jsonl", ACCEPTED)
    arguments = [project.transcripts, "--labels", tmp_path / "labels.jsonl", "--to", "csv", "--out", tmp_path / "out"]
    refused = relcode("export", *arguments)
    assert refused.status == 1
    assert "session S1: not on record" in refused.err
    assert not (tmp_path / "out").exists()
    result = deidentify([SESSION])
    assert result.sessions[0].turns == SESSION.turns
    record_deid(result, project.open_ledger())
    assert relcode("export", *arguments).status == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["labels.csv"]
