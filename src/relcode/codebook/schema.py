"""The form of a codebook: what the YAML may say, as strict frozen records.

A codebook is the model that one can read: each code has cues, each cue a pattern over tokens and a weight in
log-odds. The pattern language is spaCy's token patterns; `codebook.patterns` describes the short form for authors.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Any, Literal

import msgspec

from relcode.records import Role

TokenPattern = list[dict[str, Any]]


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, dict=True):
    pass


class Rule(_Strict, frozen=True, kw_only=True):
    """A decision rule: the code that this one is confused with, and the question that decides."""

    against: str
    ask: str


class Examples(_Strict, frozen=True, kw_only=True):
    """Written examples of four kinds. A near hit is a hit that looks like a miss; a near miss the reverse."""

    hit: list[str] = []
    near_hit: list[str] = []
    near_miss: list[str] = []
    miss: list[str] = []


class Condition(_Strict, frozen=True, kw_only=True):
    """What must hold of the segment for a cue to fire; everything given must hold.

    `speaker`: who speaks (`T`, `C`). `question`: the segment ends as a question. `quoted`: the match lies in quoted or
    reported speech. `first`, `last`: the segment is the first, the last of its turn. `words_min`, `words_max`: words in
    the segment. `turn_words_min`, `turn_words_max`: words in its turn. `brief`: the turn has under a third of the
    words of the speaker's median turn in the session; `lengthy`: over twice as many. `after_question`: the turn before
    asks a question. `after_words_min`, `after_words_max`: words in the turn before. `thirds`: in which thirds of the
    session (1, 2, 3) the turn stands. `we`: who "we" and "us" are in the segment, the `dyad` or the speaker with
    `others`. `after`: codes of which the turn before probably carries one; `with`: of which this turn does. With these two a cue
    counts in proportion to that probability. `features`: names of plug-ins that must say so of the segment, all of them.
    """

    speaker: Role | None = None
    question: bool | None = None
    quoted: bool | None = None
    first: bool | None = None
    last: bool | None = None
    words_min: int | None = None
    words_max: int | None = None
    turn_words_min: int | None = None
    turn_words_max: int | None = None
    brief: bool | None = None
    lengthy: bool | None = None
    after_question: bool | None = None
    after_words_min: int | None = None
    after_words_max: int | None = None
    thirds: list[int] | None = None
    we: Literal["dyad", "others"] | None = None
    after: list[str] | None = None
    with_: list[str] | None = msgspec.field(default=None, name="with")
    features: list[str] | None = None


class Cue(_Strict, frozen=True, kw_only=True):
    """One reason for or against a code.

    `weight` is added to the code's log-odds once for each segment in which the cue fires (not once a match).
    `patterns` are alternatives, each in the short form (a string) or as spaCy token dictionaries; a cue without
    patterns fires on its condition alone. `in`: where the patterns are looked for: the `segment` itself, anywhere in
    its `turn`, or anywhere in the turn `before`. `use` takes over another code's cue (`TSI/own-reaction`), with a
    weight of its own; with `in: turn` it counts in all of a turn in which that cue fires.
    """

    weight: float
    id: str = ""
    patterns: list[str | TokenPattern] = []
    when: Condition = Condition()
    in_: Literal["segment", "turn", "before"] = msgspec.field(default="segment", name="in")
    use: str | None = None
    note: str = ""

    @property
    def name(self) -> str:
        """What stands as the reason: the id, or the cue taken over."""
        taken = (self.use or "").replace("/", ":")
        return self.id or (f"{taken} (turn)" if self.in_ == "turn" else taken)


class Code(_Strict, frozen=True, kw_only=True):
    """One marker: what it is, what it is not, who can speak it, and its cues.

    `prior` is the share of segments of the allowed speakers that carry the code (0 to 1): the base rate from which
    suggestions start. `beats` names the codes that give way where both compete for the same words.
    `mode` marks an ordinary mode: given only where no relational code of the therapist holds, and exactly one.
    `offer_at` is the probability from which the code is offered to coders.
    `exclusive` names a group of codes of which a segment carries at most one, the most probable.
    `was` names the codes of former versions that this one takes over: after a renaming the old id, after a merger all
    that went into it; after a split each part names the whole.
    """

    id: str
    name: str
    speakers: list[Role]
    definition: str
    prior: float
    parent: str | None = None
    include: list[str] = []
    exclude: list[str] = []
    rules: list[Rule] = []
    examples: Examples = Examples()
    beats: list[str] = []
    mode: bool = False
    exclusive: str | None = None
    offer_at: float = 0.5
    was: list[str] = []
    color: str = "#888888"
    key: str | None = None
    cues: list[Cue] = []
    origin: str | None = None  # in codebooks put together: the reference of the one that the code is from


class Codebook(_Strict, frozen=True, kw_only=True):
    """A named, versioned set of codes with the word lists that their cues use.

    `uses` names other codebooks (`relational-core@1.0.0`) whose lexicons may be used and whose codes and cues may be
    named in conditions and `use`; loading puts them into `used`. `fitted`: the sessions to which the weights were fitted
    (first 12 digits of their hashes), so that nobody takes figures on these for held-out ones. Codebooks put together
    (`a+b`) have them as `members`.
    """

    id: str
    version: str
    title: str
    authors: list[str]
    language: Literal["en"] = "en"
    description: str = ""
    sources: list[str] = []
    uses: list[str] = []
    fitted: list[str] = []
    lexicons: dict[str, list[str]] = {}
    codes: list[Code] = []
    used: list[Codebook] = []
    members: list[Codebook] = []

    @property
    def reference(self) -> str:
        """`id@version`; of codebooks put together, theirs joined by `+`."""
        return "+".join(book.reference for book in self.members) or f"{self.id}@{self.version}"

    @cached_property
    def fingerprint(self) -> str:
        """A hash over all of it, and of what it uses: the same only where every cue and weight is."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()

    def __deepcopy__(self, memo: dict[int, object]) -> Codebook:
        return self  # it is never changed, and scikit-learn copies every parameter of an estimator

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids that labels of this codebook may name: its own, or those of the codebooks put together."""
        return tuple(book.id for book in self.members) or (self.id,)

    @property
    def references(self) -> tuple[str, ...]:
        """As `ids`, with versions."""
        return tuple(book.reference for book in self.members) or (self.reference,)

    def reference_of(self, code_id: str) -> str:
        """`id@version` of the codebook that a code is from: what stands in every label."""
        return self.by_id[code_id].origin or self.reference

    @cached_property
    def code_ids(self) -> tuple[str, ...]:
        """The codes in the codebook's order."""
        return tuple(code.id for code in self.codes)

    @cached_property
    def by_id(self) -> dict[str, Code]:
        return {code.id: code for code in self.codes}

    def allows(self, code_id: str, speaker: str) -> bool:
        """Whether the speaker rule lets this speaker (`T`, `C`, `C2` ...) carry the code."""
        code = self.by_id.get(code_id)
        return code is not None and ("T" if speaker.startswith("T") else "C") in code.speakers

    @property
    def fitted_to(self) -> set[str]:
        """The sessions to which weights of this codebook, or of one used or put together, were fitted."""
        return {digest for book in (self, *self.all_used) for digest in book.fitted}

    def family(self, name: str) -> tuple[str, ...]:
        """The codes that a name stands for: itself, and its sub-codes (`INT`: `INT.genetic` ...)."""
        return tuple(
            code.id for code in self.codes if code.id == name or code.id.startswith(f"{name}.") or code.parent == name
        )

    @cached_property
    def all_used(self) -> tuple[Codebook, ...]:
        """The codebooks used, directly or through others, each once."""
        found: dict[str, Codebook] = {}
        for book in [*self.used, *self.members]:
            for each in (book, *book.all_used):
                found.setdefault(each.reference, each)
        return tuple(found.values())

    @cached_property
    def translated(self) -> dict[str, dict[str, Any]]:
        """Words of short patterns and the token dictionaries that they stand for here; `expand_pattern` fills it."""
        return {}

    @cached_property
    def words(self) -> dict[str, list[str]]:
        """All lexicons by name, those of the codebooks used included; one's own come first; `<other>` is resolved."""
        named: dict[str, list[str]] = {}
        for book in (self, *self.all_used):
            for name, entries in book.lexicons.items():
                named.setdefault(name, entries)
        return {name: _resolved(name, named, ()) for name in named}


def _resolved(name: str, named: dict[str, list[str]], above: tuple[str, ...]) -> list[str]:
    """A lexicon's entries, with those of the lexicons that it names; what is unknown or circular stays out."""
    found: list[str] = []
    for entry in named[name]:
        other = entry[1:-1] if entry.startswith("<") and entry.endswith(">") else None
        if other is None:
            found.append(entry)
        elif other in named and other not in (*above, name):
            found += _resolved(other, named, (*above, name))
    return found
