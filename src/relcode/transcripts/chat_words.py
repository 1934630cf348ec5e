"""A main tier of CHAT as readable text: what was said, and notes in square brackets."""

from __future__ import annotations

import re

from relcode.transcripts.notation import (
    DOUBTFUL,
    NOT_TRANSCRIBED,
    OVERLAP,
    OVERLAP_ENDS,
    UNINTELLIGIBLE,
    balanced,
    pause,
)

_ENDS = {  # the terminators of the CHAT manual -> how they are written here
    "+...": "...",
    "+..?": "...?",
    "+!?": "?!",
    "+//.": " -",
    "+//?": " -?",
    "+/.": " -",
    "+/?": " -?",
    '+"/.': ":",
    '+".': ".",
    "+.": ".",
}
_LINKS = ("++", "+<", "+^", "+,", '+"', "+≈", "+≋")
_SIGNS = {".": ".", "?": "?", "!": "!", ",": ",", ";": ";", ":": ":", "„": ",", "‡": ","}
_MARKS = "|".join(map(re.escape, [*sorted(_ENDS, key=len, reverse=True), *_LINKS]))
_TOKEN = re.compile(rf"\[[^\[\]]*\]|{_MARKS}|[<>]|[^\s\[\]<>]+")
# codes about the words before them: retracing, stress, errors, replacements, explanations, comments, postcodes
_CODE = re.compile(r'/{1,3}|/-|/\?|!{1,2}|x ?[0-9]+|[:=%*^].*|[+-] .*|"', re.DOTALL)
_OVERLAP = re.compile(r"\[\s*[<>][0-9]?\s*\]")
_BEGINS, _ENDS_HERE = re.compile("[⌈⌊][2-9]?"), re.compile("[⌉⌋][2-9]?")
_PAUSE = re.compile(r"\((?:\.{1,3}|(?:([0-9]+):)?([0-9]+\.?[0-9]*))\)")
_NOT_HEARD = dict.fromkeys(("xxx", "xx", "yyy", "yy"), UNINTELLIGIBLE) | {"www": NOT_TRANSCRIBED}
_PROSODY = str.maketrans("", "", "↑↓∆∇°▁▔☺♋⁇∬Ϋ∮↻⤇⇗↗→↘⇘∞≈≋≡◉§∙⁎ˈˌ‹›^")


class UnbalancedError(ValueError):
    """A bracket without its partner. Holds no words."""


def readable(content: str) -> str:
    """Write the words of a main tier (without bullets) as text in the normal form of docs/formats.md.

    Raises
    ------
    UnbalancedError
        A `<` without `>`, a `[` without `]`.

    >>> readable("<I want> [//] I need &-um (.) a rest (be)cause +...")
    'I want I need um [pause] a rest because...'
    """
    if _TOKEN.sub("", content).strip():
        raise UnbalancedError
    found: list[str] = []
    groups: list[int] = []
    scope = 0  # where the word, or the group in <>, that a code is about begins
    for token in _TOKEN.findall(content):
        if token == "<":
            groups.append(len(found))
        elif token == ">":
            if not groups:
                raise UnbalancedError
            scope = groups.pop()
        elif token in _ENDS or token in _SIGNS:
            _sign(found, _ENDS.get(token) or _SIGNS[token])
        elif _OVERLAP.fullmatch(token):
            if found[scope : scope + 1] != [OVERLAP]:  # [<] and [>] may stand about the same words
                found[scope:] = [OVERLAP, *found[scope:], OVERLAP_ENDS]
        elif token not in _LINKS and (written := _written(token)):
            if written != DOUBTFUL:
                scope = len(found)
            found += written if isinstance(written, list) else [written]
    if groups:
        raise UnbalancedError
    said = " ".join(balanced(found))
    return said.removesuffix(".") if re.fullmatch(r"(?:\[[^\]]*\] ?)+\.", said) else said


def _sign(found: list[str], sign: str) -> None:
    """Set a sign to the last word, before the end of an overlap."""
    last = next((place for place in reversed(range(len(found))) if found[place] not in (OVERLAP, OVERLAP_ENDS)), None)
    if last is not None:
        found[last] += sign


def _written(token: str) -> str | list[str]:
    if token[0] == "[":
        inner = token[1:-1].strip()
        if inner == "?":
            return DOUBTFUL
        note = inner.removeprefix("=!").strip() if inner.startswith("=!") else "" if _CODE.fullmatch(inner) else inner
        return f"[{note}]" if note else ""
    silence = _PAUSE.fullmatch(token)
    if silence:
        return pause(int(silence[1] or 0) * 60 + float(silence[2] or 0) or None)
    begins, ends = bool(_BEGINS.search(token)), bool(_ENDS_HERE.search(token))
    if begins or ends:
        word = _written(_BEGINS.sub("", _ENDS_HERE.sub("", token)) or "0")
        return [*[OVERLAP] * begins, *([word] if isinstance(word, str) and word else word), *[OVERLAP_ENDS] * ends]
    if token.startswith("&"):
        return _paralinguistic(token)
    word = re.sub(r"(?<=.)@[a-z$][\w:+$&]*", "", token).translate(_PROSODY)
    if re.match(r"0(?!\d)", word):  # 0 alone is an action without speech, 0is a word that was not said
        return ""
    return _NOT_HEARD.get(word.rstrip(".,?!")) or _word(word)


def _paralinguistic(token: str) -> str:
    kind, rest = token[1:2], token[2:]
    if kind == "*":  # what another says meanwhile
        rest = re.split(r"[:=]", rest, maxsplit=1)[-1]
    elif token.startswith(("&{l=", "&{n=")):
        kind, rest = "=", token[4:]
    if kind in ("=", "*"):
        note = " ".join(re.split(r"[:_\s]+", rest)).strip()
        return f"[{note}]" if note else ""
    if kind == "}":
        return ""
    if kind == "+":
        return f"{_word(rest)}-"
    return _word(rest if kind in ("-", "~") else token[1:])


def _word(word: str) -> str:
    """A word in common spelling: sounds left out are filled in, lengthening and pauses within it go."""
    word = re.sub(r"\(([^()]*)\)", r"\1", word)
    word = re.sub(r"(?<=[^\W\d_]):+(?=[^\W\d_]|$)", "", word)
    return re.sub(r"(?<=\w)\+(?=\w)", "-", word).replace("_", " ").strip()
