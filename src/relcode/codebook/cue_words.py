"""A cue in words, short, for the appendix of the manual."""

from __future__ import annotations

import re

from relcode.codebook.changes import SPEAKERS
from relcode.codebook.schema import Condition, Cue, TokenPattern

LEGEND = (
    "A cue adds its weight (log-odds) to a code's base rate where it fires; a minus speaks against the code. "
    "In the patterns ‹name› is any word of that list, … is up to three words, _ is any word, (word) may be missing, "
    "/ stands between alternatives, |: and :| are the beginning and the end of the segment."
)
_PLACES = {"segment": "", "turn": "anywhere in the turn", "before": "in the turn before"}
_FLAGS = {
    "question": ("a question", "no question"),
    "quoted": ("in quoted speech", "not in quoted speech"),
    "first": ("first of its turn", "not first of its turn"),
    "last": ("last of its turn", "not last of its turn"),
    "brief": ("a brief turn for this speaker", "not a brief turn"),
    "lengthy": ("a lengthy turn for this speaker", "not a lengthy turn"),
    "after_question": ("after a question", "not after a question"),
}
_LENGTHS = {
    "words": "words",
    "turn_words": "words in the turn",
    "after_words": "words in the turn before",
}
_LEXICON = re.compile(r"<([^<>|\s]+)>")


def cue_line(cue: Cue, most_patterns: int = 4) -> tuple[str, str, str]:
    """Name, weight (`+2.2`) and what makes it fire; of many patterns the first ones."""
    said = condition_words(cue.when)
    if _PLACES[cue.in_]:
        said.append(_PLACES[cue.in_])
    if cue.use:
        said.insert(0, f"as the cue {cue.use}")
    patterns = [pattern_words(pattern) for pattern in cue.patterns[:most_patterns]]
    if len(cue.patterns) > most_patterns:
        patterns.append(f"{len(cue.patterns) - most_patterns} more")
    parts = ["; ".join(patterns), f"if {', '.join(said)}" if said and not cue.use else ", ".join(said), cue.note]
    return cue.name, f"{cue.weight:+g}".replace("-", "−"), " — ".join(part for part in parts if part)


def condition_words(when: Condition) -> list[str]:
    """What must hold, a phrase each."""
    said = [f"the {SPEAKERS[when.speaker]} speaks"] if when.speaker else []
    for name, (true, false) in _FLAGS.items():
        value = getattr(when, name)
        if value is not None:
            said.append(true if value else false)
    for name, unit in _LENGTHS.items():
        low, high = getattr(when, f"{name}_min"), getattr(when, f"{name}_max")
        if low is not None or high is not None:
            said.append(f"{_range(low, high)} {unit}")
    if when.thirds:
        said.append(f"in third {' or '.join(map(str, when.thirds))} of the session")
    if when.we:
        said.append("“we” are the two in the room" if when.we == "dyad" else "“we” are the speaker and others")
    if when.after:
        said.append(f"after a turn with {' or '.join(when.after)}")
    if when.with_:
        said.append(f"in a turn with {' or '.join(when.with_)}")
    if when.features:
        said.append(f"where the plug-in {' and '.join(when.features)} says so")
    return said


def pattern_words(pattern: str | TokenPattern) -> str:
    """A pattern as `LEGEND` explains it."""
    if not isinstance(pattern, str):
        return " ".join(map(_token, pattern))
    words = pattern.split()
    opens, closes = words[:1] == ["^"], words[1:][-1:] == ["$"]
    said = [_word(word) for word in words[opens : len(words) - closes]]
    return " ".join([*(["|:"] if opens else []), *said, *([":|"] if closes else [])])


def _range(low: int | None, high: int | None) -> str:
    if low is None or high is None:
        return f"{high} or fewer" if low is None else f"{low} or more"
    return f"{low} to {high}"


def _word(word: str) -> str:
    if word in ("..", "*"):
        return {"..": "…", "*": "_"}[word]
    if word.startswith("re:"):
        return f"a word like {word[3:]}"
    if len(word) > 1 and word.endswith("?"):
        return f"({_word(word[:-1])})"
    if len(word) > 1 and word.startswith("!"):
        return f"not {_word(word[1:])}"
    return _LEXICON.sub(r"‹\1›", word.removeprefix("\\")).replace("|", "/")


def _token(token: dict[str, object]) -> str:
    if "LEX" in token:
        return f"‹{token['LEX']}›"
    lower = token.get("LOWER", token.get("TEXT"))
    if isinstance(lower, dict):
        words = lower.get("IN") or lower.get("NOT_IN")
        if isinstance(words, list):
            return ("not " if "NOT_IN" in lower else "") + "/".join(map(str, words))
        lower = f"a word like {lower['REGEX']}" if "REGEX" in lower else None
    return str(lower) if lower is not None else f"[{', '.join(f'{key} {value}' for key, value in token.items())}]"
