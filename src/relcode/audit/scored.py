"""The table of `material`, made from scores: checked, and held against the turns that they are said to be of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd

from relcode.audit.coverage import score_notes
from relcode.audit.material import Ints, Material, bare, each_once, is_question
from relcode.codebook import Codebook
from relcode.errors import LabelError
from relcode.records import Session
from relcode.transcripts.tokens import tokenize

_KEYS = ("session_id", "turn", "segment", "start", "end")


def material_from_scores(sessions: Iterable[Session], codebook: Codebook, scores: pd.DataFrame) -> Material:
    """Make the table from scores (contract form 3): its rows are the segments, `y_<CODE>` the codes.

    Raises
    ------
    TranscriptError
        Two sessions have the same id.
    LabelError
        Columns are missing or of another type, rows do not fit the turns, or none belongs to these sessions.
    """
    base = bare(tokenize(each_once(sessions)), codebook)
    _check_columns(scores)
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
        is_question=np.array([is_question(texts[rows[i]][starts[i] : ends[i]]) for i in order], dtype=np.bool_),
        codes=codes[order],
        coded_by=_named(scores, "model:{model_id}"),
        codebooks=_codebooks(scores),
        known=np.array([name in ours.columns for name in columns.values()], dtype=np.bool_),
        notes=(*base.notes, *score_notes(base.sessions, codebook, scores, columns)),
    )


def _named(scores: pd.DataFrame, form: str) -> tuple[str, ...]:
    """What the metadata of scores say, in this form; nothing where they do not say it."""
    try:
        return (form.format_map({str(key): value for key, value in scores.attrs.items()}),)
    except KeyError:
        return ()


def _codebooks(scores: pd.DataFrame) -> tuple[str, ...]:
    """The codebooks that scores were made with, each with its version; several are joined with +."""
    ids, versions = (str(scores.attrs.get(key) or "").split("+") for key in ("codebook", "codebook_version"))
    return tuple(f"{name}@{version}" for name, version in zip(ids, versions, strict=False) if name and version)


def _check_columns(scores: pd.DataFrame) -> None:
    """Refuse columns that are missing or hold something else than contract form 3 says."""
    missing = [name for name in _KEYS if name not in scores.columns]
    if missing:
        raise LabelError(f"The scores lack the column(s) {', '.join(missing)}; expected the form that `score` writes.")
    numbers = [name for name in _KEYS if name != "session_id"]
    marks = [str(name) for name in scores.columns if str(name).startswith("y_")]
    wrong = [f"{name}: expected whole numbers" for name in numbers if not pd.api.types.is_integer_dtype(scores[name])]
    wrong += [f"{name}: expected true or false" for name in marks if not pd.api.types.is_bool_dtype(scores[name])]
    wrong += [f"{name}: some rows are empty" for name in (*_KEYS, *marks) if bool(scores[name].isna().any())]
    if wrong:
        raise LabelError("The scores are not of the form that `score` writes:", wrong)


def _refuse_foreign_rows(base: Material, keys: list[tuple[str, int]], rows: Ints, starts: Ints, ends: Ints) -> None:
    lengths = np.array([len(turn.text) for session in base.sessions for turn in session.turns] or [0], dtype=np.int64)
    wrong = (rows < 0) | (starts < 0) | (ends <= starts) | (ends > lengths[np.maximum(rows, 0)])
    counts = Counter(keys[index][0] for index in np.flatnonzero(wrong))
    if counts:
        raise LabelError(
            "The scores were made from other transcripts; score these again.",
            [f"session {name}: {count} row(s) lie outside its turns" for name, count in sorted(counts.items())],
        )
