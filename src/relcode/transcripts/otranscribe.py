"""oTranscribe (`.otr`): a JSON object whose `text` is HTML: lines typed as in plain text, with time stamps among them."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from relcode.errors import TranscriptError
from relcode.transcripts.marks import Mark, find_mark
from relcode.transcripts.plaintext import read_lines
from relcode.transcripts.recogniser import parsed_json
from relcode.transcripts.roles import Utterance, is_role_word, names_nobody
from relcode.transcripts.times import AN_HOUR, seconds

_BEGINS = re.compile(r'\{\s*"(?:text|audio|media(?:-source|-time)?)"\s*:')
_SIGNS = {r"class=\"timestamp\"": "oTranscribe's time stamps", '"media-time"': "media-time"}
# between these signs a time stamp stands in a line, as long as `[000:00:12.345]`, as which speakers' marks are looked for
_OPENS, _CLOSES = "\x01", "\x02"
_STAMP = re.compile(rf"{_OPENS}(\d{{3}}:\d\d:\d\d\.\d{{3}}){_CLOSES}")
_STAMPS = re.compile(rf"(?:{_STAMP.pattern}\s*)+")
_AS_TYPED = str.maketrans({_OPENS: "[", _CLOSES: "]"})
_TIME = r"(?:\d{1,3}:)?\d{1,4}:[0-5]\d(?:\.\d{1,9})?"  # 90:00 in files of before 2017, later 1:30:00
_SHOWN = re.compile(rf"\s*(?P<time>{_TIME})(?![\d:.]*\d)(?P<words>.*)", re.DOTALL)
_NUMBER = re.compile(rf"\d{{1,9}}(?:\.\d{{1,20}})?|{_TIME}")
_LONGEST = 1000 * AN_HOUR
_BLOCKS = "p div li ul ol blockquote pre h1 h2 h3 h4 h5 h6 table tr td th hr"
_LINES = frozenset(_BLOCKS.split())  # these begin and end a line
# HTML as browsers write it, where `<` stands in tags alone. Python's own parser takes minutes for many `<a <a <a` (3.11.7).
_TAG = re.compile(
    r"""<(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*)(?P<attributes>(?:[\s/](?:[^<>"']|"[^"<]*"|'[^'<]*')*)?)>"""
)
_ATTRIBUTE = re.compile(r"""(?<!\S)(?P<name>[a-zA-Z][a-zA-Z-]*)=(?P<value>"[^"]*"|'[^']*'|[^\s"'>]+)""")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_CHARACTER = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")


def otranscribe_signs(start: str, suffix: str) -> str | None:
    """What shows in a file's beginning (or whole text) that it is oTranscribe's; None where nothing does.

    Whisper's JSON begins with `text` too.
    """
    found = [what for sign, what in _SIGNS.items() if sign in start] if _BEGINS.match(start) else []
    if found and '"text"' in start:
        return f"JSON with text and {' and '.join(found)}"
    return "JSON, and the name ends in .otr" if suffix == ".otr" and start.startswith("{") else None


def read_otranscribe(path: Path, text: str) -> tuple[list[Utterance], list[str]]:
    """Utterances, a line each, with times, and notes on what was left out. `text` is the decoded file.

    Lines are those that oTranscribe shows, empty ones counted; speakers are marked as in plain text. A time stamp at the
    beginning of a line, behind the speaker's mark or on a line of its own is the start of what follows; one at the end of a
    line ends it, and begins the next one where that has none. Others are left out.

    Raises
    ------
    TranscriptError
        Not JSON (with line), no `text`; by line, every time stamp that cannot be read, and what `read_text` raises.
    """
    value = parsed_json(path, text)
    written = value.get("text") if isinstance(value, dict) else None
    if not isinstance(written, str):
        expected = (
            'expected {"text": "<p>...", "media": ...}; save it in oTranscribe again, as oTranscribe format (.otr)'
        )
        raise TranscriptError(f"{path} holds no text of a transcript; {expected}")
    page = _Page(path)
    lines = _with_the_next(page.read(written))
    faults, notes = page.faults, []
    if len(page.times) > 1 and not any(page.times):
        lines = [_STAMP.sub("", line) for line in lines]
        notes.append("all time stamps are 0:00:00 (no media was loaded as they were set); they were left out")
    try:
        utterances, more = read_lines(path, lines, _find_mark)
    except TranscriptError as error:
        faults += error.faults
    if faults:
        raise TranscriptError(f"{path} has {len(faults)} place(s) that cannot be read:", faults)
    utterances, counts = _with_times(utterances)
    return utterances, more + notes + [f"{count} {what}" for what, count in counts.items() if count]


def _find_mark(line: str) -> Mark | None:
    """The speaker's mark of a line, time stamps read as times in square brackets; those among the words stay."""
    mark = find_mark(line.translate(_AS_TYPED))
    if mark is None or _OPENS not in line:
        return mark
    if mark.alone and not (is_role_word(mark.name) or names_nobody(mark.name)):
        return None  # `Nothing`, and the stamp at which it ends
    line = line.rstrip()
    return replace(mark, words=line[len(line) - len(mark.words) :])


def _with_the_next(lines: Sequence[str]) -> list[str]:
    """Lines, time stamps that stand alone moved to the next one (behind the last, to that); of several in a row the last."""
    found: list[str] = []
    waiting = ""
    for line in lines:
        if _STAMPS.fullmatch(line):
            waiting += line
            found.append("")
        else:
            found.append(_STAMPS.sub(_last, waiting + line) if line else "")
            waiting = "" if line else waiting
    spoken = [number for number, line in enumerate(found) if line]
    if waiting and spoken:
        found[spoken[-1]] = _STAMPS.sub(_last, f"{found[spoken[-1]]} {waiting}").rstrip()
    return found


def _last(stamps: re.Match[str]) -> str:
    return f"{_OPENS}{stamps[1]}{_CLOSES} "


def _with_times(utterances: Sequence[Utterance]) -> tuple[list[Utterance], dict[str, int]]:
    """The utterances without their time stamps, with the times that these give; what to note of stamps, and how many."""
    found: list[Utterance] = []
    within = before = 0
    ended: float | None = None  # where the line before ended
    for utterance in utterances:
        words, *rest = _STAMP.split(utterance.text)
        pieces = [words, *rest[1::2]]
        times = [seconds(time) for time in rest[::2]]
        first = times.pop(0) if times and not pieces[0].strip() else None
        last = times.pop() if times and not pieces[-1].strip() else None
        within += len(times)
        if ended is not None and last is not None and last < ended:
            before, ended = before + 1, None
        text = " ".join(piece.strip() for piece in pieces if piece.strip())
        start = next((time for time in (first, utterance.t0, ended) if time is not None), None)
        found.append(replace(utterance, text=text, t0=start, t1=utterance.t1 if last is None else last))
        ended = last
    return found, {
        "time stamp(s) within a line were left out": within,
        "time stamp(s) at the end of a line lie before the end of the line above (a second tape?)": before,
    }


class _Page:
    """The lines that a browser shows of a page, time stamps among them in the form of `_STAMP`; their times; faults."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.times: list[float] = []
        self.faults: list[str] = []
        self._lines: list[str] = []
        self._pieces: list[str] = []
        self._stamp: tuple[str, list[str]] | None = None  # the time in its attribute, and what it shows
        self._spans = 0  # open within the stamp

    def read(self, text: str) -> list[str]:
        """The lines, with one space where the page has several or a line break of the file."""
        closed = text.rfind("-->") + len("-->") if "-->" in text else 0
        text = _COMMENT.sub("", text[:closed]) + text[closed:]
        place = 0
        for tag in _TAG.finditer(text):
            self._add(text[place : tag.start()])
            name = tag["name"].lower()
            if name == "span":
                self._take_span(tag)
            elif name in _LINES or name == "br":
                self._end_stamp()
                self._end_line(even_if_empty=name == "br")
            place = tag.end()
        self._add(text[place:])
        self._end_stamp()
        self._end_line(even_if_empty=False)
        return self._lines

    def _take_span(self, tag: re.Match[str]) -> None:
        given = {match["name"].lower(): match["value"].strip("\"'") for match in _ATTRIBUTE.finditer(tag["attributes"])}
        if tag["end"]:
            self._spans -= 1
            if self._spans <= 0:
                self._end_stamp()
        elif "timestamp" in given.get("class", "").split():
            self._end_stamp()
            self._stamp, self._spans = (given.get("data-timestamp", ""), []), 1
        else:
            self._spans += 1

    def _add(self, text: str) -> None:
        where = self._pieces if self._stamp is None else self._stamp[1]
        where.append(_CHARACTER.sub(_unescaped, text).replace(_OPENS, "").replace(_CLOSES, ""))

    def _end_line(self, *, even_if_empty: bool) -> None:
        line = re.sub(r"[^\S\t]+", " ", "".join(self._pieces)).strip()
        if line or even_if_empty:
            self._lines.append(line)
        self._pieces = []

    def _end_stamp(self) -> None:
        """Write the stamp among the words; what was typed into it behind its time is words."""
        if self._stamp is None:
            return
        given, shown = self._stamp[0].strip(), "".join(self._stamp[1])
        self._stamp = None
        match = _SHOWN.match(shown)
        written = given if _NUMBER.fullmatch(given) else match["time"] if match else ""
        time = seconds(written)
        if time is None or time >= _LONGEST:
            what = "a time stamp that cannot be read; remove it in oTranscribe, or set it again"
            self.faults.append(f"{self.path}:{len(self._lines) + 1}: {what}")
            time = None
        if time is not None:
            self.times.append(time)
            thousandths = round(time * 1000)
            clock = f"{thousandths // 3600000:03}:{thousandths // 60000 % 60:02}:{thousandths // 1000 % 60:02}"
            self._pieces.append(f" {_OPENS}{clock}.{thousandths % 1000:03}{_CLOSES} ")
        self._pieces.append(match["words"] if match else shown)


def _unescaped(character: re.Match[str]) -> str:
    return html.unescape(character[0])
