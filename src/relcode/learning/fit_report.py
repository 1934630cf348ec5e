"""What a fit of cues found: each cue with its figures, and the codebooks with the new weights."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt
from scipy.special import expit

from relcode.codebook import Codebook, Cue
from relcode.learning.fit_material import Column, Material
from relcode.provenance import hash_session
from relcode.records import Session
from relcode.transcripts.tokens import Bools, Floats

DROP_BELOW = 0.3
_Z = 1.96


class CueFigures(msgspec.Struct, frozen=True):
    """A cue in the labelled sessions. `support`: segments in which it fires; `precision`: the share of these that carry
    the code; `recall`: the share of the code's segments in which it fires. `low`, `high`: 95 % of the weight (Laplace's
    approximation). `advice`: `keep`, `taken over`, or why it may be dropped."""

    code: str
    cue: str
    support: int
    precision: float | None
    recall: float | None
    author: float
    weight: float
    low: float
    high: float
    advice: str


def cue_figures(
    codebook: Codebook,
    material: Material,
    weights: Floats,
    probability: Floats,
    chosen: Bools,
    precision: Floats,
    learned: Bools,
) -> list[CueFigures]:
    """Figures of the chosen cues of each code that was fitted.

    Parameters
    ----------
    weights
        Departures from the author's weights, axes (column, code).
    precision
        Of the prior around the author's weights, axes (column, code).
    """
    found: list[CueFigures] = []
    for number in np.flatnonzero(learned):
        code = codebook.codes[number]
        rows = np.flatnonzero(material.allowed[:, number])
        columns = np.flatnonzero(chosen[:, number])
        features = material.features[rows][:, columns]
        certainty = probability[rows, number] * (1 - probability[rows, number])
        hessian = np.asarray((features.T @ features.multiply(certainty[:, None])).todense())
        own = material.own[columns, number]
        hessian[np.diag_indices(len(columns))] += precision[columns, number]
        width = _Z * np.sqrt(np.diag(np.linalg.inv(hessian)))
        support = np.asarray((features > 0).sum(axis=0)).ravel()
        hits = np.asarray((features > 0).astype(np.int64).T @ material.marks[rows, number].astype(np.int64)).ravel()
        author = _author_weights(codebook, material, int(number), columns)
        for place, column in enumerate(columns):
            weight = float(author[place] + weights[column, number])
            low, high = weight - float(width[place]), weight + float(width[place])
            name = material.columns[column]
            found.append(
                CueFigures(
                    code.id,
                    f"{name.use} (turn)" if name.over_turn else name.use,
                    int(support[place]),
                    _share(hits[place], support[place]),
                    _share(hits[place], material.marks[rows, number].sum()),
                    round(float(author[place]), 2),
                    round(weight, 2),
                    round(low, 2),
                    round(high, 2),
                    _advice(bool(own[place]), int(support[place]), weight, low, high),
                )
            )
    return found


def _advice(own: bool, support: int, weight: float, low: float, high: float) -> str:
    if support == 0:
        return "never fired: the author's weight stands; drop it if it is not expected to"
    if own and abs(weight) < DROP_BELOW and low < 0 < high:
        return "says nothing here: may be dropped"
    return "keep" if own else "taken over"


def _share(part: float, whole: float) -> float | None:
    return round(float(part / whole), 3) if whole else None


def _author_weights(codebook: Codebook, material: Material, code: int, columns: npt.NDArray[np.intp]) -> Floats:
    """The author's weight of each column for a code: 0 where the author gave none."""
    given: dict[Column, float] = {}
    for cue in codebook.codes[code].cues:
        column = _column_of(codebook, code, cue)
        given[column] = given.get(column, 0.0) + cue.weight
    return np.array([given.get(material.columns[column], 0.0) for column in columns])


def _column_of(codebook: Codebook, code: int, cue: Cue) -> Column:
    if cue.use is not None:
        return Column(cue.use, cue.in_ == "turn")
    return Column(f"{codebook.codes[code].id}/{cue.id}", False)


def new_versions(
    codebook: Codebook,
    material: Material,
    weights: Floats,
    base: Floats,
    chosen: Bools,
    offers: Floats,
    learned: Bools,
    sessions: Sequence[Session],
) -> list[Codebook]:
    """The codebooks with the weights, base rates and thresholds found, each as its next minor version."""
    place = {column: number for number, column in enumerate(material.columns)}
    books = codebook.members or [codebook]
    next_version = {book.reference: f"{book.id}@{_next(book.version)}" for book in books}
    made: list[Codebook] = []
    for book in books:
        codes = []
        for code in book.codes:
            number = codebook.code_ids.index(code.id)
            if not learned[number]:
                codes.append(code)
                continue
            cues: list[Cue] = []
            for cue in code.cues:
                column = place[_column_of(codebook, number, cue)]
                cues.append(msgspec.structs.replace(cue, weight=round(cue.weight + float(weights[column, number]), 2)))
            taken = [int(column) for column in np.flatnonzero(chosen[:, number] & ~material.own[:, number])]
            for column in sorted(taken, key=lambda each: -abs(weights[each, number])):
                use, over_turn = material.columns[column]
                weight = round(float(weights[column, number]), 2)
                cues.append(Cue(weight=weight, use=use, in_="turn" if over_turn else "segment"))
            prior = round(float(np.clip(expit(base[number]), 1e-4, 1 - 1e-4)), 5)
            offer_at = round(float(offers[number]), 3)
            codes.append(msgspec.structs.replace(code, cues=cues, prior=prior, offer_at=offer_at))
        note = f"Weights of version {book.version} fitted to {len(sessions)} labelled sessions."
        made.append(
            msgspec.structs.replace(
                book,
                version=_next(book.version),
                description=f"{book.description.strip()} {note}",
                fitted=sorted({*book.fitted, *(hash_session(session)[:12] for session in sessions)}),
                uses=[next_version.get(reference, reference) for reference in book.uses],
                codes=codes,
                used=[],
            )
        )
    return made


def _next(version: str) -> str:
    major, minor, _ = version.split(".")
    return f"{major}.{int(minor) + 1}.0"
