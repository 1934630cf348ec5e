"""A line of a Jefferson transcription as readable text: what was said in common spelling, and notes in square brackets."""

from __future__ import annotations

import re

from relcode.transcripts.notation import (
    BREATHES_IN,
    BREATHES_OUT,
    DOUBTFUL,
    LAUGHS,
    OVERLAP,
    OVERLAP_ENDS,
    TAG,
    UNINTELLIGIBLE,
    balanced,
    event,
    pause,
)

_LONGEST_COMMENT = 500  # characters; what is longer is speech with a bracket too many
_LONGEST_WORD = 60
# what transcribers write about sounds; between single brackets it is a note, anything else is speech
_EVENT = r"""laugh(?:s|ter|ing)?|chuckl(?:es?|ing)|cr(?:ies|ying)|sobs?(?:bing)?|sigh(?:s|ing)?|cough(?:s|ing)?|sniff(?:s|ing)?
    |clears\ throat|yawn(?:s|ing)?|nod(?:s|ding)?|shrugs?|smil(?:es?|ing)|whispers?|clicks?|gasps?|groans?"""
_NOT_HEARD = r"inaudible|unintelligible|unclear|indistinct"
_SILENCE = r"\.{1,3}|…|-{1,3}|pause|silence|(?:pause:?\s+)?(?P<length>\d{0,4}[.,]?\d{1,4})\s?(?:s|secs?\.?|seconds?)?"
_PIECE = re.compile(
    rf"""\(\((?P<comment>(?:(?!\)\)(?!\))).){{0,{_LONGEST_COMMENT}}})\)\)
    |(?P<tag>{TAG.pattern})
    |[\[(]\s{{0,9}}(?P<event>{_EVENT})\s{{0,9}}[\])]
    |\((?P<silence>{_SILENCE})\)
    |(?P<particle>(?<=[^\W\d_:])\([.·]?h+\)|\(h+\)(?=[^\W\d_]))
    |\((?P<breath>[.·˙]?h+\.?)\)
    |(?P<unheard>[\[(](?:{_NOT_HEARD})[\])]|\((?:[x?]{{1,4}}|[\s.]{{0,{_LONGEST_COMMENT}}}|\s{{1,9}}\d{{1,4}}(?:\.\d{{1,4}})?\s{{1,9}})\))
    |(?P<open>[\[⌈⌊]+)|(?P<close>[\]⌉⌋]+)|(?P<doubt>\()|(?P<doubted>\))
    |(?P<space>\s+|=)
    |(?P<word>[^\s()\[\]⌈⌊⌉⌋=]+)""",
    re.VERBOSE | re.IGNORECASE,
)
_BREATH = re.compile(r"(?P<inward>[.·˙•]+n?h[hn]*)\.?|h{2,}[.,]?", re.IGNORECASE)
_OF_LAUGHTER = re.compile(r"[.·˙]?h[haeiu-]+", re.IGNORECASE)
_BEAT = re.compile(r"h[aeiu]", re.IGNORECASE)
_ONE_BEAT = re.compile(r"[.·˙]?h+[eai]+h+", re.IGNORECASE)
_MAYBE_LAUGHTER = re.compile(r"ha|hu+h", re.IGNORECASE)
_LENGTHENING = re.compile(r"(?<=[^\W\d_]):+(?=[^\W\d_]|[-.,?!;'’]|$)")
_PROSODY = re.compile(r"[<>°↑↓→←↗↘⇗⇘^~_#*¡|˚º\x00-\x1f]|[£$](?!\d)|(?<![\w.])@|@(?!\w)")
# a syllable in capitals (`reALLy`, `STOne`); near misses: NHS, GPs, McLean
_STRESS = re.compile(r"(?:[a-z][a-z'’-]*[A-Z]{2,}|[A-Z]{2,}[a-rt-z]|[A-Z]{2,}s[a-z])[A-Za-z'’-]*")
_ENDS = str.maketrans({"¿": "?", "‚": ",", "–": "-", "‐": "-"})


def readable(line: str) -> str:
    """Write what a speaker says on a line (without number, arrow and mark) in the normal form of docs/formats.md.

    >>> readable("what's [happ]ening (0.8) .hh I-I dunn:o= °(really)°")
    "what's [overlap] happening [overlap ends] [pause 0.8 seconds] [breathes in] I-I dunno really [?]"
    """
    builder = _Builder()
    for piece in _PIECE.finditer(line):
        builder.take(str(piece.lastgroup if piece.lastgroup != "length" else "silence"), piece)
    return " ".join(balanced(_laughter(builder.finish())))


class _Builder:
    """Gathers words and notes; signs within a word (`happ[ening]`) are set beside it."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._word = ""
        self._before: list[str] = []
        self._behind: list[str] = []
        self._doubts = 0

    def take(self, kind: str, piece: re.Match[str]) -> None:
        if kind in ("word", "particle"):
            self._word += piece[0] if kind == "word" else ""
        elif kind == "open":
            self._before.append(OVERLAP)
        elif kind == "close":
            self._behind.append(OVERLAP_ENDS)
        elif kind == "doubt":
            self._doubts += 1
        elif kind == "doubted":
            self._doubts = max(0, self._doubts - 1)
            self._behind.append(DOUBTFUL)
        else:
            self._flush()
            self.found += _note(kind, piece)

    def finish(self) -> list[str]:
        self._behind += [DOUBTFUL] * min(1, self._doubts)
        self._flush()
        return self.found

    def _flush(self) -> None:
        words = _words(self._word)
        doubt = [DOUBTFUL] if DOUBTFUL in self._behind and (words or self.found) else []
        self.found += [*self._before, *words, *doubt, *(sign for sign in self._behind if sign != DOUBTFUL)]
        self._word, self._before, self._behind = "", [], []


def _note(kind: str, piece: re.Match[str]) -> list[str]:
    if kind == "silence":
        length = piece["length"]
        return [pause(float(length.replace(",", ".")) if length else None)]
    if kind == "breath":
        return [BREATHES_IN if piece["breath"][0] in ".·˙" else BREATHES_OUT]
    if kind in ("comment", "event"):
        what = event(re.sub(r"[\[\]()⌈⌉⌊⌋°↑↓]", " ", piece[kind]))
        return [] if what == "[]" else [pause()] if what in ("[pause]", "[silence]") else [what]
    return {"tag": [piece[0]], "unheard": [UNINTELLIGIBLE]}.get(kind, [])


def _words(word: str) -> list[str]:
    """A word without the signs of how it was said; a breath or laughter as a note."""
    bare = _LENGTHENING.sub("", _PROSODY.sub("", word)).translate(_ENDS)
    breath = _BREATH.fullmatch(bare)
    if breath:
        return [BREATHES_IN if breath["inward"] else BREATHES_OUT]
    if _is_laughter(bare.rstrip(".,?!")):
        return [LAUGHS]
    bare = re.sub(r"(?<=[^\W\d_])h{3,}\b", "h", bare)
    if len(bare) <= _LONGEST_WORD:
        bare = _STRESS.sub(lambda stressed: stressed[0].lower(), bare)
    return [bare] if bare else []


def _is_laughter(word: str) -> bool:
    beats = len(_BEAT.findall(word)) if _OF_LAUGHTER.fullmatch(word) else 0
    return beats > 1 or _ONE_BEAT.fullmatch(word) is not None


def _laughter(pieces: list[str]) -> list[str]:
    """`ha ha huh` is laughter, `huh?` alone a word; a run of it counts once, and signs alone go to the word before."""
    found: list[str] = []
    for place, piece in enumerate(pieces):
        neighbours = found[-1:] + pieces[place + 1 : place + 2]
        if _MAYBE_LAUGHTER.fullmatch(piece) and {LAUGHS, piece.lower()} & {other.lower() for other in neighbours}:
            piece = LAUGHS
        if piece == LAUGHS and found[-1:] == [LAUGHS]:
            continue
        if re.fullmatch(r"[.,?!;:]+", piece) and found and found[-1][-1:].isalnum():
            found[-1] += piece.strip(":")
        elif not re.fullmatch(r"[:;,\-.]+", piece):
            found.append(piece)
    return found
