"""Only what was coded with one version of a codebook is compared: other versions may mean other things by a code."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import msgspec

from relcode.reliability.coded_pages import has_version
from relcode.reliability.codings import Coding

Place = tuple[str, int]


def of_one_version(codings: Sequence[Coding], notes: list[str]) -> list[Coding]:
    """Leave out the turns that a coder coded with another version than most did; what is left out goes to the notes.

    Of each codebook the version with most coders of the turn counts, of several the highest. Where a version is not
    known, it is taken to be the others'. A model is not left out, since it has one version for good; a note says so.
    """
    named = [{} if coding.is_machine else coding.versions() for coding in codings]
    notes += _of_machines(codings, named)
    dropped: list[dict[Place, str]] = [{} for _ in codings]
    for place in _places(named):
        references = [versions.get(place) or versions.get((place[0], 0), "") for versions in named]
        wanted = _most_common(references)
        for coder, reference in enumerate(references):
            if any(wanted[name] != version for name, version in _parts(reference).items()):
                dropped[coder][place] = reference
    for coding, places in zip(codings, dropped, strict=True):
        for reference, count in sorted(Counter(places.values()).items()):
            what = "turn" if any(turn for _, turn in places) else "session"
            notes.append(
                f"{coding.coder}: {count} {what}(s) left out, coded with {reference}, the others with another version; "
                "`relcode codebook migrate` brings labels to one."
            )
    return [_without(coding, set(places)) for coding, places in zip(codings, dropped, strict=True)]


def of_version(codings: Sequence[Coding], version: str) -> list[Coding]:
    """The codings of what was coded with one version of a codebook (`1.0.0`, `a@1.0.0`), as far as labels say."""
    return [
        _without(
            coding, {place for place, named in coding.versions().items() if named and not has_version(named, version)}
        )
        for coding in codings
    ]


def version_key(version: str) -> tuple[int, ...]:
    """A version as numbers, so that 1.10.0 comes after 1.9.0."""
    return tuple(int(part) if part.isdigit() else 0 for part in version.split("."))


def _of_machines(codings: Sequence[Coding], named: Sequence[dict[Place, str]]) -> list[str]:
    """What to know where a model's codebook has another version than the coders'."""
    coders = {part for versions in named for reference in versions.values() for part in _parts(reference).items()}
    found = []
    for coding in codings:
        if coding.is_machine:
            own = {part for reference in coding.versions().values() for part in _parts(reference).items()}
            other = sorted(f"{name}@{version}" for name, version in own - coders if name in dict(coders))
            if other:
                found.append(f"{coding.coder}: knows {', '.join(other)}; the coders used another version.")
    return found


def _places(named: Sequence[dict[Place, str]]) -> list[Place]:
    """The turns (or sessions of files) of which several coders' versions are known and differ."""
    known: dict[Place, set[str]] = defaultdict(set)
    whole = {place: versions[place] for versions in named for place in versions if place[1] == 0}
    for versions in named:
        for place, reference in versions.items():
            known[place] |= {reference, *((whole[place[0], 0],) if (place[0], 0) in whole else ())}
    for place in whole:
        known[place] |= {versions[place] for versions in named if place in versions}
    return [place for place, references in known.items() if len(references) > 1]


def _most_common(references: Sequence[str]) -> dict[str, str]:
    """Codebook id -> the version that counts."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for reference in references:
        for name, version in _parts(reference).items():
            votes[name][version] += 1
    return {name: max(count, key=lambda v: (count[v], version_key(v))) for name, count in votes.items()}


def _parts(reference: str) -> dict[str, str]:
    pairs = (part.partition("@") for part in reference.split("+") if part)
    return {name: version for name, _, version in pairs if version}


def _without(coding: Coding, places: set[Place]) -> Coding:
    if not places:
        return coding
    covered: dict[str, frozenset[int] | None] = {}
    for session_id, turns in coding.covered.items():
        if (session_id, 0) in places:
            continue
        kept = turns if turns is None else frozenset(turn for turn in turns if (session_id, turn) not in places)
        if kept is None or kept:
            covered[session_id] = kept
    spans = tuple(
        span
        for span in coding.spans
        if span.session_id in covered and not {(span.session_id, 0), (span.session_id, span.turn)} & places
    )
    return msgspec.structs.replace(coding, spans=spans, covered=covered)
