"""What `relcode audit` corrects a machine's rates with: the hand-coded sample, by `relcode.rates`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relcode.cli.output import say

if TYPE_CHECKING:
    import pandas as pd

    from relcode.audit import CorrectedRate, Corrections, Target
    from relcode.cli.rates_material import Corpus, HandSample, Known
    from relcode.codebook import Codebook
    from relcode.rates import RateRow, Union
    from relcode.records import Session

_AUDITED = "audited"
_ALL_KNOWN = "none: all sessions are of dyads that the model was trained on"
_UNKNOWN_MODEL = (
    "the model that made the scores is not found: if it knows what was coded by hand, every correction is wrong"
)
_UNNAMED = "not named"


@dataclass(frozen=True)
class Asked:
    """What the command line says of the sample. `hand`: files of labels; `sample`: how their sessions were chosen.

    `model`: the model that was named to score with.
    """

    hand: Sequence[Path] = ()
    sample: str | None = None
    transcripts: Sequence[str] = ()
    model: str | None = None


def find_corrections(
    asked: Asked, sessions: Sequence[Session], scores: pd.DataFrame, book: Codebook
) -> Corrections | None:
    """Rates of the audited sessions, corrected with the sample in files, else in the ledger of the project around.

    None where there is neither. The reasons against a correction stand in its rates.
    """
    from relcode.audit import Corrections, targets
    from relcode.rates import Condition, hand_coded, rate_rows, union_cells, union_rows

    found = _hand_sample(asked, sessions, book)
    if found is None:
        return None
    corpus, hand = found
    for note in hand.notes:
        say(f"note: {note}")
    known = _known(scores, hand, asked.model)
    codes = [code for code in book.code_ids if f"y_{code.replace('.', '_')}" in scores.columns]
    unions = {target: union for target in targets(book) if (union := _union(target, book, codes)) is not None}
    audited = {session.session_id for session in sessions}
    kept = scores["session_id"].isin(audited | hand.weights.keys())
    if known is not None:
        seen = {name for name in scores["session_id"][kept].unique() if known.holds(name, corpus.metadata)}
        kept &= ~scores["session_id"].isin(seen)
    marked = hand_coded(corpus.sessions, hand.spans, codes, hand.weights)
    cells = union_cells(book, list(unions.values()), codes, marked)
    if kept.any():
        cells.add(union_rows(scores[kept].reset_index(drop=True), list(unions.values())))
    if not cells.sessions:
        return Corrections(_ALL_KNOWN, ())
    metadata = {name: _said(corpus.metadata.get(name, {}), name in audited) for name in cells.sessions}
    where = [Condition(_AUDITED, "=", "yes")]
    rows = rate_rows(cells, metadata, where=where, unsampled=hand.unsampled)
    if len({session.therapist for session in sessions}) > 1:
        rows += rate_rows(cells, metadata, by=["therapist"], where=where, unsampled=hand.unsampled)
    by_id = {union.id: target for target, union in unions.items()}
    left_out = len(audited & set(scores["session_id"])) - len(audited & set(cells.sessions))
    return Corrections(_words(hand, left_out), tuple(_corrected(row, by_id[row.code]) for row in rows))


def _said(metadata: Mapping[str, Any], audited: bool) -> dict[str, Any]:
    return {**metadata, "therapist": metadata.get("therapist") or _UNNAMED, _AUDITED: "yes" if audited else "no"}


def _hand_sample(asked: Asked, sessions: Sequence[Session], book: Codebook) -> tuple[Corpus, HandSample] | None:
    from relcode.cli.rates_material import Corpus, read_corpus, sample_of_files, sample_of_ledger
    from relcode.project import Project
    from relcode.spans import read_labels

    project = Project.around()
    if not asked.hand and project is None:
        return None
    ours = {session.session_id for session in sessions}
    if asked.hand:
        wanted = {span.session_id for path in asked.hand for span in read_labels(path)}
        sources = list(asked.transcripts)
    else:
        assert project is not None
        wanted = set(project.open_ledger().sessions())
        sources = [*asked.transcripts, str(project.transcripts)]
    others = read_corpus(sources, None, wanted - ours) if wanted - ours and sources else Corpus()
    metadata = {**others.metadata, **{session.session_id: dict(session.metadata) for session in sessions}}
    corpus = Corpus(metadata, [*(s for s in sessions if s.session_id in wanted), *others.sessions])
    if asked.hand:
        return corpus, sample_of_files(asked.hand, asked.sample, corpus.sessions, book, [])
    assert project is not None
    return corpus, sample_of_ledger(project, corpus.sessions, book)


def _known(scores: pd.DataFrame, hand: HandSample, model: str | None) -> Known | None:
    from relcode.cli.rates_material import known_to_model

    if not hand.weights:
        return None
    known = known_to_model(str(scores.attrs.get("model_id", "")), model)
    if known is None:
        say(f"note: {_UNKNOWN_MODEL}.")
    return known


def _union(target: Target, book: Codebook, codes: Sequence[str]) -> Union | None:
    from relcode.rates import Union

    own = tuple(dict.fromkeys(code for name in target.codes for code in book.family(name) if code in codes))
    return Union(target.role, own) if own else None


def _words(hand: HandSample, left_out: int) -> str:
    left = (
        f"; {left_out} audited session(s) of dyads that the model was trained on are left out of it" if left_out else ""
    )
    return f"{hand.words}{left}" if not hand.unsampled else f"none: {hand.unsampled}"


def _corrected(row: RateRow, target: Target) -> CorrectedRate:
    """The prediction-powered rate, or the adjusted count where there are too few hand-coded sessions in the group."""
    from relcode.audit import CorrectedRate, Estimate

    therapist = row.group.get("therapist")
    ways = (("prediction-powered", row.powered), ("adjusted count", row.adjusted))
    way, figure = next(((way, figure) for way, figure in ways if figure.value is not None), ways[0])
    if figure.value is None:
        reason = (
            f"{row.powered.reason}; {row.adjusted.reason}"
            if row.adjusted.reason != row.powered.reason
            else row.powered.reason
        )
        return CorrectedRate(target, therapist, Estimate(None, None, None, row.units, reason))
    how = f"{way}; {row.coded_sessions} of {row.sessions} sessions coded by hand, {row.instances} instance(s)" + (
        f"; {figure.reason}" if figure.reason else ""
    )
    return CorrectedRate(target, therapist, Estimate(figure.value, figure.low, figure.high, row.units), how)
