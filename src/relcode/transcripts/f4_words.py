"""A paragraph in the conventions of Dresing and Pehl, for which f4 was made, as readable text with notes."""

from __future__ import annotations

import re

from relcode.transcripts.notation import DOUBTFUL, OVERLAP, OVERLAP_ENDS, UNINTELLIGIBLE, balanced, event, pause

_NOTE = re.compile(
    r"""\(\s?(?:
    (?P<dots>\.{1,3}|…)
    |(?:pause:?\s)?(?P<length>\d{1,3}(?:[.,]\d{1,2})?)\s?(?:s|sek|sec|sekunden?|seconds?)?\.?(?:\spause)?
    |(?P<kind>kurze|lange|längere)?\s?pause
    |(?P<unheard>unv(?:erst(?:ändlich)?)?)\b\.?(?:[,;:]?\s*(?P<at>\d+:\d\d:\d\d)(?:[-.,]\d)?|[,;:]?\s[^()\[\]]{1,80})?
    |(?P<guessed>[^()\[\]?]{1,80})\?
    |(?P<done>[^\W\d_]+(?:\s[^\W\d_]+){0,4})
    )\s?\)""",
    re.VERBOSE | re.IGNORECASE,
)
_PAUSES = {"kurze": "[short pause]", "lange": "[long pause]", "längere": "[long pause]"}
# what is done or heard, in the words of the normal form; all other brackets may hold what was said
_DONE = {
    "lacht": "laughs",
    "lachen": "laughs",
    "lachend": "laughs",
    "weint": "cries",
    "weinen": "cries",
    "weinend": "cries",
    "schluchzt": "sobs",
    "seufzt": "sighs",
    "seufzen": "sighs",
    "seufzend": "sighs",
    "hustet": "coughs",
    "husten": "coughs",
    "räuspert sich": "clears throat",
    "räuspern": "clears throat",
    "schnieft": "sniffs",
    "niest": "sneezes",
    "gähnt": "yawns",
    "stöhnt": "groans",
    "nickt": "nods",
    "schüttelt den kopf": "shakes head",
    "zuckt mit den schultern": "shrugs",
    "lächelt": "smiles",
    "lächelnd": "smiles",
    "schmunzelt": "smiles",
    "flüstert": "whispers",
    "flüsternd": "whispers",
    "atmet ein": "breathes in",
    "atmet aus": "breathes out",
    "schweigt": "silence",
    "schweigen": "silence",
    "telefon klingelt": "phone rings",
}
_HOW = frozenset(("kurz", "laut", "leise", "leicht", "tief", "beide", "verlegen"))
_BROKEN_OFF = re.compile(r"(?<=[^\W\d_])/(?=[\s,.?!]|$)")
_OVERLAP = re.compile(r"(?<![:/])//(?!/)")
_SIGNAL = re.compile(
    r"[mh]{2,}(?:-?[mh]{2,})?|aha|uh-?huh", re.IGNORECASE
)  # of who listens; `ja` may be said by the other


def readable(text: str) -> str:
    """Write what a speaker says in the normal form of docs/formats.md.

    >>> readable("Ich habe mir Sor/ (..) Gedanken (lacht) gemacht. //mhm// Die (Axt?) //war (unv.)//")
    'Ich habe mir Sor- [pause] Gedanken [laughs] gemacht. [mhm] Die Axt [?] [overlap] war [unintelligible] [overlap ends]'
    """
    parts = _OVERLAP.split(_BROKEN_OFF.sub("-", _NOTE.sub(_written, text)))
    pieces: list[str] = []
    for number, part in enumerate(parts):
        is_inside, is_closed = number % 2 == 1, number + 1 < len(parts)
        if is_inside and is_closed and _SIGNAL.fullmatch(part.strip()):
            pieces.append(event(part))
            continue
        pieces += [OVERLAP] if is_inside else []
        pieces += part.split()
        pieces += [OVERLAP_ENDS] if is_inside and is_closed else []
    return " ".join(balanced(pieces))


def _written(note: re.Match[str]) -> str:
    kind = note.lastgroup
    if kind == "done":
        words = [word for word in note["done"].lower().split() if word not in _HOW]
        done = _DONE.get(" ".join(words))
        return note[0] if done is None else _apart(note, event(done))
    if note["unheard"]:
        at = f" at {note['at'].removeprefix('0')}" if note["at"] else ""
        return _apart(note, f"{UNINTELLIGIBLE[:-1]}{at}]")
    if kind == "guessed":
        return f"{note['guessed'].strip()} {DOUBTFUL}"
    if kind == "length":
        return _apart(note, pause(float(note["length"].replace(",", "."))))
    return _apart(note, _PAUSES.get((note["kind"] or "").lower(), pause()))


def _apart(note: re.Match[str], written: str) -> str:
    """A note apart from the words around it."""
    before = note.string[note.start() - 1 : note.start()]
    behind = note.string[note.end() : note.end() + 1]
    return (" " if before.isalnum() else "") + written + (" " if behind.isalnum() else "")
