"""Speaker marks of plain text and subtitles: at the start of a line, or beside a time on a line of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass

from relcode.transcripts.roles import is_role_word, names_nobody, split_mark
from relcode.transcripts.times import AM_PM, is_clock, seconds

_STAMP = rf"\d{{1,3}}:[0-5]\d(?::[0-5]\d)?(?:[.,]\d{{1,3}})?{AM_PM}?"
_RANGE = rf"{_STAMP}(?:\s*(?:-->|[-–—])\s*{_STAMP})?"
_TIME = rf"(?:\[\s*{_RANGE}\s*\]|\(\s*{_RANGE}\s*\)|{_RANGE})"
_ONE_STAMP = re.compile(rf"(?<![\d:]){_STAMP}(?![\d:])")
_HAS_TIME = re.compile(r"\d:[0-5]\d")
_NUMBER = r"\s*(?:\d+[.)]?\s+)?"
_TIME_BEFORE = re.compile(rf"{_NUMBER}{_TIME}\s+(?=\S)")
_HEADER = re.compile(rf"{_NUMBER}(?P<name>\S[^:\t]{{0,59}}?)(?P<gap>\s*)(?P<time>{_TIME})\s*(?::\s*)?")
_TIME_BEHIND = re.compile(rf"(?:\[\s*{_RANGE}\s*\]|\(\s*{_RANGE}\s*\))\s*")
_FULL_TIME = re.compile(r"\d{1,2}:\d\d:\d\d")
# `**T:** words`, `__T__: words`, `- *T:* words`: marks in Markdown
_MARKDOWN = re.compile(
    r"\s*(?:[-*>]\s+|#+\s+)?(\*{1,3}|_{1,2})(?P<mark>[^*_\n]{1,60}?)(?P<end>:?)\s*\1(?P<end2>:?)(?=\s|$)"
)
_IN_BRACKETS = re.compile(rf"{_NUMBER}\[(?P<name>[^\[\]:]{{1,40}})\]\s*(?P<words>.*)", re.DOTALL)
# words that stand in a sentence and in nobody's name; `and` and `my` may stand in one (`My mother and father: ...`)
_SENTENCE = """i you he she it we they me him us is was were am are be been says said saying say think thought thinking know knew
    mean meant told asked because then when what why how if but so not just really i'm it's that's don't"""
_OPENERS = "so but then because and or well yes no yeah ok okay like said says that this maybe"


@dataclass(frozen=True, repr=False, slots=True)
class Mark:
    """A speaker's mark, the words behind it, its times in seconds; `alone` where it is a line of its own with a time.

    `clock`: the time may be that of the day (Zoom's saved captions, `[Name] 10:02:15`).
    """

    name: str
    words: str
    t0: float | None = None
    t1: float | None = None
    alone: bool = False
    clock: bool = False


def find_mark(line: str) -> Mark | None:
    """The mark with which a line begins: `T: words`, `[00:03] Name: words`, `Name (0:07)`, `[SPEAKER_00] words`.

    What may be a name is given as one, so that it is asked about; `and then he said: no` and `(pause: 5)` are words.
    """
    line = _without_markdown(line)
    timed = _HAS_TIME.search(line) is not None
    header = _find_header(line) if timed else None
    if header is not None:
        return header
    before = _TIME_BEFORE.match(line) if timed else None
    rest = line[before.end() :] if before else line
    name, words = split_mark(rest)
    if name is not None and _may_be_a_name(name):
        stem = rest.rstrip()
        stamp = before[0] if before else stem[: len(stem) - len(words)]
        if not timed:
            return Mark(name, words)
        behind = _TIME_BEHIND.match(words) if not _ONE_STAMP.search(stamp) else None
        if behind:  # `Speaker 1: [00:00:02] words`
            stamp, words = behind[0], words[behind.end() :]
        return Mark(name, words, *_times(stamp), clock=is_clock(stamp))
    bracketed = _IN_BRACKETS.fullmatch(rest)
    if bracketed and (is_role_word(bracketed["name"]) or names_nobody(bracketed["name"])):
        return Mark(bracketed["name"], bracketed["words"].strip(), *_times(before[0] if before else ""))
    return None


def _without_markdown(line: str) -> str:
    """A line without the signs around a mark in bold or italics; other lines as they are."""
    match = _MARKDOWN.match(line) if "*" in line or "_" in line else None
    if match is None:
        return line
    rest = line[match.end() :].strip()
    colon = match["end"] or match["end2"]
    if colon or _ONE_STAMP.search(match["mark"]):
        return f"{match['mark']}{colon} {rest}"
    return f"{match['mark']}  {rest}" if re.fullmatch(_TIME, rest) else line


def _find_header(line: str) -> Mark | None:
    """A name and a time, nothing else on the line: two spaces or a tab part them, or brackets stand around one."""
    match = _HEADER.fullmatch(line)
    if match is None:
        return None
    name, gap, time = match["name"], match["gap"], match["time"]
    certain = is_role_word(name) or names_nobody(name)
    in_brackets = name.startswith("[") and name.endswith("]")
    parted = bool(gap) and (in_brackets or len(gap) > 1 or "\t" in gap or certain)
    # `Ada Brook 00:00:07`: one space is enough where hours, minutes and seconds follow a name
    parted = parted or (bool(gap) and _FULL_TIME.match(time) is not None and name.istitle() and len(name.split()) < 4)
    if time[0] in "[(":
        parted = not in_brackets
    looks_like_a_name = _may_be_a_name(name) and name.lstrip("[")[:1].isupper() and not re.search(r"[?!;,]$", name)
    if not parted or not (certain or looks_like_a_name):
        return None
    return Mark(name, "", *_times(time), alone=True, clock=in_brackets or is_clock(time))


def _may_be_a_name(mark: str) -> bool:
    if is_role_word(mark) or names_nobody(mark):
        return True
    if mark.startswith("(") or "*" in mark or mark.count("(") != mark.count(")") or mark.count("[") != mark.count("]"):
        return False
    words = [word.strip(",;’'[]") for word in mark.lower().replace("’", "'").split()]
    if len(words) == 1:
        return words[0] not in _OPENERS.split() and bool(re.search(r"[^\W\d_]", words[0]))
    return len(words) <= 6 and not set(_SENTENCE.split()) & set(words)


def _times(text: str) -> tuple[float | None, float | None]:
    found = [seconds(stamp.replace(",", ".")) for stamp in _ONE_STAMP.findall(text)]
    return (found[0] if found else None), (found[1] if len(found) > 1 else None)
