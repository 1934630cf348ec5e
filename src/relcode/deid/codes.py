"""Numbers and codes that identify: written, spoken, mixed, and interrupted; their class from the words beside them.

A run (see `runs`) counts as an identifier by its form (a telephone number) or by the
words beside it ("chart number"); prices, doses, durations, years, clock times and counting do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from relcode.deid.code_context import Announced, after_state, announced_after, announced_before, fax_talk
from relcode.deid.forms import by_form, is_phone
from relcode.deid.heard import Heard
from relcode.deid.letter_groups import BODY, with_announced_group, with_part_of_body
from relcode.deid.number_runs import CAPITAL, WORD, YEAR, Run, find_runs
from relcode.deid.spoken import NONZERO, NUMBER_WORDS, TEN, UNIT, digits_of

_WINDOW = 160  # so many characters before a number are looked at
Found = tuple[int, int, str, float, str]

_UNIT_AFTER = re.compile(
    r"^[ -]*(?:%|percent|per cent|dollars?|bucks?|pounds?|lbs?\b|euros?|quid|cents?|pence|grand|k\b|minutes?|mins?\b|"
    r"hours?|hrs?\b|seconds?|secs?\b|days?|nights?|weeks?|months?|years?|decades?|times?|people|persons?|kids?|milligrams?|mg\b|"
    r"mcg|micrograms?|ml\b|pills?|tablets?|sessions?|miles?|kilometers?|degrees?|calories|steps?\b|o.?clock|a\.?m\b|p\.?m\b|"
    r"thousand|million|billion|or so|or more|or [a-z0-9]+\b|of (?:them|us|you|those|my|the)|something|inches|feet|foot|"
    r"square|acres|students?|employees?|patients?|members|pages?|points?|reps?|sets|beers|drinks|cigarettes|votes|"
    r"followers|views|likes|texts|messages|emails|calls)",
    re.I,
)
_MONEY_BEFORE = re.compile(r"(?<!ending )(?<!ends )(?:[$£€]|\b(?:cost|costs|paid|pay|owe[sd]?|spent|worth|about|around|almost|nearly|like|maybe|"
                           r"roughly|phq|gad|bdi|score[ds]?|page|chapter|step|verse|channel|route|highway|"
                           r"interstate|exit|gate|since|in|until|till|from|year)(?: of| was| is)?)\s*$", re.I)  # fmt: skip
_HELP_LINES = {"911", "988", "999", "111", "112", "000", "211", "311", "116123", "131114", "741741", "18002738255",
               "8002738255", "1800", "247", "411", "101", "85258"}  # fmt: skip
_THEN = re.compile(r",? (?:and )?then ")
_DECIMAL = re.compile(r"\d+\.\d{1,2}|\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_PIECE_BEFORE = re.compile(
    rf"(?:\b{UNIT}\b[ ,-]*){{3}}(?:\W+[a-z'’-]+){{0,4}}\W*$|\b\d{{3}}\b(?:\W+[a-z'’-]+){{0,4}}\W*$", re.I
)
_CONTINUES = re.compile(r"^\W*(?:\w+\W+){0,4}?(?:and|or|then|now|new|other|old|another|not)\b(?:\W+\w+){0,4}\W*$", re.I)


def find_codes(heard: Heard) -> Iterator[Found]:
    """Numbers that identify; what was said just before counts (often the question for the number)."""
    if not (heard.has_digits or _said_twice(heard)):
        return
    text, before = heard.text, heard.before
    last_end, last_label = 0, ""
    cased = CAPITAL.search(text) is not None
    for run in find_runs(text):
        window = text[max(last_end, run.start - _WINDOW) : run.start]
        asked = before if not last_end and run.start <= 60 else ""
        judged = _judge(run, window, text[run.end : run.end + 60], asked, last_label) or _in_pieces(run, text, before)
        if judged is None:
            if run.size >= 4:
                last_end, last_label = run.end, ""
            continue
        label, probability, reason = judged
        start = with_part_of_body(text, run.start) if label == "BIOMETRIC" else run.start
        if probability >= 0.86 and run.written and not cased:
            start = with_announced_group(text, start) if start == run.start else start
        if start < run.start and label == "PHONE":
            label = "OTHER_ID"  # letters are no part of a telephone number
        yield start, run.end, label, probability, reason
        last_end, last_label = run.end, label


def _said_twice(heard: Heard) -> bool:
    """Whether at least two number words are said: fewer make no number that identifies."""
    said = heard.words & NUMBER_WORDS
    return len(said) > 1 or any(heard.lower.count(word) > 1 for word in said)


def _in_pieces(run: Run, text: str, before: str) -> tuple[str, float, str] | None:
    """A number that is given in pieces over several turns: three digits or more that are all that is said."""
    if _PIECE_BEFORE.search(before[-70:]) is None or len(text) - len(run.text) > 40:
        return None
    others = WORD.findall(text[: run.start]) + WORD.findall(text[run.end :])
    given = run.spoken >= 3 or (run.written and run.letters == 0 and len(run.digits) in (3, 4) and not _round(run))
    if not given or len(others) > 3 or _is_counting(run) or run.digits in _HELP_LINES or YEAR.fullmatch(run.text):
        return None
    return "PHONE", 0.7, "a piece of a number given over several turns"


def _judge(run: Run, window: str, after: str, asked: str, last_label: str) -> tuple[str, float, str] | None:
    if _is_no_code(run, window, after):
        return None
    form = by_form(run)
    near = announced_before(window)
    how = "after"
    if len(run.digits) == 5 and not run.letters and after_state(window):
        near = Announced("LOCATION", True, 1, "state")
    if near is not None and near.label in ("PHONE", "FAX") and run.letters:
        near = Announced("OTHER_ID", near.strong, near.distance, near.words)
    if near is not None and near.is_general and (later := announced_after(after)) is not None and not later.is_general:
        near, how = later, "before"
    if near is None and (near := announced_after(after)) is not None:
        how = "before"
    if near is None and asked:
        near, how = announced_before(asked), "asked for with"
    if near is None and last_label and len(window) < 50 and run.size >= 4 and _CONTINUES.match(window):
        near, how = Announced(last_label, False, len(window), last_label), "like the number before, class"
    if form is not None and form[0] == "PHONE" and fax_talk(window if window.strip() else asked):
        return "FAX", 0.9, "form of a telephone number, after 'fax'"
    if form is not None and _form_wins(form, near):
        return form
    if near is not None and (probability := _by_context(run, near)):
        label = _label(run, near)
        if form is None or form[0] != label or form[1] < probability:
            return label, probability, f"number {how} '{near.words}'"
    return form


def _label(run: Run, near: Announced) -> str:
    if near.label == "PHONE" and len(run.digits) < 7:
        return "OTHER_ID" if not near.words.startswith("extension") else "PHONE"
    if near.label == "OTHER_ID" and near.is_general and is_phone(run):
        return "PHONE"
    return near.label


def _form_wins(form: tuple[str, float, str], near: Announced | None) -> bool:
    label, probability, _ = form
    if near is None:
        return True
    if label in ("SSN", "VEHICLE") and probability > 0.9:
        return not (near.strong and near.distance <= 20)
    if label == "BIOMETRIC":
        return near.is_general
    if label == "PHONE" and probability >= 0.88:
        return near.label != "FAX" and not (near.strong and near.distance <= 30)
    return False


def _by_context(run: Run, near: Announced) -> float:
    """How sure the announcing words make the run; 0 where they do not."""
    year = YEAR.fullmatch(run.text) is not None
    if near.label == "LOCATION":
        return 0.93 if (3 if near.strong else 4) <= len(run.digits) <= 9 and (run.written or run.spoken >= 3) else 0.0
    if near.strong and near.label not in ("PHONE", "FAX"):
        least = 4 if near.distance > 25 else 3
        if run.size < least or (year and near.distance > 15) or (run.letters == 0 and _round(run)):
            return 0.0
        return 0.95 if near.distance <= 30 else 0.88
    code_like = (
        (run.letters >= 1 and run.size >= 5 and len(run.digits) >= 2)
        or (len(run.digits) >= 5 and not _round(run))
        or run.spoken >= 4
        or (len(run.digits) == 4 and run.digits[0] == "0" and run.written)
    )
    if near.label in ("PHONE", "FAX"):
        if run.spoken == 3 == len(run.digits) and near.strong and near.distance <= 10:
            return 0.6  # the first piece
        enough = len(run.digits) >= 6 or (near.strong and len(run.digits) >= 4 and not year)
        if near.words.startswith("extension"):
            enough = len(run.digits) >= 2
        return 0.85 if enough and not _round(run) else 0.0
    if near.words.startswith(("ending", "ends")) and len(run.digits) == 4 and not year:
        return 0.85
    if near.label == "BIOMETRIC" and near.distance <= 1 and re.fullmatch(BODY, near.words):
        code_like = code_like or (len(run.digits) == 4 and not _round(run))
    return 0.86 if code_like and not year else 0.0


def _round(run: Run) -> bool:
    return run.digits.endswith("00") and not run.spoken and len(run.digits) <= 6


def _is_no_code(run: Run, window: str, after: str) -> bool:
    if _DECIMAL.fullmatch(run.text) or all(digits_of(part) in _HELP_LINES for part in _THEN.split(run.text)):
        return True
    if run.size < 3 or _is_counting(run):
        return True
    short = run.size <= 6 and not (run.written and run.digits.startswith("0"))
    if short and _UNIT_AFTER.match(after):
        return True
    return short and run.letters == 0 and _MONEY_BEFORE.search(window) is not None


def _is_counting(run: Run) -> bool:
    """Counting up, down or in steps: "one, two, three", "ten, nine, eight", "twenty, thirty, forty"."""
    if run.letters:
        return False
    values = [int(digits_of(part)[:9] or 0) for part in _said_numbers(run.text)]
    if len(values) < 3:
        return False
    steps = {after - before for before, after in pairwise(values)}
    restarts = all(after == before + 1 or after == 1 for before, after in pairwise(values))
    return (
        restarts or (len(steps) == 1 and 0 not in steps) or (len(values) > 3 and all(v and v % 10 == 0 for v in values))
    )


def _said_numbers(run: str) -> list[str]:
    return re.findall(rf"{TEN}[- ]{NONZERO}\b|[a-z]+|\d+", run.lower())
