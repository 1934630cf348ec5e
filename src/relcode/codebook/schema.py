"""The form of a codebook: what the YAML may say, as strict frozen records.

A codebook is the model that one can read: each code has cues, each cue a pattern over tokens and a weight in
log-odds. The pattern language is spaCy's token patterns; `codebook.patterns` describes the short form for authors.
"""

from __future__ import annotations

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

    `question`: the segment ends as a question. `quoted`: the match lies in quoted or reported speech.
    `words_max`, `words_min`: number of words in the segment. `turn_words_max`: words in the whole turn.
    `after_words_min`: words in the turn before. `after_question`: the turn before ends as a question.
    `first`: the segment is the first of its turn. `thirds`: in which thirds of the session (1, 2, 3) the turn stands.
    """

    question: bool | None = None
    quoted: bool | None = None
    words_max: int | None = None
    words_min: int | None = None
    turn_words_max: int | None = None
    after_words_min: int | None = None
    after_question: bool | None = None
    first: bool | None = None
    thirds: list[int] | None = None


class Cue(_Strict, frozen=True, kw_only=True):
    """One reason for or against a code.

    `weight` is added to the code's log-odds once for each segment in which the cue fires (not once a match).
    `patterns` are alternatives, each in the short form (a string) or as spaCy token dictionaries; a cue without
    patterns fires on its condition alone.
    """

    id: str
    weight: float
    patterns: list[str | TokenPattern] = []
    when: Condition = Condition()
    note: str = ""


class Code(_Strict, frozen=True, kw_only=True):
    """One marker: what it is, what it is not, who can speak it, and its cues.

    `prior` is the share of segments of the allowed speakers that carry the code (0 to 1): the base rate from which
    suggestions start. `beats` names the codes that give way where both compete for the same words.
    `mode` marks an ordinary mode: given only where no relational code of the therapist holds, and exactly one.
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
    color: str = "#888888"
    key: str | None = None
    cues: list[Cue] = []


class Codebook(_Strict, frozen=True, kw_only=True):
    """A named, versioned set of codes with the word lists that their cues use."""

    id: str
    version: str
    title: str
    authors: list[str]
    language: Literal["en"] = "en"
    description: str = ""
    sources: list[str] = []
    lexicons: dict[str, list[str]] = {}
    codes: list[Code] = []

    @property
    def reference(self) -> str:
        """`id@version`, as it stands in every label."""
        return f"{self.id}@{self.version}"

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
