"""An utterance in SALT's conventions as readable text: what was said in common spelling, and notes in square brackets."""

from __future__ import annotations

import re

from relcode.transcripts.notation import OVERLAP, OVERLAP_ENDS, TAG, UNINTELLIGIBLE, balanced, event, pause

_PIECE = re.compile(
    rf"""\{{(?P<comment>[^{{}}]*)\}}
    |(?P<tag>{TAG.pattern})
    |\[(?P<code>[^\[\]]*)\]
    |(?P<open><)|(?P<close>>)
    |(?P<silence>(?<!\S):(?:(?P<minutes>\d+):)?(?P<length>\d*\.?\d+))(?=\s|$)
    |(?P<interrupted>\^\s*$)
    |(?P<sign>[.?!,;]+(?=\s|$|[)>\]])|~\s*$)
    |[()]
    |(?P<word>[^\s()<>{{}}\[\]]+?(?=[.?!,;~^]*(?:[\s()<>{{}}\[\]]|$)))""",
    re.VERBOSE,
)
_NOT_HEARD = re.compile(r"X{1,3}", re.IGNORECASE)
_CONTRACTED = re.compile(r"(?:[hdu](?='))?(?P<ending>n?'\w+|n't)|us")
_OTHERS = ("er", "est", "ly", "y", "ish", "less", "ful", "ness")
_ONE_SYLLABLE = re.compile(r"[^aeiou]*(?:qu)?[aeiou][bcdfgklmnprtvz]")
_DOUBLED = {"begin", "forget", "admit", "prefer", "occur", "regret", "commit", "control", "upset", "permit", "refer"}


def readable(content: str) -> str:
    """Write an utterance (without the speaker's letter) in the normal form of docs/formats.md.

    >>> readable("(Um) I want/ed to go/ing :02 X with <him> {laughs}>")
    'Um I wanted to going [pause 2 seconds] [unintelligible] with [overlap] him [overlap ends] [laughs]...'
    """
    found: list[str] = []
    is_open = False
    for piece in _PIECE.finditer(content):
        kind = str(piece.lastgroup)
        if kind == "close" and not is_open:
            kind = "abandoned"
        is_open = kind == "open" or (is_open and kind != "close")
        _take(kind, piece, found)
    return " ".join(balanced(found)).strip()


def _take(kind: str, piece: re.Match[str], found: list[str]) -> None:
    if kind in ("sign", "abandoned", "interrupted"):
        sign = {"abandoned": "...", "interrupted": " -"}.get(kind, piece[0].replace("~", "").strip())
        last = next((n for n in reversed(range(len(found))) if found[n] not in (OVERLAP, OVERLAP_ENDS)), None)
        if last is not None:
            found[last] += sign
    elif kind == "comment":
        what = event(re.sub(r"[\[\]]", " ", piece["comment"]))
        found += [what] if what != "[]" else []
    elif kind in ("open", "close"):
        found.append(OVERLAP if kind == "open" else OVERLAP_ENDS)
    elif kind == "tag":
        found.append(piece[0])
    elif kind == "silence":
        found.append(pause(int(piece["minutes"] or 0) * 60 + float(piece["length"])))
    elif kind == "word":
        word = _word(piece["word"])
        found += [word] if word else []


def _word(word: str) -> str:
    """A word in common spelling: without its root and omitted parts, with its endings joined."""
    if word.startswith("%"):
        return event(word.strip("%").replace("_", " ")) if word.strip("%") else ""
    if _NOT_HEARD.fullmatch(word) and word.isupper():
        return UNINTELLIGIBLE
    if word.startswith("*"):  # *is: a word that should stand there and was not said
        return ""
    word = word.partition("|")[0]
    stem, *endings = word.split("/")
    for ending in endings:
        if not ending.startswith("*"):
            stem = _joined(stem, ending)
    stem = re.sub(r"(?<=\w)[_~](?=\w)", " ", stem).replace("~", "").strip("_")
    return f"{stem[:-1]}-" if len(stem) > 1 and stem.endswith("*") else stem


def _joined(stem: str, ending: str) -> str:
    """The stem with its ending as it is spelled: `go/3s` goes, `baby/s` babies, `run/ing` running, `he/'s` he's."""
    low, end = stem.lower(), ending.lower()
    contracted = _CONTRACTED.fullmatch(end)
    if contracted:
        return stem + (contracted["ending"] or "'s")
    if end == "z":
        return f"{stem}'" if low.endswith("s") else f"{stem}'s"
    if end in ("s", "3s", "es"):
        if re.search(r"[^aeiou]y$", low):
            return f"{stem[:-1]}ies"
        return stem + ("es" if re.search(r"(?:s|x|z|ch|sh)$", low) or low in ("go", "do") else "s")
    if end in ("ed", "d", "en", "ing"):
        return _with_vowel(stem, low, "ed" if end == "d" else end)
    return stem + ending if end in _OTHERS else f"{stem}/{ending}"


def _with_vowel(stem: str, low: str, end: str) -> str:
    if end == "ing" and low.endswith("ie"):
        return f"{stem[:-2]}ying"
    if end == "ing":
        stem = stem[:-1] if re.search(r"[^eoy]e$", low) and len(low) > 2 else stem
    elif low.endswith("e"):
        return stem + end[1:]
    elif re.search(r"[^aeiou]y$", low) and end == "ed":
        return f"{stem[:-1]}ied"
    if _ONE_SYLLABLE.fullmatch(low) or low in _DOUBLED:
        stem += stem[-1]
    return stem + end
