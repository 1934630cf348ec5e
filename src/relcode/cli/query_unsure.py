"""The band of probabilities in which `relcode query --unsure` leaves the decision to a person."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from relcode.rates import Band
    from relcode.scoring.read import Scores


class Wishes(NamedTuple):
    """What the band is to keep, and the hand-coded sessions that it is chosen on."""

    labels: Sequence[Path]
    transcripts: Sequence[str]
    metadata: Path | None
    codebook: str | None
    precision: float
    recall: float


def chosen_band(read: Scores, code: str, wishes: Wishes) -> Band:
    """Choose the band of a code on hand-coded sessions that the model was not trained on.

    Raises
    ------
    UsageError
        A wish is no share.
    LabelError
        Labels do not fit; or none of a session that has scores and is new to the model.
    """
    import pandas as pd
    import pyarrow.compute as pc

    from relcode.cli.rates_material import RANDOM, known_to_model, read_corpus, sample_of_files
    from relcode.cli.scores_read import codebook_of, project_here
    from relcode.errors import LabelError, UsageError
    from relcode.rates import band_of, hand_coded, hand_coded_units
    from relcode.spans import read_labels

    for option, share in (("precision", wishes.precision), ("recall", wishes.recall)):
        if not 0 < share < 1:
            raise UsageError(f"--{option} {share:g}: expected a number above 0 and below 1.")
    project = project_here(None)
    folders = [] if project is None else [project.codebooks]
    book = codebook_of(read, wishes.codebook, folders)
    labelled = {span.session_id for path in wishes.labels for span in read_labels(path)}
    corpus = read_corpus(wishes.transcripts, wishes.metadata, labelled)
    sample = sample_of_files(wishes.labels, RANDOM, corpus.sessions, book, folders)
    marked = hand_coded(corpus.sessions, sample.spans, [code], sample.weights)
    known = known_to_model(read.made_by.get("model_id", ""), None)
    new = [name for name in marked if known is None or not known.holds(name, corpus.metadata)]
    columns = ["session_id", "turn", "segment", "speaker", "start", "end", f"p_{code.replace('.', '_')}"]
    tables = read.tables(columns, filter=pc.field("session_id").isin(new))
    rows = pd.concat([pd.DataFrame(columns=columns), *(table.to_pandas() for table in tables)], ignore_index=True)
    if rows.empty:
        raise LabelError("No session of --labels has scores and is new to the model: it cannot be seen how it errs.")
    rows = rows.sort_values(["session_id", "turn", "segment"], ignore_index=True)
    probable, present = hand_coded_units(rows, code, marked, book)
    if not len(probable):
        raise LabelError(f"No hand-coded segment is of a speaker who may bear {code}.")
    return band_of(probable, present, precision=wishes.precision, recall=wishes.recall)


def band_in_words(code: str, band: Band) -> list[str]:
    """What the band is, and what it comes to in the hand-coded sample."""
    low = f"below {band.low:.4f} it does not" if band.low else "nowhere is it safe to say that it does not"
    high = (
        "nowhere is it safe to say that it holds" if band.high == float("inf") else f"from {band.high:.4f} on it holds"
    )
    lines = [f"{code}: {high}, {low}; what lies between is for a person"]
    right = "" if band.precision is None else f"; right where it holds: {100 * band.precision:.0f} %"
    found = "" if band.recall is None else f"; with the code and not below: {100 * band.recall:.0f} %"
    lines.append(
        f"in {band.units} hand-coded segments, {band.bearing} with the code: unsure {100 * band.unsure:.1f} %{right}{found}"
    )
    return lines
