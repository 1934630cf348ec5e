"""What is wrong with a codebook beyond its form: examples that its own cues judge otherwise, codes out of reach."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.special import logit

from relcode.codebook import Code, Codebook, codebook_faults, codes_known
from relcode.codebook.source import Lines, Place
from relcode.cues.engine import CueEngine
from relcode.records import Session, Turn
from relcode.transcripts.tokens import tokenize

KINDS = ("hit", "near_hit", "near_miss", "miss")
_MARKED = re.compile(r"\s*([TC]\d?):\s*(.*)", re.DOTALL)


class _Example(NamedTuple):
    place: Place
    code: int
    kind: str
    text: str


def lint_codebook(path: Path, folders: Sequence[Path] = ()) -> list[str]:
    """Every fault of a codebook file, as `FILE:LINE: what is wrong`.

    Of a codebook whose weights were fitted to labels, examples that they judge otherwise are no faults (see
    `misjudged_examples`): the labels decide there.

    Faults of form come first; examples and reach are looked at only in a codebook without any. An example is a turn; the
    turns before it may stand in front (`C: You're late. | T: I am, and I'm sorry.`), the last one is judged. Without a
    mark it is tried as said by each speaker who may carry the code: a hit has to be found for one of them, a miss for
    none.

    Raises
    ------
    CodebookError
        The file cannot be read as YAML.
    """
    codebook, faults = codebook_faults(path, folders)
    if codebook is None or faults:
        return faults
    lines = Lines(path)
    found = [*_unknown_rules(codebook, folders), *_lacking(codebook), *_out_of_reach(codebook)]
    if not codebook.fitted:
        found += _misjudged(codebook)
    return [f"{lines.where(place)}: {fault}" for place, fault in found]


def misjudged_examples(path: Path, folders: Sequence[Path] = ()) -> list[str]:
    """Examples that a codebook's own cues judge otherwise, as `FILE:LINE: which, and how`; none where it has faults.

    Raises
    ------
    CodebookError
        The file cannot be read as YAML.
    """
    codebook, faults = codebook_faults(path, folders)
    if codebook is None or faults:
        return []
    lines = Lines(path)
    return [f"{lines.where(place)}: {fault}" for place, fault in _misjudged(codebook)]


def _unknown_rules(codebook: Codebook, folders: Sequence[Path]) -> Iterator[tuple[Place, str]]:
    known = {code for book in (codebook, *codebook.all_used) for code in book.code_ids}
    named = [rule.against for code in codebook.codes for rule in code.rules]
    if not all(_is_known(name, known) for name in named):
        known |= codes_known(folders).keys()
    for number, code in enumerate(codebook.codes):
        for place, rule in enumerate(code.rules):
            if not _is_known(rule.against, known):
                yield (
                    ("codes", number, "rules", place),
                    f"code {code.id}: rule against {rule.against}: no such code is known",
                )


def _is_known(name: str, known: set[str]) -> bool:
    return name in known or any(code.startswith(f"{name}.") for code in known)


def _lacking(codebook: Codebook) -> Iterator[tuple[Place, str]]:
    for number, code in enumerate(codebook.codes):
        for kind in KINDS:
            if not getattr(code.examples, kind):
                yield ("codes", number, "examples"), f"code {code.id}: no example of the kind {kind}"


def _out_of_reach(codebook: Codebook) -> Iterator[tuple[Place, str]]:
    for number, code in enumerate(codebook.codes):
        most = logit(code.prior) + sum(max(cue.weight, 0.0) for cue in code.cues)
        if most < logit(code.offer_at):
            yield (
                ("codes", number, "cues"),
                f"code {code.id}: all of its cues together do not bring it to {code.offer_at}; it is never offered",
            )


def _misjudged(codebook: Codebook) -> Iterator[tuple[Place, str]]:
    examples = [
        _Example(("codes", number, "examples", kind, place), number, kind, text)
        for number, code in enumerate(codebook.codes)
        for kind in KINDS
        for place, text in enumerate(getattr(code.examples, kind))
    ]
    for example, probability in zip(examples, judge_examples(codebook, examples), strict=True):
        code = codebook.codes[example.code]
        what = f"code {code.id}: {example.kind} {int(example.place[-1]) + 1}"
        if example.kind.endswith("hit") and probability < code.offer_at:
            yield (
                example.place,
                f"{what} is missed by its own cues (probability {probability:.2f}, offered at {code.offer_at})",
            )
        if example.kind.endswith("miss") and probability >= code.offer_at:
            yield (
                example.place,
                f"{what} is taken by its own cues (probability {probability:.2f}, offered at {code.offer_at})",
            )


def judge_examples(codebook: Codebook, examples: Sequence[_Example]) -> list[float]:
    """The probability of each example's code in its last turn, the highest over the speakers who may say it."""
    sessions: list[Session] = []
    owners: list[int] = []
    for number, example in enumerate(examples):
        for turns in example_turns(example.text, codebook.codes[example.code]):
            sessions.append(Session(f"example {len(sessions)}", turns))
            owners.append(number)
    table = tokenize(sessions)
    engine = CueEngine(codebook)
    by_segment = engine.probabilities(engine.fire(table), engine.allowed(table))
    last_turn = np.array([len(session.turns) for session in sessions], dtype=np.int64)
    judged = table.turn_number[table.segment_turn] == last_turn[table.segment_session]
    best = [0.0] * len(examples)
    for row in np.flatnonzero(judged):
        owner = owners[int(table.segment_session[row])]
        best[owner] = max(best[owner], float(by_segment[row, examples[owner].code]))
    return best


def example_turns(text: str, code: Code) -> list[tuple[Turn, ...]]:
    """The turns of an example, once for each speaker who may say an unmarked one."""
    parts = [_MARKED.fullmatch(part) for part in text.split(" | ")]
    if all(parts):
        marked = [(match[1], match[2]) for match in parts if match]
        return [tuple(Turn(number, speaker, words) for number, (speaker, words) in enumerate(marked, start=1))]
    return [(Turn(1, speaker, text),) for speaker in code.speakers]
