"""Which column of a table holds what: by the user's word, by its name, else proposed from what stands in it."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from relcode.transcripts.roles import is_role_word
from relcode.transcripts.source import Column

NAMES = {
    "session": ("session_id", "transcript_id", "session", "transcript", "conversation_id", "conv_id", "dialogue_id"),
    "speaker": ("speaker", "interlocutor", "role", "who", "participant", "type", "speaker_name", "speaker_label"),
    "text": (
        *("text", "utterance_text", "utterance", "content", "transcript_text", "words", "sentence", "vol_text"),
        *("what_was_said", "speech", "dialogue", "message", "turn_text"),
    ),
    "t0": ("t0", "timestamp", "start", "start_time", "begin", "time", "timespan", "start_ms", "time_start"),
    "t1": ("t1", "end", "end_time", "end_ms", "stop", "time_end"),
    "utterance": ("utterance_id", "utterance_number", "utt_id"),
    "annotator": ("annotator_id", "annotator", "coder_id", "rater_id"),
}
CHOICES = ("speaker", "text", "session", "t0", "t1", "utterance")
BY_NAME, AS_GIVEN = "by its name", "as given"
_DELIMITERS = ",;\t|"
_LOOKED_AT = 300
_A_TIME = re.compile(r"\s*\d+:\d\d|\s*\d+[.,]\d+\s*$")


@dataclass(frozen=True, repr=False)
class Layout:
    """What the columns hold (`what -> index from 0`), why, the row of the header (None: there is none).

    `proposed`: speaker or text were found by their content alone, and have to be confirmed.
    """

    columns: Mapping[str, int]
    why: Mapping[str, str]
    header: int | None
    proposed: bool = False

    def described(self, rows: Sequence[Sequence[str]]) -> list[Column]:
        """The columns for a person: number from 1, header and reason."""
        names = rows[self.header] if self.header is not None else []
        return [
            Column(what, index + 1, names[index].strip() if index < len(names) else "", self.why[what])
            for what, index in self.columns.items()
        ]


def names_columns(header: Sequence[str]) -> dict[str, int]:
    """Which column holds what (session, speaker, text, t0 ...), as far as their names are known."""
    names = [re.sub(r"[\s_-]+", "_", name.strip().lower()) for name in header]
    return {
        what: names.index(next(name for name in wanted if name in names))
        for what, wanted in NAMES.items()
        if any(name in names for name in wanted)
    }


def delimiter_of(text: str) -> str:
    """Comma, semicolon, tab or bar: what parts the first line into known names, else the lines into most equal parts."""
    lines = [line for line in text.split("\n")[:50] if line.strip()]
    if not lines:
        return ","
    known = {sign: len(names_columns(next(csv.reader([lines[0]], delimiter=sign), []))) for sign in _DELIMITERS}
    if max(known.values()) > 1:
        return max(_DELIMITERS, key=known.__getitem__)

    def evenness(sign: str) -> tuple[bool, int]:
        # words hold commas, but not as many in every line: quoted cells are taken as one
        widths = [len(cells) for cells in csv.reader(lines, delimiter=sign)]
        usual = max(set(widths), key=widths.count)
        return usual > 1 and widths.count(usual) * 10 >= 9 * len(widths), widths.count(usual) if usual > 1 else 0

    best = max(_DELIMITERS, key=evenness)
    return best if evenness(best)[1] else max(_DELIMITERS, key=lines[0].count)


def lay_out(rows: Sequence[Sequence[str]], given: Mapping[str, str]) -> Layout | list[str]:
    """The layout of a table, or faults: names that the user gave and no header has.

    Parameters
    ----------
    given
        What (`speaker`, `text`, `session`, `t0`, `t1`, `utterance`) -> a header's name, or a column's number from 1.
    """
    named = [(index, names_columns(row)) for index, row in enumerate(rows[:10])]
    header = next((index for index, found in named if {"speaker", "text"} <= found.keys()), None)
    if given:
        header = next((i for i, row in enumerate(rows[:10]) if _has_all(row, given)), header)
    wanted, faults = _given(rows[header] if header is not None else [], rows, given)
    if faults:
        return faults
    if header is None and rows and not {"speaker", "text"} <= wanted.keys():
        best = max(range(min(10, len(rows))), key=lambda index: len(named[index][1]))
        header = best if named[best][1] else None
    by_name = dict(named[header][1]) if header is not None else {}
    columns = {what: index for what, index in by_name.items() if what not in wanted and index not in wanted.values()}
    why = dict.fromkeys(columns, BY_NAME) | dict.fromkeys(wanted, AS_GIVEN)
    columns |= wanted
    missing = [what for what in ("speaker", "text") if what not in columns]
    guessed = _by_content(rows[(header or 0) + 1 :], missing, set(columns.values())) if missing else {}
    why |= {what: reason for what, (_, reason) in guessed.items()}
    columns |= {what: index for what, (index, _) in guessed.items()}
    if header is None and not _is_header(rows, columns):
        return Layout(_ordered(columns), why, None, bool(missing))
    return Layout(_ordered(columns), why, header or 0, bool(missing))


def _ordered(columns: Mapping[str, int]) -> dict[str, int]:
    return {what: columns[what] for what in NAMES if what in columns}


def _has_all(row: Sequence[str], given: Mapping[str, str]) -> bool:
    names = {name.strip().lower() for name in row}
    texts = [name.strip().lower() for name in given.values() if not name.isdecimal()]
    return bool(texts) and all(name in names for name in texts)


def _given(
    header: Sequence[str], rows: Sequence[Sequence[str]], given: Mapping[str, str]
) -> tuple[dict[str, int], list[str]]:
    width = max(map(len, rows[:_LOOKED_AT]), default=0)
    names = [name.strip().lower() for name in header]
    found: dict[str, int] = {}
    faults: list[str] = []
    for what, name in given.items():
        if name.strip().lower() in names:
            found[what] = names.index(name.strip().lower())
        elif name.isdecimal() and 1 <= int(name) <= width:
            found[what] = int(name) - 1
        else:
            faults.append(f"no column for {what} as given with --column; expected a header's name, or 1 to {width}")
    return found, faults


def _by_content(rows: Sequence[Sequence[str]], missing: Sequence[str], taken: set[int]) -> dict[str, tuple[int, str]]:
    """Proposals: the longest cells are words, the fewest different short ones speakers."""
    rows = [row for row in rows[:_LOOKED_AT] if any(cell.strip() for cell in row)]
    width = max(map(len, rows), default=0)
    cells = {
        index: [row[index].strip() for row in rows if index < len(row) and row[index].strip()]
        for index in range(width)
        if index not in taken
    }
    cells = {index: found for index, found in cells.items() if found}
    found: dict[str, tuple[int, str]] = {}
    if "text" in missing and cells:
        text = max(cells, key=lambda index: sum(map(len, cells[index])))
        length = sum(map(len, cells[text])) / len(cells[text])
        found["text"] = (text, f"its cells are the longest ({length:.0f} characters)")
        del cells[text]
    speakers = {index: len(set(values)) for index, values in cells.items() if _may_be_speakers(values)}
    if "speaker" in missing and speakers:
        speaker = min(speakers, key=lambda index: (-sum(map(is_role_word, cells[index])), speakers[index]))
        found["speaker"] = (speaker, f"it has {speakers[speaker]} different value(s) in {len(cells[speaker])} rows")
    return found


def _may_be_speakers(values: Sequence[str]) -> bool:
    different = set(values)
    return (
        len(different) <= 12
        and (len(different) > 1 or is_role_word(next(iter(different))))
        and len(different) * 2 <= len(values) + 2
        and max(map(len, different)) <= 60
        and not all(map(_A_TIME.match, different))
    )


def _is_header(rows: Sequence[Sequence[str]], columns: Mapping[str, int]) -> bool:
    """Whether the first row is a header: no other row has its cell as a speaker."""
    speaker = columns.get("speaker")
    if not rows or speaker is None or speaker >= len(rows[0]):
        return bool(rows)
    first = rows[0][speaker].strip()
    return not is_role_word(first) and first not in {row[speaker].strip() for row in rows[1:] if speaker < len(row)}
