"""CoNLL: a token a line with a BIO tag for each code, for sequence taggers.

Lines that begin with `#` and a space are comments. What tags cannot hold stands in comments of the turn, so that a file
holds every label: `# exact START END COLUMN` gives the bounds of a label that cuts a token, and whose tags are wider;
`# label START END COLUMN` is one without tags, as another of its column is there, or no token.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from relcode.exports.labels.gather import Labelled
from relcode.exports.text import one_line
from relcode.records import Span, Turn
from relcode.transcripts.tokens import tokenize

Token = tuple[str, int, int]
_OUTSIDE = "O"


@dataclass(frozen=True)
class Columns:
    """The tag columns of an export, the same in all its files: a code each; `CODE@source` where sources are several."""

    names: tuple[str, ...]
    several_sources: bool

    @classmethod
    def of_labels(cls, labelled: Sequence[Labelled]) -> Columns:
        spans = [span for each in labelled for span in each.spans]
        columns = cls((), len({span.source for span in spans}) > 1)
        return replace(columns, names=tuple(sorted({columns.of(span) for span in spans})))

    def of(self, span: Span) -> str:
        """The column of a label."""
        return f"{span.code}@{'_'.join(span.source.split())}" if self.several_sources else span.code


def to_conll(labelled: Labelled, columns: Columns) -> tuple[bytes, int]:
    """The file of a session, and how many of its labels are not held by tags alone.

    Lines `token TAB start TAB end` and a tag for each column; an empty line behind each turn; `start`, `end` are code
    points of the turn.
    """
    head = ["token", "start", "end", *columns.names]
    lines = [f"# session = {one_line(labelled.session.session_id)}", f"# columns = {' '.join(head)}", ""]
    inexact = 0
    for (turn, spans), tokens in zip(labelled.turns(), _tokens(labelled), strict=True):
        tags, comments = _tags(tokens, [(columns.of(span), span) for span in spans])
        lines += _turn_lines(turn, tokens, [tags.get(column, {}) for column in columns.names], comments)
        inexact += len(comments)
    return ("\n".join(lines) + "\n").encode(), inexact


def _tokens(labelled: Labelled) -> Iterator[list[Token]]:
    table = tokenize([labelled.session])
    edges = np.searchsorted(table.turn_row, np.arange(len(labelled.session.turns) + 1))
    for first, last in pairwise(edges.tolist()):
        yield [(table.words[table.word[row]], int(table.start[row]), int(table.end[row])) for row in range(first, last)]


def _tags(tokens: Sequence[Token], spans: Sequence[tuple[str, Span]]) -> tuple[dict[str, dict[int, str]], list[str]]:
    """Tags by column and row of the token; comments on labels that they do not hold as they are."""
    tags: dict[str, dict[int, str]] = {}
    comments = []
    for column, span in spans:
        rows = [row for row, (_, start, end) in enumerate(tokens) if end > span.start and start < span.end]
        taken = tags.setdefault(column, {})
        place = f"{span.start} {span.end} {column}"
        if not rows or any(row in taken for row in rows):
            comments.append(f"# label {place}")
            continue
        if (tokens[rows[0]][1], tokens[rows[-1]][2]) != (span.start, span.end):
            comments.append(f"# exact {place}")
        taken.update({row: f"{'B' if row == rows[0] else 'I'}-{column}" for row in rows})
    return tags, comments


def _turn_lines(
    turn: Turn, tokens: Sequence[Token], tags: Sequence[dict[int, str]], comments: Sequence[str]
) -> list[str]:
    lines = [f"# turn = {turn.turn}", f"# speaker = {turn.speaker}", *comments]
    for row, (word, start, end) in enumerate(tokens):
        lines.append("\t".join([word, str(start), str(end), *(column.get(row, _OUTSIDE) for column in tags)]))
    return [*lines, ""]
