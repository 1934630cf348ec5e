"""The table that every measure reads: a row a segment, a column a code, made from labels or from scores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from relcode.audit.coverage import label_notes, score_notes
from relcode.audit.result import EXCERPTS, Place, SourceKind
from relcode.audit.wording import turn_wording
from relcode.codebook import Codebook
from relcode.errors import LabelError, TranscriptError
from relcode.records import Role, Session, Span
from relcode.spans import span_fault, turn_texts
from relcode.transcripts.tokens import TokenTable, segment_codes, tokenize

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
_KEYS = ("session_id", "turn", "segment", "start", "end")


@dataclass(frozen=True, repr=False)
class Material:
    """Sessions, their segments and the codes that these carry.

    Attributes
    ----------
    coded
        By session: whether labels or scores say anything about it.
    turn_session, turn_number, turn_words, turn_is_therapist
        By turn (n_turns): row of its session, its number, words said, whether a therapist speaks.
    turn_wording
        Axes (turn, `wording.SELF`, `PRESENT`, `PAST`): words of the first person, present and past forms.
    segment_turn, segment_start, segment_end, is_question
        By segment (n_segments): row of its turn, its offsets in it, whether it ends in a question mark.
    codes
        Axes (segment, code in the codebook's order): which segments carry which codes.
    known
        By code: whether the source could say it at all (a model may not know a code; that is not its absence).
    human
        By session: whether people alone coded it.
    coded_by, codebooks
        The sources of the codes and the codebook versions that these were made with, as far as they are named.
    notes
        What a reader must know about the data: sessions left out, labels not used, mixed versions.
    """

    sessions: tuple[Session, ...]
    codebook: Codebook
    source_kind: SourceKind
    coded: Bools
    turn_session: Ints
    turn_number: Ints
    turn_words: Ints
    turn_is_therapist: Bools
    turn_wording: Ints
    segment_turn: Ints
    segment_start: Ints
    segment_end: Ints
    is_question: Bools
    codes: Bools
    known: Bools
    human: Bools
    coded_by: tuple[str, ...] = ()
    codebooks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Material({len(self.sessions)} sessions, {len(self.segment_turn)} segments, {self.source_kind})"

    @property
    def uncorrected(self) -> bool:
        """Whether the codes come from a machine, without correction by a hand-coded sample."""
        return self.source_kind in ("machine spans", "machine scores")

    @cached_property
    def segment_session(self) -> Ints:
        return self.turn_session[self.segment_turn]

    @cached_property
    def turn_times(self) -> Floats:
        """By turn: start and end in seconds, NaN where the transcript does not say. Axes: (turn, start and end)."""
        turns = [turn for session in self.sessions for turn in session.turns]
        times = [[np.nan if time is None else time for time in (turn.t0, turn.t1)] for turn in turns]
        return np.array(times, dtype=np.float64).reshape(len(turns), 2)

    @cached_property
    def turn_codes(self) -> Bools:
        """Axes (turn, code): a turn carries the union of the codes of its segments."""
        marks = np.zeros((len(self.turn_session), self.codes.shape[1]), dtype=np.bool_)
        np.logical_or.at(marks, self.segment_turn, self.codes)
        return marks

    def speaks(self, role: Role) -> Bools:
        """By segment: whether this role speaks."""
        spoken_by_therapist: Bools = self.turn_is_therapist[self.segment_turn]
        return spoken_by_therapist if role == "T" else ~spoken_by_therapist

    def columns(self, *names: str) -> list[int]:
        """The known columns of the codes `names` and of their sub-codes (`INT` is also `INT.genetic`)."""
        return [
            column
            for column, code in enumerate(self.codebook.codes)
            if self.known[column]
            and any(code.id == name or code.id.startswith(f"{name}.") or code.parent == name for name in names)
        ]

    def carry(self, *names: str) -> Bools:
        """By segment: whether it carries any of these codes or their sub-codes."""
        return np.asarray(self.codes[:, self.columns(*names)].any(axis=1), dtype=np.bool_)

    def turns_carry(self, *names: str) -> Bools:
        """By turn: whether it carries any of these codes or their sub-codes."""
        return np.asarray(self.turn_codes[:, self.columns(*names)].any(axis=1), dtype=np.bool_)

    def by_session(self, mask: Bools) -> Ints:
        """How many of the segments marked lie in each session. Axis: session."""
        return np.bincount(self.segment_session[mask], minlength=len(self.sessions)).astype(np.int64)

    def segment_texts(self) -> list[str]:
        """By segment: its words, as they stand in the transcript."""
        texts = [turn.text for session in self.sessions for turn in session.turns]
        return [
            texts[row][start:end]
            for row, start, end in zip(self.segment_turn, self.segment_start, self.segment_end, strict=True)
        ]

    def places(self, segments: Bools) -> tuple[tuple[Place, ...], int]:
        """The first turns that hold the segments marked, and how many turns there are."""
        return self.turn_places(np.unique(self.segment_turn[segments]))

    def turn_places(self, rows: Ints) -> tuple[tuple[Place, ...], int]:
        """The first of these turns as places, and how many there are."""
        first = tuple(
            Place(self.sessions[self.turn_session[row]].session_id, int(self.turn_number[row]))
            for row in rows[:EXCERPTS]
        )
        return first, len(rows)

    def choose(self, sessions: Bools) -> Material:
        """The same table for some of the sessions (axis: session)."""
        new_session = np.cumsum(sessions) - 1
        turns = sessions[self.turn_session]
        segments = turns[self.segment_turn]
        return replace(
            self,
            sessions=tuple(session for session, kept in zip(self.sessions, sessions, strict=True) if kept),
            coded=self.coded[sessions],
            turn_session=new_session[self.turn_session[turns]].astype(np.int64),
            turn_number=self.turn_number[turns],
            turn_words=self.turn_words[turns],
            turn_is_therapist=self.turn_is_therapist[turns],
            turn_wording=self.turn_wording[turns],
            segment_turn=(np.cumsum(turns) - 1)[self.segment_turn[segments]].astype(np.int64),
            segment_start=self.segment_start[segments],
            segment_end=self.segment_end[segments],
            is_question=self.is_question[segments],
            codes=self.codes[segments],
            human=self.human[sessions],
        )


def material_from_labels(sessions: Iterable[Session], codebook: Codebook, labels: Sequence[Span]) -> Material:
    """Make the table from labels; a segment carries a code when a span of that code covers one of its words.

    A session that no label names counts as not coded, and its segments enter no rate. Labels of unknown sessions,
    unknown codes or the wrong speaker are left out and counted in `notes`.

    Raises
    ------
    TranscriptError
        Two sessions have the same id.
    LabelError
        Labels lie outside their turns or repeat other words (all are listed), or none belongs to these sessions.
    """
    table = tokenize(_each_once(sessions))
    base = _bare(table, codebook)
    ids = {session.session_id for session in base.sessions}
    ours = [label for label in labels if label.session_id in ids]
    if labels and not ours:
        raise LabelError(
            f"None of the {len(labels)} labels belongs to a session given here.",
            [
                f"labelled session {name} is not among the transcripts"
                for name in sorted({x.session_id for x in labels})
            ],
        )
    texts = turn_texts(base.sessions)
    faults = [
        f"session {label.session_id}, turn {label.turn}, {label.code}: {fault}"
        for label in ours
        if (fault := span_fault(label, texts)) is not None
    ]
    if faults:
        raise LabelError(f"{len(faults)} label(s) do not fit the transcripts:", faults)
    speakers = {(session.session_id, turn.turn): turn.speaker for session in base.sessions for turn in session.turns}
    used = [label for label in ours if codebook.allows(label.code, speakers[label.session_id, label.turn])]
    named = {label.session_id for label in ours}
    by_machine = {label.session_id for label in ours if label.source == "cues" or label.source.startswith("model:")}
    return replace(
        base,
        source_kind="machine spans" if by_machine else "coded labels" if ours else "none",
        coded=np.array([session.session_id in named for session in base.sessions], dtype=np.bool_),
        codes=segment_codes(table, used, codebook.code_ids),
        human=np.array([session.session_id in named - by_machine for session in base.sessions], dtype=np.bool_),
        coded_by=tuple(sorted({label.source for label in ours if label.source})),
        codebooks=tuple(sorted({label.codebook for label in ours if label.codebook})),
        notes=(*base.notes, *label_notes(base.sessions, codebook, labels, ours)),
    )


def material_from_scores(sessions: Iterable[Session], codebook: Codebook, scores: pd.DataFrame) -> Material:
    """Make the table from scores (contract form 3): its rows are the segments, `y_<CODE>` the codes.

    Raises
    ------
    TranscriptError
        Two sessions have the same id.
    LabelError
        Columns are missing or of another type, rows do not fit the turns, or none belongs to these sessions.
    """
    base = _bare(tokenize(_each_once(sessions)), codebook)
    _check_columns(scores, "The scores")
    row_of = {
        (base.sessions[session].session_id, int(number)): row
        for row, (session, number) in enumerate(zip(base.turn_session, base.turn_number, strict=True))
    }
    ids = {session.session_id for session in base.sessions}
    ours = scores[scores["session_id"].isin(ids)]
    if len(scores) and not len(ours):
        raise LabelError(f"None of the {len(scores)} rows of scores belongs to a session given here.")
    ours = ours.drop_duplicates(["session_id", "turn", "segment"])
    keys = list(zip(ours["session_id"], ours["turn"].astype(int), strict=True))
    rows = np.array([row_of.get(key, -1) for key in keys], dtype=np.int64)
    starts, ends = ours["start"].to_numpy(np.int64), ours["end"].to_numpy(np.int64)
    _refuse_foreign_rows(base, keys, rows, starts, ends)
    order = np.lexsort((starts, rows))
    columns = {code: f"y_{code.replace('.', '_')}" for code in codebook.code_ids}
    codes = np.zeros((len(ours), len(columns)), dtype=np.bool_)
    for number, name in enumerate(columns.values()):
        if name in ours.columns:
            codes[:, number] = ours[name].to_numpy(np.bool_)
    texts = [turn.text for session in base.sessions for turn in session.turns]
    named = set(ours["session_id"])
    return replace(
        base,
        source_kind="machine scores" if len(ours) else "none",
        coded=np.array([session.session_id in named for session in base.sessions], dtype=np.bool_),
        segment_turn=rows[order],
        segment_start=starts[order],
        segment_end=ends[order],
        is_question=np.array([_is_question(texts[rows[i]][starts[i] : ends[i]]) for i in order], dtype=np.bool_),
        codes=codes[order],
        coded_by=_named(scores, "model:{model_id}"),
        codebooks=_named(scores, "{codebook}@{codebook_version}"),
        known=np.array([name in ours.columns for name in columns.values()], dtype=np.bool_),
        notes=(*base.notes, *score_notes(base.sessions, codebook, scores, columns)),
    )


def _named(scores: pd.DataFrame, form: str) -> tuple[str, ...]:
    """What the metadata of scores say, in this form; nothing where they do not say it."""
    try:
        return (form.format_map({str(key): value for key, value in scores.attrs.items()}),)
    except KeyError:
        return ()


def read_scores(path: Path) -> pd.DataFrame:
    """Read a parquet file of scores; its metadata (model, codebook) stands in `.attrs`, keys in lower case.

    Raises
    ------
    LabelError
        The file cannot be read as parquet; columns are missing or of another type.
    """
    import pyarrow
    import pyarrow.parquet

    if not path.is_file():
        raise LabelError(f"Cannot read the scores in {path}: there is no such file. `relcode score` makes one.")
    try:
        table = pyarrow.parquet.read_table(path)
        metadata = pyarrow.parquet.read_metadata(path).metadata or {}
    except (OSError, pyarrow.ArrowException) as error:
        raise LabelError(f"Cannot read the scores in {path}: expected a parquet file that `score` wrote.") from error
    frame: pd.DataFrame = table.to_pandas()
    _check_columns(frame, f"The scores in {path}")
    frame.attrs.update(
        {
            key.decode("utf-8", "replace").lower().removeprefix("relcode."): value.decode("utf-8", "replace")
            for key, value in metadata.items()
            if key not in (b"pandas", b"ARROW:schema")
        }
    )
    return frame


def _each_once(sessions: Iterable[Session]) -> tuple[Session, ...]:
    kept = tuple(sessions)
    twice = [name for name, count in Counter(session.session_id for session in kept).items() if count > 1]
    if twice:
        raise TranscriptError(
            "Two transcripts have the same session id.",
            [f"session {name}: give each session once" for name in twice],
        )
    return kept


def _bare(table: TokenTable, codebook: Codebook) -> Material:
    """The table without codes."""
    kept = table.sessions
    turn_words = np.bincount(table.turn_row[table.is_spoken], minlength=len(table.turn_session)).astype(np.int64)
    texts = [turn.text for session in kept for turn in session.turns]
    return Material(
        sessions=kept,
        codebook=codebook,
        source_kind="none",
        coded=np.zeros(len(kept), dtype=np.bool_),
        turn_session=table.turn_session,
        turn_number=table.turn_number,
        turn_words=turn_words,
        turn_is_therapist=table.is_therapist,
        turn_wording=turn_wording(table),
        segment_turn=table.segment_turn,
        segment_start=table.segment_start,
        segment_end=table.segment_end,
        is_question=np.array(
            [
                _is_question(texts[row][start:end])
                for row, start, end in zip(table.segment_turn, table.segment_start, table.segment_end, strict=True)
            ],
            dtype=np.bool_,
        ),
        codes=np.zeros((len(table.segment_turn), len(codebook.codes)), dtype=np.bool_),
        known=np.ones(len(codebook.codes), dtype=np.bool_),
        human=np.zeros(len(kept), dtype=np.bool_),
    )


def _check_columns(scores: pd.DataFrame, what: str) -> None:
    """Refuse columns that are missing or hold something else than contract form 3 says."""
    missing = [name for name in _KEYS if name not in scores.columns]
    if missing:
        raise LabelError(f"{what} lack the column(s) {', '.join(missing)}; expected the form that `score` writes.")
    numbers = [name for name in _KEYS if name != "session_id"]
    marks = [str(name) for name in scores.columns if str(name).startswith("y_")]
    wrong = [f"{name}: expected whole numbers" for name in numbers if not pd.api.types.is_integer_dtype(scores[name])]
    wrong += [f"{name}: expected true or false" for name in marks if not pd.api.types.is_bool_dtype(scores[name])]
    wrong += [f"{name}: some rows are empty" for name in (*_KEYS, *marks) if bool(scores[name].isna().any())]
    if wrong:
        raise LabelError(f"{what} are not of the form that `score` writes:", wrong)


def _is_question(text: str) -> bool:
    return text.rstrip().rstrip("\"'”’)]!.").endswith("?")


def _refuse_foreign_rows(base: Material, keys: list[tuple[str, int]], rows: Ints, starts: Ints, ends: Ints) -> None:
    lengths = np.array([len(turn.text) for session in base.sessions for turn in session.turns] or [0], dtype=np.int64)
    wrong = (rows < 0) | (starts < 0) | (ends <= starts) | (ends > lengths[np.maximum(rows, 0)])
    counts = Counter(keys[index][0] for index in np.flatnonzero(wrong))
    if counts:
        raise LabelError(
            "The scores were made from other transcripts; score these again.",
            [f"session {name}: {count} row(s) lie outside its turns" for name, count in sorted(counts.items())],
        )
