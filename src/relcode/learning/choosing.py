"""Which pages to code next: those in doubt and those that may hold rare codes more often, unlike ones together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from relcode.batches import Run
from relcode.codebook import Codebook
from relcode.errors import UsageError
from relcode.learning.model import Model
from relcode.learning.prospects import Prospects, survey_pages
from relcode.learning.sampling import draw_spread, inclusion_probabilities
from relcode.learning.standing import ENOUGH
from relcode.provenance import written_beside
from relcode.records import Session
from relcode.transcripts.tokens import Floats

SHARPNESS = 8  # benchmarks/learning/active.py: the sharper the better, and the random share keeps every page possible


class ChosenPage(msgspec.Struct, frozen=True):
    """A page that was chosen, as `relcode batch --chosen` reads it: any turn names it.

    `probability`: how likely it was to be chosen (above 0, up to 1). `expected_errors`: decisions on it that the model is
    expected to get wrong; None without a model. `expected_rare`: its share (0 to 1) of what the rare codes are expected
    to have among all pages, on average over these codes.
    """

    session_id: str
    turn: int
    probability: float
    last_turn: int
    expected_errors: float | None
    expected_rare: float


class CodeOutlook(msgspec.Struct, frozen=True):
    """What the chosen pages are expected to bring of a code, in segments.

    `accepted`: labels accepted by now. `by_chance`: what as many pages drawn evenly would bring; `left`: what all pages
    that are left hold. `by`: `model`, or `cues` where no model learned the code (rough: cues are not calibrated).
    """

    code: str
    accepted: int
    expected: float
    by_chance: float
    left: float
    by: str


class Choice(msgspec.Struct, frozen=True):
    """Pages to be coded next, and what they promise. `candidates`: the pages that they were drawn from."""

    pages: list[ChosenPage]
    codes: list[CodeOutlook]
    candidates: int
    least_probability: float
    random_share: float
    seed: int
    judge: str
    expected_errors: float | None
    errors_by_chance: float | None

    def __repr__(self) -> str:
        return f"Choice({len(self.pages)} of {self.candidates} pages)"


def choose_pages(
    sessions: Sequence[Session],
    pages: Sequence[Run],
    judge: Model | Codebook,
    accepted: Mapping[str, int],
    *,
    count: int,
    random_share: float = 0.2,
    seed: int = 0,
) -> Choice:
    """Draw pages to be coded next; the same pages and seed give the same draw, in whatever order they are named.

    Parameters
    ----------
    pages
        What can be drawn, pages of `sessions`.
    judge
        A model; or a codebook, whose cues then tell which pages may hold rare codes, and nothing is known of doubt.
    accepted
        How many accepted labels each code has by now; a code without an entry has none.
    count
        How many pages are drawn.
    random_share
        Above 0, up to 1: see `inclusion_probabilities`.

    Raises
    ------
    UsageError
        `count` or `random_share` is out of range.
    """
    _check(count, random_share, left=len(pages))
    by_id = sorted(sessions, key=lambda session: session.session_id)
    ordered = sorted(pages, key=lambda page: page.place)
    prospects = survey_pages(by_id, ordered, judge)
    known = np.array([accepted.get(code, 0.0) for code in _codebook(judge).code_ids])
    drawn, likely, rare = draw_pages(prospects, known, count=count, random_share=random_share, seed=seed)
    errors = prospects.errors.sum(axis=1) if isinstance(judge, Model) else None
    return Choice(
        [_chosen(ordered[row], likely[row], None if errors is None else errors[row], rare[row]) for row in drawn],
        _outlook(judge, prospects, drawn, accepted),
        len(ordered),
        float(likely.min()),
        random_share,
        seed,
        judge.id if isinstance(judge, Model) else judge.reference,
        None if errors is None else float(errors[drawn].sum()),
        None if errors is None else float(errors.mean() * len(drawn)),
    )


def draw_pages(
    prospects: Prospects, accepted: Floats, *, count: int, random_share: float, seed: int
) -> tuple[npt.NDArray[np.intp], Floats, Floats]:
    """The rows of the pages that are drawn, how likely each page was to be, and its share of the rare codes.

    `accepted`: by code, how many labels are accepted by now.
    """
    rare = shares_of(prospects.positives, rarity(accepted))
    doubt = shares_of(prospects.errors, (prospects.errors.sum(axis=0) > 0).astype(np.float64))
    likely = inclusion_probabilities(scores_of(doubt, rare), count, random_share=random_share)
    return draw_spread(likely, prospects.coordinates, seed=seed), likely, rare


def _check(count: int, random_share: float, *, left: int) -> None:
    if not 0 < random_share <= 1:
        raise UsageError("--random-share: expected a number above 0, up to 1; at 0 some pages could never be drawn.")
    if not left:
        raise UsageError("No page is left to be coded: every one is in a batch, settled, or coded elsewhere.")
    if not 1 <= count <= left:
        raise UsageError(f"--pages {count}: {left} page(s) are left to be coded; expected 1 to {left}.")


def _codebook(judge: Model | Codebook) -> Codebook:
    return judge.codebook if isinstance(judge, Model) else judge


def _chosen(page: Run, likely: float, errors: float | None, rare: float) -> ChosenPage:
    wrong = None if errors is None else round(float(errors), 3)
    return ChosenPage(page.session_id, page.first_turn, float(likely), page.last_turn, wrong, round(float(rare), 4))


def rarity(accepted: Floats) -> Floats:
    """By code, how much it is looked for: 1 where no label of it was accepted, 0 from `ENOUGH` on."""
    return np.clip(1 - accepted / ENOUGH, 0.0, 1.0)


def shares_of(values: Floats, weights: Floats) -> Floats:
    """By page: its share of what is expected of each code in all, averaged over the codes by their weights.

    So a frequent code counts no more than another. A code of which less than one instance is expected in all draws less
    than its whole weight. 0 where all weights are.

    Parameters
    ----------
    values
        Axes (page, code).
    """
    if not weights.sum():
        return np.zeros(len(values))
    found: Floats = values / np.maximum(values.sum(axis=0), 1.0) @ weights / weights.sum()
    return found


def scores_of(doubt: Floats, rare: Floats) -> Floats:
    """How promising each page is: doubt and rare codes in equal parts, sharpened."""
    parts = [part / part.mean() for part in (doubt, rare) if part.sum() > 0]
    return np.sum(parts, axis=0) ** SHARPNESS if parts else np.zeros(len(doubt))


def write_choice(path: Path, choice: Choice) -> None:
    """Write the pages, a line of JSON each, beside and then renamed."""
    with written_beside(path) as beside:
        beside.write_bytes(b"".join(msgspec.json.encode(page) + b"\n" for page in choice.pages))


def _outlook(
    judge: Model | Codebook, prospects: Prospects, drawn: npt.NDArray[np.intp], accepted: Mapping[str, int]
) -> list[CodeOutlook]:
    codes = _codebook(judge).code_ids
    learned = judge.learned if isinstance(judge, Model) else np.zeros(len(codes), dtype=np.bool_)
    left = prospects.positives.sum(axis=0)
    expected = prospects.positives[drawn].sum(axis=0)
    by_chance = left * len(drawn) / max(len(prospects.positives), 1)
    return [
        CodeOutlook(
            code,
            accepted.get(code, 0),
            round(float(expected[row]), 2),
            round(float(by_chance[row]), 2),
            round(float(left[row]), 2),
            "model" if learned[row] else "cues",
        )
        for row, code in enumerate(codes)
    ]
