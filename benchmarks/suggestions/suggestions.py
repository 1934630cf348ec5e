"""How good the suggestions are, at turn level, on dyads (or authors) that nothing was fitted to.

    python benchmarks/suggestions/suggestions.py [--sets 1 | --sets 1 2 3 4] [--split dyad | author] [--no-spacy]

Side by side on the same folds: the author's weights (no label seen), weights fitted to the other folds, and three
baselines: a keyword list, TF-IDF with logistic regression (words 1-3, characters 2-5, the turn before, the speaker), and
spaCy's text classifier (bag of words). On set 1 also the second coder against the accepted labels, the ceiling. F1 is at
thresholds that the other folds chose; `offered` is what coders would be shown. The corpus is synthetic: the figures
compare methods, they do not say how well real sessions are read.
"""

from __future__ import annotations

import argparse
import random
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import spacy
from scipy import sparse
from scipy.special import expit
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from spacy.training import Example

from relcode.codebook import load_codebook
from relcode.cues import decide, offer_thresholds
from relcode.learning.fit import held_out_probability
from relcode.learning.fit_material import read_examples, read_material
from relcode.learning.folds import LEAST_DYADS, LEAST_POSITIVES, dyad_folds
from relcode.learning.thresholds import choose_offers
from relcode.spans import read_spans
from relcode.transcripts import read_sessions
from relcode.transcripts.tokens import segment_codes

CORPUS = Path(__file__).parents[2] / "examples" / "corpus"
SETS = {1: "accepted", 2: "coder_A_set2", 3: "coder_A_set3", 4: "coder_A_set4"}
CODEBOOKS = ("relational-core", "rupture-repair", "client-process", "ccrt")
FOLDED = {"INT": "INT", "RUP": "RUP"}
AIMED = ("TSI", "TSD", "INT (folded)", "META", "HN", "INQ", "RUP (folded)")
LEAST = 10
# What somebody would type into a search box for each code.
KEYWORDS = {
    "TSI": "i feel,i felt,i'm moved,i notice i,i'm aware that i", "TSI.impact": "changed me,taught me,stayed with me",
    "TSD": "when i was,my own,i used to,i trained,me too", "INT.genetic": "your mother,your father,as a child,growing up",
    "INT.transference": "with me,like your", "INT.dynamic": "protects you,part of you,so that you don't",
    "INQ": "what was that like,i wonder,i'm curious,what comes up", "NK": "i don't know,i'm not sure",
    "PATTERN": "pattern,every time,you always", "NORM": "makes sense,no wonder,of course you,normal",
    "INVITE": "see if you can,try saying,stay with that,notice what", "META": "between us,you and me,you and i,when i said",
    "HN": "right now,here,as you say that,just now", "ENACT": "we're doing it,just like with your",
    "REFL": "so you,it sounds like,sounds like", "QUEST": "?", "GUIDE": "you could,you should,write down,homework",
    "INFO": "minutes left,next week,research", "SUPP": "great,well done,i'm sorry,good for you", "ENC": "mm-hm,mm,go on,yeah",
    "OTHER": "hi,hello,see you,bye", "RUP.withdrawal": "i'm fine,it doesn't matter,whatever,i don't know",
    "RUP.confrontation": "you're not,you don't,waste of", "REP.immediate": "sorry,i apologise,my mistake,you're right",
    "REP.exploratory": "what was it like when i,i think i pushed", "COOP": "that makes sense,yeah and,i guess",
    "MCOG": "part of me,i realise,i notice,in my head", "WARM": "thank you,thanks,i trust you", "HOST": "useless,pathetic",
    "CCRT.W": "i wanted,i wish,i needed", "CCRT.RO": "he said,she said,they said,she just", "CCRT.RS": "i just,so i,i felt",
}  # fmt: skip


class Data:
    """The sessions as turns, with what each turn carries."""

    def __init__(self, numbers: list[int], versions: str) -> None:
        self.book = load_codebook("+".join(f"{name}{versions}" for name in CODEBOOKS))
        sessions, spans, author = [], [], []
        for number in numbers:
            folder = CORPUS / ("transcripts" if number == 1 else f"transcripts{number}")
            read = read_sessions([folder])
            sessions += read
            author += [number] * len(read)
            spans += read_spans(CORPUS / "labels" / f"{SETS[number]}.jsonl", read)
        self.sessions, self.spans = sessions, spans
        self.material = read_material(self.book, sessions, spans)
        self.table = self.material.table
        names = sorted({session.dyad for session in sessions})
        by_session = np.array([names.index(session.dyad) for session in sessions])
        self.dyad = by_session[self.table.segment_session]
        self.author = np.array(author)[self.table.segment_session]
        self.truth = self.to_turns(self.material.marks)
        self.may = self.to_turns(self.material.allowed)

    def to_turns(self, array: np.ndarray) -> np.ndarray:
        turns = np.zeros((len(self.table.turn_session), array.shape[1]), dtype=array.dtype)
        if array.dtype == bool:
            np.logical_or.at(turns, self.table.segment_turn, array)
        else:
            np.maximum.at(turns, self.table.segment_turn, array)
        return turns

    def learned(self, rows: np.ndarray) -> np.ndarray:
        marks, dyad = self.material.marks[rows], self.dyad[rows]
        return np.array(
            [
                marks[:, n].sum() >= LEAST_POSITIVES and len(np.unique(dyad[marks[:, n]])) >= LEAST_DYADS
                for n in range(marks.shape[1])
            ]
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="+", type=int, default=[1], choices=sorted(SETS))
    parser.add_argument("--split", choices=("dyad", "author"), default="dyad")
    parser.add_argument("--versions", default="@1.0.0", help="of the codebooks: the author's weights")
    parser.add_argument("--no-spacy", action="store_true", help="leave spaCy's text classifier out (it takes longest)")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    data = Data(arguments.sets, arguments.versions)
    if arguments.split == "author":
        splits = [(np.flatnonzero(data.author != n), np.flatnonzero(data.author == n)) for n in arguments.sets]
    else:
        count = len(np.unique(data.dyad))
        splits = list(dyad_folds(data.dyad, count if count <= 8 else 5, seed=0))
    turns = [
        (np.unique(data.table.segment_turn[train]), np.unique(data.table.segment_turn[test])) for train, test in splits
    ]
    print(f"{len(data.sessions)} sessions, {count_of(data.dyad)} dyads, {len(splits)} folds by {arguments.split}")
    found: dict[str, dict[str, tuple[float, float, float]]] = {}
    author = np.where(data.material.allowed, expit(data.material.offset + data.material.base), 0.0)
    found["author's weights, offered"] = of_held(
        data, decide(data.book, author, offer_thresholds(data.book)), data.to_turns(author)
    )
    learned = np.ones(len(data.book.codes), dtype=bool)
    for train, _ in splits:
        learned &= data.learned(train)
    fitted = held_out_probability(data.material, read_examples(data.book), splits, learned)
    held = np.zeros(fitted.shape, dtype=bool)
    for train, test in splits:
        rows = np.zeros(len(fitted), dtype=bool)
        rows[train] = True
        held[test] = decide(
            data.book, fitted[test], choose_offers(data.book, data.table, fitted, data.material.marks, rows=rows)
        )
    found["fitted weights, offered"] = of_held(data, held, data.to_turns(fitted))
    found["author's weights"] = of_scores(data, data.to_turns(author), turns)
    found["fitted weights"] = of_scores(data, data.to_turns(fitted), turns)
    found["keywords"] = of_held(data, None, keywords(data))
    found["TF-IDF + LR"] = of_scores(data, tfidf(data, turns), turns)
    if not arguments.no_spacy:
        found["spaCy textcat"] = of_scores(data, textcat(data, turns), turns)
    if arguments.sets == [1]:
        second = segment_codes(
            data.table, read_spans(CORPUS / "labels/coder_B.jsonl", data.sessions), data.book.code_ids
        )
        marked = data.to_turns(second & data.material.allowed)
        found["second coder"] = of_held(data, None, marked.astype(float))
    print_tables(data, found)


def count_of(names: np.ndarray) -> int:
    return len(np.unique(names))


def texts_of(data: Data) -> tuple[list[str], list[str]]:
    turns = [turn for session in data.sessions for turn in session.turns]
    opens = np.diff(data.table.turn_session, prepend=-1) != 0
    before = ["" if opens[n] else turns[n - 1].text for n in range(len(turns))]
    return [turn.text for turn in turns], before


def keywords(data: Data) -> np.ndarray:
    texts, _ = texts_of(data)
    padded = [f" {text.lower().replace('’', chr(39))} " for text in texts]
    hits = np.zeros(data.truth.shape)
    for number, code in enumerate(data.book.code_ids):
        words = [word if word == "?" else f" {word}" for word in KEYWORDS[code].split(",")]
        hits[:, number] = [any(word in text for word in words) for text in padded]
    return hits * data.may


def tfidf(data: Data, splits: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    texts, before = texts_of(data)
    therapist = sparse.csr_matrix(np.stack([data.table.is_therapist, ~data.table.is_therapist], axis=1).astype(float))
    scores = np.zeros(data.truth.shape)
    for train, test in splits:
        parts = [therapist]
        for source, options in (
            (texts, {"ngram_range": (1, 3), "token_pattern": r"\S+"}),
            (texts, {"analyzer": "char_wb", "ngram_range": (2, 5)}),
            (before, {"ngram_range": (1, 2), "token_pattern": r"\S+"}),
        ):
            vectors = TfidfVectorizer(sublinear_tf=True, min_df=2, **options).fit([source[n] for n in train])
            parts.append(vectors.transform(source))
        features = sparse.hstack(parts, format="csr")
        for number in range(data.truth.shape[1]):
            rows = train[data.may[train, number]]
            target = data.truth[rows, number]
            if 0 < target.sum() < len(target):
                model = LogisticRegression(C=10.0, class_weight="balanced", max_iter=300, solver="liblinear")
                scores[test, number] = model.fit(features[rows], target).predict_proba(features[test])[:, 1]
    return scores * data.may


def textcat(data: Data, splits: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    texts, before = texts_of(data)
    marked = [
        f"{'THERAPIST' if side else 'CLIENT'} {text} BEFORE {prior}"
        for side, text, prior in zip(data.table.is_therapist, texts, before, strict=True)
    ]
    scores = np.zeros(data.truth.shape)
    for train, test in splits:
        random.seed(0)
        spacy.util.fix_random_seed(0)
        nlp = spacy.blank("en")
        model = {
            "@architectures": "spacy.TextCatBOW.v3",
            "exclusive_classes": False,
            "ngram_size": 2,
            "no_output_layer": False,
        }
        cat = nlp.add_pipe("textcat_multilabel", config={"model": model})
        for code in data.book.code_ids:
            cat.add_label(code)
        examples = [
            Example.from_dict(
                nlp.make_doc(marked[n]),
                {"cats": dict(zip(data.book.code_ids, map(float, data.truth[n]), strict=True))},
            )
            for n in train
        ]
        optimizer: Any = nlp.initialize(lambda examples=examples: examples)
        for _ in range(8):
            random.shuffle(examples)
            for batch in spacy.util.minibatch(examples, size=32):
                nlp.update(batch, sgd=optimizer)
        for n, doc in zip(test, nlp.pipe(marked[n] for n in test), strict=True):
            scores[n] = [doc.cats[code] for code in data.book.code_ids]
    return scores * data.may


def best_thresholds(scores: np.ndarray, truth: np.ndarray, may: np.ndarray) -> np.ndarray:
    """By code, the threshold with the highest F1, midway to the next score below; ties hold together."""
    thresholds = np.full(truth.shape[1], 0.5)
    for code in range(truth.shape[1]):
        rows = np.flatnonzero(may[:, code])
        order = rows[np.argsort(-scores[rows, code], kind="stable")]
        ranked, hits = scores[order, code], np.cumsum(truth[order, code])
        if not len(order) or not hits[-1]:
            continue
        ends = np.flatnonzero(np.append(np.diff(ranked) != 0, True))
        best = int((2 * hits[ends] / (ends + 1 + hits[-1])).argmax())
        after = ends[min(best + 1, len(ends) - 1)]
        thresholds[code] = (ranked[ends[best]] + ranked[after]) / 2
    return np.clip(thresholds, 1e-6, 1 - 1e-6)


def of_scores(
    data: Data, scores: np.ndarray, splits: list[tuple[np.ndarray, np.ndarray]]
) -> dict[str, tuple[float, float, float]]:
    """Figures at thresholds of best F1 that the other folds chose. Folded codes take the higher score."""
    scores, truth, may, names = folded(data, scores)
    held = np.zeros(truth.shape, dtype=bool)
    for train, test in splits:
        chosen = best_thresholds(scores[train], truth[train], may[train])
        held[test] = (scores[test] >= chosen) & (scores[test] > 0)
    return figures_of(names, held, truth, scores)


def of_held(data: Data, held: np.ndarray | None, scores: np.ndarray) -> dict[str, tuple[float, float, float]]:
    """Figures of what a method holds (by segment; without it every score above 0)."""
    turns = scores > 0 if held is None else data.to_turns(held)
    folded_turns, truth, _, names = folded(data, turns.astype(float))
    return figures_of(names, folded_turns > 0, truth, folded(data, scores)[0])


def folded(data: Data, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str]]:
    """Scores, truth and what may be, with columns for families taken together."""
    columns, truths, mays, names = [scores], [data.truth], [data.may], list(data.book.code_ids)
    for family in FOLDED:
        members = [n for n, code in enumerate(data.book.code_ids) if code.startswith(f"{family}.")]
        columns.append(scores[:, members].max(axis=1, keepdims=True))
        truths.append(data.truth[:, members].any(axis=1, keepdims=True))
        mays.append(data.may[:, members].any(axis=1, keepdims=True))
        names.append(f"{family} (folded)")
    return np.hstack(columns), np.hstack(truths), np.hstack(mays), names


def figures_of(
    names: list[str], held: np.ndarray, truth: np.ndarray, scores: np.ndarray
) -> dict[str, tuple[float, float, float, float]]:
    found = {}
    for number, name in enumerate(names):
        if truth[:, number].sum() < LEAST:
            continue
        hits = (held[:, number] & truth[:, number]).sum()
        precision = hits / max(held[:, number].sum(), 1)
        recall = hits / truth[:, number].sum()
        f1 = 2 * hits / max(held[:, number].sum() + truth[:, number].sum(), 1)
        area = average_precision_score(truth[:, number], scores[:, number])
        found[name] = (precision, recall, f1, area)
    return found


def print_tables(data: Data, found: dict[str, dict[str, tuple[float, ...]]]) -> None:
    methods = list(found)
    codes = list(found[methods[0]])
    counts = dict(zip(folded(data, data.truth.astype(float))[3], folded(data, data.truth)[1].sum(axis=0), strict=True))
    print("\nP, R, F1 and area under the precision-recall curve, turns:")
    for method in methods:
        print(f"\n{method}")
        for code in codes:
            precision, recall, f1, area = found[method][code]
            print(
                f"  {code:20s} n {counts[code]:5d}   P {precision:.2f}  R {recall:.2f}  F1 {f1:.2f}  PR area {area:.2f}"
            )
    print(f"\n{'macro over codes with ' + str(LEAST) + ' or more':34s}      F1   PR area")
    plain = [code for code in codes if "folded" not in code]
    for method in methods:
        means = [np.mean([found[method][code][place] for code in plain]) for place in (2, 3)]
        print(f"  {method:34s}  {means[0]:.3f}   {means[1]:.3f}")
    print("\nF1 of the codes aimed at")
    print("  " + " ".join(f"{code:>14s}" for code in AIMED))
    for method in methods:
        cells = [f"{found[method][code][2]:14.2f}" if code in found[method] else f"{'-':>14s}" for code in AIMED]
        print("  " + " ".join(cells), method)


if __name__ == "__main__":
    main()
