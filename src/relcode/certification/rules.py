"""The codebook's word on a difference: the decision rule between two codes, else the example or definition that fits."""

from __future__ import annotations

import msgspec

from relcode.codebook import Codebook


class Guidance(msgspec.Struct, frozen=True):
    """`kind`: what it is (a rule between codes, a near hit, a near miss, a definition); `text`: as the codebook says it."""

    kind: str
    text: str


def rule_between(codebook: Codebook, one: str, other: str) -> Guidance | None:
    """The decision rule that tells two codes apart, whichever of them has it; that of a parent code serves its parts."""
    for code, against in ((one, other), (other, one)):
        for name in _self_and_above(codebook, code):
            for rule in codebook.by_id[name].rules:
                if rule.against in _self_and_above(codebook, against):
                    return Guidance(f"rule: {name} or {rule.against}", rule.ask)
    return None


def guidance(codebook: Codebook, code: str, instead: list[str], *, missed: bool) -> Guidance:
    """What the codebook says to a coder who missed a code, or gave it where it was not accepted.

    Parameters
    ----------
    instead
        The codes on the other side in that turn: those that the coder gave, or those that were accepted.
    missed
        The code was accepted and the coder did not give it; else the reverse.
    """
    for other in instead:
        if other in codebook.by_id and (rule := rule_between(codebook, code, other)) is not None:
            return rule
    entry = codebook.by_id[code]
    if missed and entry.examples.near_hit:
        return Guidance("yes, though it looks like a miss", entry.examples.near_hit[0])
    if not missed and entry.examples.near_miss:
        return Guidance("no, though it looks like a hit", entry.examples.near_miss[0])
    if not missed and entry.exclude:
        return Guidance("not", entry.exclude[0])
    return Guidance("definition", " ".join(entry.definition.split()))


def _self_and_above(codebook: Codebook, code: str) -> list[str]:
    """A code, then what it is a part of (`INT.genetic`, `INT`), as far as the codebook has it."""
    names = [code]
    while "." in names[-1]:
        names.append(names[-1].rpartition(".")[0])
    parent = codebook.by_id[code].parent
    return [name for name in [*names, *([parent] if parent and parent not in names else [])] if name in codebook.by_id]
