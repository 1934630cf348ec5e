"""A main tier of CHAT as readable text: what was said, and notes in square brackets."""

from __future__ import annotations

import re

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
# codes about the words before them: retracing, overlap, stress, errors, replacements, explanations, comments, postcodes
_CODE = re.compile(r'/{1,3}|/-|/\?|[<>][0-9]?|\?|!{1,2}|x ?[0-9]+|[:=%*^].*|[+-] .*|"', re.DOTALL)
_PAUSE = re.compile(r"\((?:\.{1,3}|(?:([0-9]+):)?([0-9]+\.?[0-9]*))\)")
_NOT_HEARD = dict.fromkeys(("xxx", "xx", "yyy", "yy"), "[unintelligible]") | {"www": "[not transcribed]"}
_PROSODY = str.maketrans("", "", "↑↓⌈⌉⌊⌋∆∇°▁▔☺♋⁇∬Ϋ∮↻⤇⇗↗→↘⇘∞≈≋≡◉§∙⁎ˈˌ‹›^")


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
    found = ""
    depth = 0
    for token in _TOKEN.findall(content):
        depth += (token == "<") - (token == ">")
        if depth < 0:
            raise UnbalancedError
        if token in _ENDS or token in _SIGNS:
            found += _ENDS.get(token) or _SIGNS[token] if found else ""
        elif token not in ("<", ">", *_LINKS) and (written := _written(token)):
            found = f"{found} {written}" if found else written
    if depth:
        raise UnbalancedError
    return found.removesuffix(".") if re.fullmatch(r"(?:\[[^\]]*\] ?)+\.", found) else found


def _written(token: str) -> str:
    if token[0] == "[":
        inner = token[1:-1].strip()
        note = inner.removeprefix("=!").strip() if inner.startswith("=!") else "" if _CODE.fullmatch(inner) else inner
        return f"[{note}]" if note else ""
    pause = _PAUSE.fullmatch(token)
    if pause:
        length = int(pause[1] or 0) * 60 + float(pause[2] or 0)
        return f"[pause {length:g} seconds]" if length else "[pause]"
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
