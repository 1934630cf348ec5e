"""The short form of token patterns, and its translation to spaCy's.

A short pattern is words separated by spaces, matched in lower case against spaCy's tokens:

=============  ====================================================================
`sad`          this word (`do n't`, `i 'm`: contractions as spaCy splits them)
`sad|glad`     any of these words
`<feeling>`    any word of the lexicon `feeling`; `<feeling>|sad` mixes
`*`            any one token that is not punctuation
`..`           zero to three tokens that are not punctuation (a gap)
`word?`        the word or nothing
`!word`        any one token but this
`re:^un.*ed$`  a token whose lower-case form matches the regular expression
`\\,` `--`      punctuation stands for itself
`^`            first of all: the match begins with the segment's first word
`$`            last of all: the match ends with the segment's last word
=============  ====================================================================

A lexicon's entries are single words, or `<other>` for all words of another lexicon. Words are matched in lower case with
straight apostrophes, in patterns and lexicons as in the text. Token dictionaries know `LOWER`, `TEXT` and `ORTH` (a word, or
`IN`, `NOT_IN`, `REGEX`), the flags `IS_...` and `LIKE_...`, `LEX` (a lexicon) and `OP` (`?`, `*`, `+`, `{2}`, `{1,3}`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from relcode.codebook.schema import TokenPattern

GAP = {"IS_PUNCT": False, "IS_SPACE": False, "OP": "{0,3}"}
_ANY = {"IS_PUNCT": False, "IS_SPACE": False}
EDGE = "AT"  # of the two anchors; no attribute of spaCy's
_WORDS = {"LOWER", "TEXT", "ORTH"}
_FLAGS = {
    *("IS_ALPHA", "IS_ASCII", "IS_DIGIT", "IS_LOWER", "IS_UPPER", "IS_TITLE", "IS_PUNCT", "IS_SPACE", "IS_STOP"),
    *("IS_BRACKET", "IS_QUOTE", "IS_LEFT_PUNCT", "IS_RIGHT_PUNCT", "IS_CURRENCY", "LIKE_NUM", "LIKE_URL", "LIKE_EMAIL"),
}
_OPERATOR = re.compile(r"[?*+1]|\{\d+\}|\{\d+,\d*\}|\{,\d+\}")


def expand_pattern(
    pattern: str | TokenPattern, lexicons: Mapping[str, list[str]], memo: dict[str, dict[str, Any]] | None = None
) -> TokenPattern:
    """Translate a short pattern to spaCy token dictionaries; token dictionaries pass, `{"LEX": name}` replaced.

    Parameters
    ----------
    memo
        Words that were translated before with the same lexicons; a word gives the same dictionary object again.

    Raises
    ------
    ValueError
        An unknown lexicon, an empty pattern, a faulty regular expression, or a pattern that matches nothing at all
        (all of its tokens optional).
    """
    if isinstance(pattern, str):
        words = pattern.split()
        opens, closes = words[:1] == ["^"], words[1:][-1:] == ["$"]
        known = {} if memo is None else memo
        tokens = []
        for word in words[opens : len(words) - closes]:
            if word not in known:
                known[word] = _expand_word(word, lexicons, known)
            tokens.append(known[word])
    else:
        opens = closes = False
        tokens = [_expand_dict(token, lexicons) for token in pattern]
    if not tokens:
        raise ValueError("the pattern is empty")
    if all(str(token.get("OP", "1")).startswith(("?", "*", "{0", "{,")) for token in tokens):
        raise ValueError("every token of the pattern is optional, so it would match everywhere")
    return [*([{EDGE: "start"}] if opens else []), *tokens, *([{EDGE: "end"}] if closes else [])]


def _expand_word(word: str, lexicons: Mapping[str, list[str]], known: dict[str, dict[str, Any]]) -> dict[str, Any]:
    if word == "..":
        return dict(GAP)
    if word == "*":
        return dict(_ANY)
    operator: dict[str, Any] = {}
    if len(word) > 1 and word.endswith("?") and not word.startswith("re:") and word != "\\?":
        word, operator = word[:-1], {"OP": "?"}
    if word.startswith("re:"):
        _check_regex(word[3:])
        return {"LOWER": {"REGEX": word[3:]}}
    if len(word) > 1 and word.startswith("!"):
        return {"LOWER": {"NOT_IN": _alternatives(word[1:], lexicons, known)}, "IS_PUNCT": False, **operator}
    return {"LOWER": _listed(_alternatives(word, lexicons, known)), **operator}


def _alternatives(word: str, lexicons: Mapping[str, list[str]], known: dict[str, dict[str, Any]]) -> list[str]:
    found: set[str] = set()
    for part in word.split("|") if len(word) > 1 else [word]:
        if part.startswith("<") and part.endswith(">"):
            if part not in known:  # a lexicon is named hundreds of times
                known[part] = {"LOWER": _listed(_lexicon(part[1:-1], lexicons))}
            listed = known[part]["LOWER"]
            found.update([listed] if isinstance(listed, str) else listed["IN"])
        elif part:
            found.add(_plain(part[1:] if len(part) > 1 and part.startswith("\\") else part))
    if not any(word.split("|")):
        raise ValueError(f"{word!r} names no word")
    return sorted(found)


def _listed(words: Iterable[str]) -> str | dict[str, list[str]]:
    """What a token dictionary asks of `LOWER`: the only word, or one of several."""
    distinct = sorted(set(words))
    return distinct[0] if len(distinct) == 1 else {"IN": distinct}


def _plain(word: str) -> str:
    """As words are compared: lower case, straight apostrophes."""
    return word.lower().replace("’", "'")


def _check_regex(expression: str) -> None:
    try:
        re.compile(expression)
    except re.error as error:
        raise ValueError(f"{expression!r} is no regular expression: {error}") from error


def _check_token(token: dict[str, Any]) -> None:
    """Refuse what the matcher does not know, so that it is found when the codebook is loaded."""
    for name, value in token.items():
        if name in _WORDS:
            for operator, operand in value.items() if isinstance(value, dict) else [("IN", [value])]:
                if operator == "REGEX" and isinstance(operand, str):
                    _check_regex(operand)
                elif operator not in ("IN", "NOT_IN") or not _are_words(operand):
                    raise ValueError(f"{name}: expected a word, or IN or NOT_IN with words, or REGEX")
        elif name == "OP":
            if not _OPERATOR.fullmatch(str(value)):
                raise ValueError(f"the repetition {value!r} is not among ?, *, +, {{n}}, {{n,m}}")
        elif name in _FLAGS:
            if not isinstance(value, bool):
                raise ValueError(f"{name}: expected true or false")
        elif name != "LEX":
            raise ValueError(f"the attribute {name} is not among LOWER, TEXT, ORTH, IS_..., LIKE_..., LEX, OP")


def _are_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) for word in value)


def _expand_dict(token: dict[str, Any], lexicons: Mapping[str, list[str]]) -> dict[str, Any]:
    _check_token(token)
    if "LEX" not in token:
        return dict(token)
    rest = {key: value for key, value in token.items() if key != "LEX"}
    return {"LOWER": {"IN": sorted(set(_lexicon(str(token["LEX"]), lexicons)))}, **rest}


def _lexicon(name: str, lexicons: Mapping[str, list[str]]) -> list[str]:
    if name not in lexicons:
        raise ValueError(f"there is no lexicon named {name!r}")
    return [_plain(entry) for entry in lexicons[name]]
