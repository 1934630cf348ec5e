"""Word documents: paragraphs as plain text has lines, and tables with columns for number, time, speaker and words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from relcode.errors import TranscriptError
from relcode.transcripts.columns import names_columns
from relcode.transcripts.f4 import READ_SO, check_times, find_mark_and_times, time_marks, with_times
from relcode.transcripts.marks import Mark, find_mark
from relcode.transcripts.office import office_parts, xml_of
from relcode.transcripts.plaintext import Lines, marked_lines
from relcode.transcripts.roles import Utterance, is_role_word, names_nobody, plain
from relcode.transcripts.source import Reading, Source
from relcode.transcripts.tables import layout_of
from relcode.transcripts.times import seconds_of_range
from relcode.transcripts.word_text import W, inside, left_out, rows_of, text_of


@dataclass(repr=False)
class _Block:
    """A paragraph (`lines`) or a table (`rows`), and its number among the blocks."""

    number: int
    lines: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


def read_word(source: Source) -> Reading:
    """Read a `.docx` in the order of the page; a paragraph or row without a mark continues the speaker before.

    Paragraphs are read as lines of plain text are (Otter, Rev, Teams, `T: words`); those before the first mark are passed
    over. A table whose rows hold `T: words` in one column counts as paragraphs.

    Raises
    ------
    TranscriptError
        No Word document, one that unpacks to far more than it holds, no paragraph with a speaker's mark, or a table
        without a header row beside paragraphs with marks (it may be the transcript, or particulars of the session).
    """
    path = source.path
    if "word/document.xml" not in office_parts(path, source.data):
        raise TranscriptError(f"{path} is a zip archive, but no Word document.")
    body = xml_of(path, source.data, "word/document.xml").find(f"{W}body")
    if body is None:
        raise TranscriptError(f"{path} is no Word document that can be read: it has no body.")
    blocks = [_as_paragraphs(block, source) for block in _blocks(body)]
    lines = [line for block in blocks for line in block.lines]
    is_timed = time_marks("\n".join(lines)) > 0  # f4 writes Word documents too
    if is_timed:
        check_times(path, lines, unit="paragraph")
    find = find_mark_and_times if is_timed else find_mark
    found = marked_lines(path, lines, unit="paragraph", find=find) if any(line.strip() for line in lines) else None
    utterances = _in_order(source, blocks, found)
    utterances = with_times(utterances) if is_timed else utterances
    if not utterances:
        expected = f"{path}: no paragraph begins with a speaker's mark; expected `T: words`, or a table."
        raise TranscriptError(expected)
    title = found.start if found and found.start is not None else 0
    passed_over = sum(bool(line.strip()) for line in lines[:title])
    doubts = [f"{passed_over} paragraph(s) before the first speaker were passed over"] if passed_over else []
    doubts += [READ_SO] if is_timed else []
    extra = found.extra if found else 0
    doubts += [f"{extra} paragraph(s) that the recogniser added were passed over"] if extra else []
    return Reading({source.stem: utterances}, doubts=doubts + left_out(body))


def _blocks(body: Any) -> list[_Block]:
    blocks = []
    for number, element in enumerate(inside(body, "p", "tbl"), start=1):
        if element.tag == W + "p":
            blocks.append(_Block(number, lines=text_of(element).split("\n")))
            continue
        cells = [
            ["\n".join(map(text_of, inside(cell, "p"))).strip() for cell in inside(row, "tc")]
            for row in rows_of(element)
        ]
        rows = [row for row in cells if any(row)]
        width = max(map(len, rows), default=0)
        blocks.append(_Block(number, rows=[row + [""] * (width - len(row)) for row in rows]))
    return blocks


def _as_paragraphs(block: _Block, source: Source) -> _Block:
    """A table in which one column holds marks and words (a column for numbers or notes beside it) as paragraphs."""
    if not block.rows or source.options.columns or {"speaker", "text"} <= names_columns(block.rows[0]).keys():
        return block
    width = len(block.rows[0])
    for column in range(width):
        cells = [row[column] for row in block.rows if row[column]]
        marks = [mark for mark in map(find_mark, (cell.split("\n", 1)[0] for cell in cells)) if mark and mark.words]
        times = Counter(plain(mark.name) for mark in marks)
        known = [m for m in marks if is_role_word(m.name) or names_nobody(m.name) or times[plain(m.name)] > 1]
        if len(known) > 1 and len(known) * 2 >= len(cells):
            lines = [line for cell in cells for line in cell.split("\n")]
            return _Block(block.number, lines=lines)
    return block


def _in_order(source: Source, blocks: Sequence[_Block], found: Lines | None) -> list[Utterance]:
    path = source.path
    utterances: list[Utterance] = []
    last = Mark("", "")
    line = 0
    kinds: set[str] = set()
    for block in blocks:
        if block.rows:
            rows, kind = _read_table(source, block, last.name)
            kinds.add(kind)
            utterances += rows
            last = Mark(utterances[-1].mark, "") if rows else last
            continue
        for number in range(line, line + len(block.lines)):
            mark = found.marks[number] if found and number >= (found.start or 0) else None
            last = mark or last
            kinds.add("marks" if mark else "")
            words = mark.words if mark else found.lines[number].strip() if found else ""
            if words and last.name:
                utterances.append(Utterance(last.name, words, last.t0, last.t1, f"paragraph {block.number}"))
                last = replace(last, t0=None, t1=None)
        line += len(block.lines)
    if "table without header" in kinds and kinds & {"marks", "table"}:
        raise TranscriptError(
            f"{path} holds a table without a header row beside other speech: give it a header row with Speaker and Text "
            "if it is part of the transcript, else remove it."
        )
    if found and found.faults and (found.start is not None or not utterances):
        raise TranscriptError(f"{path} cannot be read as a transcript:", found.faults)
    return utterances


def _read_table(source: Source, block: _Block, before: str) -> tuple[list[Utterance], str]:
    """Utterances of a table, and whether a header row names its columns."""
    path, rows = source.path, block.rows
    if len(rows[0]) < 2:
        raise TranscriptError(
            f"{path}: the table at paragraph {block.number} has one column; expected speaker and words."
        )
    columns = names_columns(rows[0])
    named = {"speaker", "text"} <= columns.keys()
    if source.options.columns:
        layout = layout_of(path, rows, source.options.columns)
        columns, named = dict(layout.columns), layout.header is not None
    elif not named:
        columns = _columns_by_content(rows)
    found: list[Utterance] = []
    faults: list[str] = []
    for number, row in enumerate(rows[int(named) :], start=1 + named):
        before = row[columns["speaker"]] or before
        if not before:
            faults.append(f"{path}: row {number} of the table at paragraph {block.number} names no speaker")
            continue
        times = seconds_of_range(row[columns["t0"]]) if "t0" in columns else (None, None)
        found.append(Utterance(before, row[columns["text"]], *times, place=f"row {number} of a table"))
    if faults:
        raise TranscriptError(f"{path}: a table does not say who speaks:", faults)
    return found, "table" if named else "table without header"


def _columns_by_content(rows: list[list[str]]) -> dict[str, int]:
    """The widest column holds the words; of the others the one with most role words, then letters, the speakers."""
    columns = range(len(rows[0]))
    words = max(columns, key=lambda column: sum(len(row[column]) for row in rows))
    others = [column for column in columns if column != words]

    def speaks(column: int) -> tuple[int, int]:
        cells = [row[column] for row in rows if row[column]]
        return sum(map(is_role_word, cells)), sum(any(map(str.isalpha, cell)) for cell in cells)

    speaker = max(others, key=speaks)
    found = {"text": words, "speaker": speaker}
    times = [
        column
        for column in others
        if column != speaker
        and sum(seconds_of_range(row[column])[0] is not None and ":" in row[column] for row in rows) * 2 > len(rows)
    ]
    return found | ({"t0": times[0]} if times else {})
