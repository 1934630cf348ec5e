"""What changed in one code between two versions, in the field's terms, and what follows for its labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from relcode.codebook.lineage import Lineage, plain, shared_words
from relcode.codebook.schema import Code, Examples, Rule

Consequence = Literal["none", "review", "recode"]
SPEAKERS = {"T": "therapist", "C": "client"}
REWORDED_FROM = 0.5  # share of words from which an item counts as reworded, not as dropped and another added


class Change(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One change.

    `code`: the new version's id (of a removed or split code the old one's; empty: the codebook as a whole). `says`: the
    change in a sentence. `consequence`: `none`: labels stand; `review`: labels of the code must be seen again; `recode`:
    its labels do not carry over, or turns were never coded for it. `also`: other codes of the new version whose labels
    must be seen again because of it. `before`, `after`: the codebook's words where wording changed.
    """

    code: str
    kind: str
    says: str
    consequence: Consequence = "none"
    also: tuple[str, ...] = ()
    before: str = ""
    after: str = ""


def code_changes(old: Code, new: Code, lineage: Lineage) -> Iterator[Change]:
    """The changes of everything but cues. `Change.also` holds names as the rules have them; they may be families."""
    yield from _heads(old, new, lineage)
    near = tuple(dict.fromkeys(rule.against for rule in new.rules))
    if plain(old.definition) != plain(new.definition):
        kept = f"{shared_words(old.definition, new.definition):.0%} of the words kept"
        yield Change(
            code=new.id,
            kind="definition",
            says=f"{new.id}: definition reworded ({kept})",
            consequence="review",
            also=near,
            before=old.definition.strip(),
            after=new.definition.strip(),
        )
    for kind, before, after in (("include", old.include, new.include), ("exclude", old.exclude, new.exclude)):
        dropped, added, said = _items(before, after)
        if said:
            yield Change(
                code=new.id,
                kind=kind,
                says=f"{new.id}: {kind}: {said}",
                consequence="review",
                also=near,
                before="\n".join(dropped),
                after="\n".join(added),
            )
    yield from _rules(old, new, lineage)
    yield from _examples(old.examples, new.examples, new.id)


def who(speakers: Iterable[str], joined: str = " or ") -> str:
    """`therapist or client`."""
    return joined.join(SPEAKERS[speaker] for speaker in speakers)


def _heads(old: Code, new: Code, lineage: Lineage) -> Iterator[Change]:
    for role in old.speakers:
        if role not in new.speakers:
            says = f"{new.id}: the {SPEAKERS[role]} may no longer carry it"
            yield Change(code=new.id, kind="speakers", says=says, consequence="recode")
    for role in new.speakers:
        if role not in old.speakers:
            says = f"{new.id}: the {SPEAKERS[role]} may now carry it; such turns have not been coded for it yet"
            yield Change(code=new.id, kind="speakers", says=says, consequence="recode")
    beats_before = [lineage.home(name) for name in old.beats]
    if set(beats_before) != set(new.beats):
        touched = tuple(sorted(set(beats_before) ^ set(new.beats)))
        says = f"{new.id}: precedence changed (goes before {', '.join(new.beats) or 'no code'})"
        yield Change(code=new.id, kind="precedence", says=says, consequence="review", also=touched)
    if old.exclusive != new.exclusive:
        says = f"{new.id}: exclusivity changed ({_or_none(old.exclusive)} to {_or_none(new.exclusive)})"
        yield Change(code=new.id, kind="exclusivity", says=says, consequence="review")
    if old.mode != new.mode:
        says = f"{new.id}: {'now' if new.mode else 'no longer'} an ordinary mode"
        yield Change(code=new.id, kind="mode", says=says, consequence="review")
    parent = None if old.parent is None else lineage.home(old.parent)
    for kind, before, after in (
        ("name", old.name, new.name),
        ("parent", _or_none(parent), _or_none(new.parent)),
        ("prior", f"{old.prior:g}", f"{new.prior:g}"),
        ("threshold of offer", f"{old.offer_at:g}", f"{new.offer_at:g}"),
        ("colour", old.color.upper(), new.color.upper()),
        ("key", _or_none(old.key), _or_none(new.key)),
    ):
        if before != after:
            yield Change(code=new.id, kind=kind, says=f"{new.id}: {kind} changed ({before} to {after})")


def _or_none(value: str | None) -> str:
    return value or "none"


def _items(before: Sequence[str], after: Sequence[str]) -> tuple[list[str], list[str], str]:
    """Items that are only in the one and only in the other, and in words what happened; order does not count."""
    known_before, known_after = {plain(item) for item in before}, {plain(item) for item in after}
    dropped = [item for item in before if plain(item) not in known_after]
    added = [item for item in after if plain(item) not in known_before]
    left = list(added)
    reworded = 0
    for item in dropped:
        close = max(left, key=lambda other: shared_words(item, other), default=None)
        if close is not None and shared_words(item, close) >= REWORDED_FROM:
            left.remove(close)
            reworded += 1
    counts = {"added": len(added) - reworded, "dropped": len(dropped) - reworded, "reworded": reworded}
    return dropped, added, ", ".join(f"{count} {what}" for what, count in counts.items() if count)


def _rules(old: Code, new: Code, lineage: Lineage) -> Iterator[Change]:
    before, after = _by_other(old.rules, lineage), _by_other(new.rules, None)
    for other in dict.fromkeys([*before, *after]):
        was, now = before.get(other, []), after.get(other, [])
        if Counter(map(plain, was)) == Counter(map(plain, now)):
            continue
        what = "added" if not was else "dropped" if not now else "reworded"
        yield Change(
            code=new.id,
            kind="rule",
            says=f"{new.id}: rule against {other} {what}",
            consequence="review",
            also=(other,),
            before="\n".join(was),
            after="\n".join(now),
        )


def _by_other(rules: Sequence[Rule], lineage: Lineage | None) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for rule in rules:
        found.setdefault(lineage.home(rule.against) if lineage else rule.against, []).append(rule.ask)
    return found


def _examples(old: Examples, new: Examples, code_id: str) -> Iterator[Change]:
    before, after = _sides(old), _sides(new)
    turned = [text for text in before if text in after and before[text] != after[text]]
    added, dropped = len(after.keys() - before.keys()), len(before.keys() - after.keys())
    if turned:
        says = f"{code_id}: {len(turned)} example(s) now on the other side of the line between hit and miss"
        yield Change(code=code_id, kind="example", says=says, consequence="review")
    if added or dropped:
        said = ", ".join(f"{count} {what}" for what, count in (("added", added), ("dropped", dropped)) if count)
        yield Change(code=code_id, kind="example", says=f"{code_id}: examples: {said}")


def _sides(examples: Examples) -> dict[str, bool]:
    hits = {plain(text): True for text in [*examples.hit, *examples.near_hit]}
    return {**hits, **{plain(text): False for text in [*examples.miss, *examples.near_miss]}}
