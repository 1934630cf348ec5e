"""Active learning by simulation: how many pages `relcode next` needs, against pages in random order.

    python benchmarks/learning/active.py [--annomi AnnoMI-simple.csv] [--seeds 3] [--random-share 0.2]

Dyads are held out for the test; the pages of the others are coded batch by batch, by the selection of `relcode next`
(first by the cues, then by a model trained on what was coded) or by lot, and after each batch a model is trained and
tested at turn level. Counted are the pages until macro-F1 (codes with ten or more turns in the test) reaches 95 % of
what all pages give; curves are made to rise (isotonic) and read between batches. A ratio below 1 says that `next` needs
fewer. Without --annomi: the example corpus, which is synthetic. The file is read and not copied.
"""

from __future__ import annotations

import argparse
import csv
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np
from scipy import sparse
from simulated import Material, Trained, corpus
from sklearn.isotonic import IsotonicRegression

from relcode.batches.runs import Run, runs_of
from relcode.codebook import Codebook, load_codebook
from relcode.cues import decide
from relcode.learning.choosing import draw_pages
from relcode.learning.evaluate import f1_of
from relcode.learning.features import GRAM_COLUMNS, gram_features
from relcode.learning.prospects import (
    Prospects,
    expected_errors,
    page_coordinates,
    rows_of_turns,
    segments_of_pages,
)
from relcode.learning.turns import by_turn
from relcode.records import Session, Span, Turn

SHARES = (0.04, 0.08, 0.14, 0.2, 0.3, 0.45, 0.65)
LEAST = 10
ENOUGH = 0.95
TALK = ("reflection", "question", "therapist_input", "other", "change", "neutral", "sustain")
Draw = Callable[[np.ndarray, int, Trained | None], np.ndarray]


class Pages:
    """The pages of the sessions to be coded, with all that `next` reads of them and no model changes."""

    def __init__(self, material: Material, sessions: np.ndarray) -> None:
        kept = [material.table.sessions[number] for number in sessions]
        self.runs: list[Run] = sorted((run for session in kept for run in runs_of(session)), key=lambda run: run.place)
        self.material = material
        self.of_page = segments_of_pages(material.table, rows_of_turns(self.runs), len(self.runs))
        dyads = {session.session_id: session.dyad for session in kept}
        words = sparse.csr_matrix(self.of_page @ material.segments.shared("grams", gram_features))
        assert words.shape[1] == GRAM_COLUMNS
        self.coordinates = page_coordinates(words, [dyads[run.session_id] for run in self.runs])

    def segments(self, pages: np.ndarray) -> np.ndarray:
        return np.flatnonzero(np.asarray(self.of_page[pages].sum(axis=0)).ravel())

    def prospects(self, pages: np.ndarray, model: Trained | None) -> Prospects:
        """As `survey_pages` of the pages that are left."""
        material = self.material
        probability = material.cues if model is None else model.probability
        wrong = np.zeros(probability.shape)
        if model is not None:
            holds = decide(material.book, probability, model.thresholds)
            wrong = expected_errors(probability, holds, model.learned)
        rows = self.of_page[pages]
        return Prospects(rows @ wrong, rows @ probability, self.coordinates[pages])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--annomi", type=Path, help="AnnoMI-simple.csv")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--random-share", type=float, default=0.2)
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    material = corpus() if arguments.annomi is None else annomi(arguments.annomi)
    ratios = []
    for seed in range(arguments.seeds):
        found = simulate(material, seed, SHARES, arguments.random_share)
        ratios.append(found["next"] / found["random"])
        print(f"seed {seed}: pages needed {found['next']:.0f} (next), {found['random']:.0f} (random)", flush=True)
    low, high = interval(np.array(ratios))
    print(f"\nratio {np.exp(np.mean(np.log(ratios))):.2f} [{low:.2f}, {high:.2f}], {arguments.seeds} seeds")


def interval(ratios: np.ndarray) -> tuple[float, float]:
    """95 % percentile interval of the geometric mean, seeds drawn with replacement."""
    drawn = np.random.default_rng(0).choice(np.log(ratios), size=(2000, len(ratios)))
    low, high = np.exp(np.percentile(drawn.mean(axis=1), [2.5, 97.5]))
    return float(low), float(high)


def simulate(material: Material, seed: int, shares: Sequence[float], random_share: float) -> dict[str, float]:
    """Pages that each way of choosing needs."""
    folds = list(material.splits("dyad", seed=seed))
    train, test = folds[seed % len(folds)]
    pages = Pages(material, train)
    tested = material.rows(test)
    everything = macro_f1(material, train_on(material, pages, np.arange(len(pages.runs)), seed), tested)
    goal = ENOUGH * everything
    print(f"seed {seed}: {len(pages.runs)} pages, macro-F1 of all {everything:.3f}, wanted {goal:.3f}", flush=True)
    drawn = np.random.default_rng(seed)
    ways: dict[str, Draw] = {
        "next": lambda left, count, model: by_next(pages, left, count, model, random_share, seed),
        "random": lambda left, count, model: drawn.choice(left, size=count, replace=False),
    }
    found = {}
    for name, draw in ways.items():
        sizes, reached = curve(material, pages, draw, shares, tested, seed)
        found[name] = pages_needed([*sizes, len(pages.runs)], [*reached, everything], goal)
        print(f"  {name}: " + ", ".join(f"{n} {f1:.3f}" for n, f1 in zip(sizes, reached, strict=True)), flush=True)
    return found


def curve(
    material: Material, pages: Pages, draw: Draw, shares: Sequence[float], tested: np.ndarray, seed: int
) -> tuple[list[int], list[float]]:
    """Numbers of pages coded, and macro-F1 with each."""
    coded = np.zeros(0, dtype=np.intp)
    model: Trained | None = None
    sizes, reached = [], []
    for share in shares:
        left = np.setdiff1d(np.arange(len(pages.runs)), coded)
        coded = np.append(coded, draw(left, round(share * len(pages.runs)) - len(coded), model))
        model = train_on(material, pages, coded, seed)
        sizes.append(len(coded))
        reached.append(macro_f1(material, model, tested))
    return sizes, reached


def by_next(
    pages: Pages, left: np.ndarray, count: int, model: Trained | None, random_share: float, seed: int
) -> np.ndarray:
    coded = np.setdiff1d(np.arange(len(pages.runs)), left)
    accepted = pages.material.marks[pages.segments(coded)].sum(axis=0).astype(np.float64)
    drawn, _, _ = draw_pages(
        pages.prospects(left, model), accepted, count=count, random_share=random_share, seed=seed + len(coded)
    )
    return left[drawn]


def train_on(material: Material, pages: Pages, coded: np.ndarray, seed: int) -> Trained:
    return Trained(material, pages.segments(coded), folds=2, seed=seed)


def macro_f1(material: Material, model: Trained, tested: np.ndarray) -> float:
    """At turn level, over the codes with `LEAST` or more turns in the test."""
    shown = np.zeros(model.probability.shape)
    shown[tested] = model.probability[tested]
    right = np.zeros(material.marks.shape, dtype=np.bool_)
    right[tested] = material.marks[tested]
    held, truth = _held(material, model, shown), by_turn(material.table, right)
    f1 = f1_of(np.stack([(held & truth).sum(axis=0), (held & ~truth).sum(axis=0), (~held & truth).sum(axis=0)]))
    return float(np.nan_to_num(f1[truth.sum(axis=0) >= LEAST]).mean())


def _held(material: Material, model: Trained, shown: np.ndarray) -> np.ndarray:
    """By turn and code. Where a speaker's codes exclude one another, the turn's likeliest; else what the model holds."""
    if not all(code.exclusive for code in material.book.codes):
        return by_turn(material.table, decide(material.book, shown, model.thresholds))
    highest = np.zeros((len(material.table.turn_session), shown.shape[1]))
    np.maximum.at(highest, material.table.segment_turn, shown)
    return (highest == highest.max(axis=1, keepdims=True)) & (highest > 0)


def pages_needed(sizes: Sequence[int], reached: Sequence[float], goal: float) -> float:
    """Where the rising curve passes the goal, between the measured points."""
    rising = IsotonicRegression().fit_transform(sizes, reached)
    rising[-1] = max(rising[-1], goal)
    above = int(np.argmax(rising >= goal))
    if above == 0:
        return float(sizes[0])
    part = (goal - rising[above - 1]) / (rising[above] - rising[above - 1])
    return float(sizes[above - 1] + part * (sizes[above] - sizes[above - 1]))


def annomi(path: Path) -> Material:
    """AnnoMI's transcripts, each a dyad of its own; a turn carries its utterance's main behaviour or talk type."""
    sessions: list[Session] = []
    spans: list[Span] = []
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for name in dict.fromkeys(row["transcript_id"] for row in rows):
        turns = []
        for number, row in enumerate((row for row in rows if row["transcript_id"] == name), start=1):
            therapist = row["interlocutor"] == "therapist"
            code = row["main_therapist_behaviour"] if therapist else row["client_talk_type"]
            text = row["utterance_text"]
            turns.append(Turn(number, "T" if therapist else "C", text))
            spans.append(Span(session_id=name, turn=number, start=0, end=len(text), text=text, code=code))
        sessions.append(Session(name, tuple(turns)))
    return Material(sessions, spans, [0] * len(sessions), talk_codes())


def talk_codes() -> Codebook:
    """The codes that AnnoMI gives to utterances, with their cues in the codebook `annomi`."""
    book = load_codebook("annomi")
    return msgspec.structs.replace(book, codes=[book.by_id[code] for code in TALK])


if __name__ == "__main__":
    main()
