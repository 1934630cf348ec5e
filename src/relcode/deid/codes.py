"""Numbers and codes that identify: written, spoken, mixed, and interrupted; their class from the words beside them.

A *run* is a stretch of digits, number words, single letters and short letter groups with what may stand between the
parts of one number ("dash", "um", a comma). A run counts as an identifier by its form (a telephone number) or by the
words beside it ("chart number"); prices, doses, durations, years, clock times and counting do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from relcode.deid.code_context import Announced, after_state, announced_after, announced_before, fax_talk
from relcode.deid.lists import words
from relcode.deid.spoken import FILLER, NOTE, NUMBER_WORD, PHONETIC_WORD, TEENS, TENS, UNIT, UNITS, digits_of, word_set

Found = tuple[int, int, str, float, str]

_ATTACHED_UNIT = r"(?:st|nd|rd|th|s|am|pm|a|p|mg|mcg|ml|kg|g|k|m|lbs?|ft|in|x|hrs?|mins?|min|h|d|km|mph|yo|yrs?|cm)"
_DIGIT_TOKEN = rf"(?!\d+{_ATTACHED_UNIT}\b(?![ -]?\d))[A-Za-z]{{0,8}}\d[A-Za-z0-9]*\b"
_NO_GROUP = (
    "mr|mrs|ms|dr|st|vs|tv|pm|ft|lb|lbs|mg|kg|km|mm|ml|hm|hmm|mmm|shh|ct|nd|rd|th|phq|gad|dsm|ptsd|bdd|sst|pls|plz|hrs|"
    "yrs|cm|mph|ppl|ok|am|tv|dvd|cd|ocd|adhd|add|cbt|dbt|emdr|aa|na|us|uk|usa|omg|lol|er|icu|hiv|std|er|nyc|la|dc|bdi|"
    "vin|ssn|mrn|id|pin|nhs|ip|fax|zip|dob|dea|npi|imei|iban|cpap|gps|"
    "bai|suds|iq|bmi|gpa|sat|act|ssri|ekg|mri|ct|iv|ac|bc|ad"
)
_CAPS = rf"(?-i:(?!(?i:{_NO_GROUP})\b(?!-\d{{3}}| \d{{5}}))[A-Z]{{2,8}})\b"
_NO_VOWEL = rf"(?!(?:{_NO_GROUP})\b)[bcdfghjklmnpqrstvwxz]{{2,4}}\b"
# Between digits in text without capitals: "22 op 00418", not "22 of 400".
_INNER = (
    r"(?<=\d[ -])(?!(?:or|of|to|in|and|at|for|by|is|on|per|the|my|if|so|as|but|out|plus|was|had|did|are|not|its|oh|uh|um|a|"
    r"i|he|she|it|we|you|from|then|with)\b)[a-z]{2,3}\b(?=[ -]\d{3,})"
)
_LETTER = rf"(?:[b-hj-z]|[ai](?=[\s-]+(?:[a-z0-9]\b|\d|dash|hyphen|{NUMBER_WORD}\b)))\b"
_GAP = r"(?:\.\.\.|[\s,.;…–—()/-]){1,3}"
_BETWEEN = rf"{_GAP}(?:(?:{FILLER}|dash|hyphen|slash|space|then|and then|no|wait|sorry|ext|extension|{NOTE}){_GAP})*"


def _token(name: str) -> str:
    as_in = rf"(?P<{name}>[a-z])\.?,? (?:as in|for|like) (?P={name})[a-z]+\b"
    return rf"(?:{as_in}|{NUMBER_WORD}\b|{_DIGIT_TOKEN}|{PHONETIC_WORD}\b|{_LETTER}|{_CAPS}|{_NO_VOWEL}|{_INNER})"


_RUN = re.compile(
    rf"(?<![\w$£€@:'’./_\[-])\+?{_token('first')}(?:{_BETWEEN}{_token('more')})*(?![\w@_%'’])(?!:\d)", re.I
)
_SOME_DIGITS = re.compile(rf"\d|\b(?:{'|'.join([*UNITS, *TEENS, *TENS])})\b")
_NOTE = re.compile(NOTE)
_CAPITAL = re.compile(r"(?!I\b)[A-Z]")
_WORD = re.compile(r"[a-z0-9]+", re.I)
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
_YEAR = re.compile(
    r"(?:19|20)\d\d|(?:nineteen|twenty)[ -](?:oh[ -]\w+|hundred|\w+teen|ten|eleven|twelve|"
    r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[ -]\w+)?)|two thousand(?:[ -](?:and )?\w+)?",
    re.I,
)
_HELP_LINES = {"911", "988", "999", "111", "112", "000", "211", "311", "116123", "131114", "741741", "18002738255",
               "8002738255", "1800", "247", "411", "101", "85258"}  # fmt: skip
_THEN = re.compile(r",? (?:and )?then ")
_PHONE_FORM = re.compile(r"\+?(?:1[ .-]*)?\(?\d{3}\)?[ .-]*\d{3}[ .-]\d{4}(?:[ ,]*(?:x|ext\.?|extension) ?\d+)?")
_SSN_FORM = re.compile(r"\d{3}[- ]\d{2}[- ]\d{4}")
_VIN_FORM = re.compile(r"(?=.*\d)(?=.*[A-Z])[A-HJ-NPR-Z0-9]{17}", re.I)
_PLATE_FORM = re.compile(r"\d[A-Z]{3}\d{3}|[A-Z]{3}[ -]\d[A-Z]\d\d|[A-Z]{2}\d\d [A-Z]{3}", re.I)
_DECIMAL = re.compile(r"\d+\.\d{1,2}|\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_PIECE_BEFORE = re.compile(
    rf"(?:\b{UNIT}\b[ ,-]*){{3}}(?:\W+[a-z'’-]+){{0,4}}\W*$|\b\d{{3}}\b(?:\W+[a-z'’-]+){{0,4}}\W*$", re.I
)
_CONTINUES = re.compile(r"^\W*(?:\w+\W+){0,4}?(?:and|or|then|now|new|other|old|another|not)\b(?:\W+\w+){0,4}\W*$", re.I)


@dataclass(frozen=True)
class Run:
    """A stretch that may be one number: its text, place, digits, and letters that are no words."""

    text: str
    start: int
    end: int
    digits: str
    letters: int
    spoken: int  # single digits that are said as words

    @property
    def written(self) -> bool:
        return any(character.isdigit() for character in self.text)

    @property
    def size(self) -> int:
        return len(self.digits) + self.letters


def has_numbers(lower: str) -> object:
    """The cheap first look: any digit or number word."""
    return _SOME_DIGITS.search(lower)


def find_codes(text: str, before: str = "") -> Iterator[Found]:
    """Numbers that identify. `before` is what was said just before this turn (often the question for the number)."""
    last_end, last_label = 0, ""
    for run in _runs(text):
        window = text[last_end : run.start]
        asked = before if not last_end and run.start <= 60 else ""
        judged = _judge(run, window, text[run.end : run.end + 60], asked, last_label) or _in_pieces(run, text, before)
        if judged is None:
            if run.size >= 4:
                last_end, last_label = run.end, ""
            continue
        label, probability, reason = judged
        start = run.start
        if probability >= 0.86 and run.written and _CAPITAL.search(text) is None:
            start = _with_announced_group(text, start)
        yield start, run.end, label, probability, reason
        last_end, last_label = run.end, label


def _in_pieces(run: Run, text: str, before: str) -> tuple[str, float, str] | None:
    """A number that is given in pieces over several turns: three digits or more that are all that is said."""
    others = _WORD.findall(text[: run.start]) + _WORD.findall(text[run.end :])
    given = run.spoken >= 3 or (run.written and run.letters == 0 and len(run.digits) in (3, 4) and not _round(run))
    if not given or len(others) > 3 or _is_counting(run) or run.digits in _HELP_LINES or _YEAR.fullmatch(run.text):
        return None
    if _PIECE_BEFORE.search(before[-70:]) is None:
        return None
    return "PHONE", 0.7, "a piece of a number given over several turns"


def _runs(text: str) -> Iterator[Run]:
    for match in _RUN.finditer(text):
        for start, end in _parts(text, match.start(), match.end()):
            trimmed = _trim(text, start, end)
            if trimmed is not None:
                yield trimmed


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A run cut where written numbers only stand in a list ("in 2010, 5280 people", "10, 20, 30 miles")."""
    run = text[start:end]
    pieces = list(re.finditer(r"(?:(?!, |; |\. ).)+", run, re.S))
    whole = len(pieces) == 1 or not any(_is_listed(piece.group()) for piece in pieces)
    if whole:
        yield start, end
        return
    for piece in pieces:
        yield start + piece.start(), start + piece.end()


def _is_listed(piece: str) -> bool:
    plain = piece.strip(" ,.;")
    is_year = plain[:1].isdigit() and _YEAR.fullmatch(plain) is not None
    return is_year or re.fullmatch(r"[1-9]\d?|[1-9]\d*00", plain) is not None


def _trim(text: str, start: int, end: int) -> Run | None:
    """Cut what is no part of a number from both ends; None where no digit is left."""
    tokens = list(_WORD.finditer(text, start, end))
    while tokens and (_is_edge_word(tokens[0].group(), text, tokens[0].end(), first=True) or _is_article(tokens, text)):
        tokens = tokens[1:]
    while tokens and _is_edge_word(tokens[-1].group(), text, tokens[-1].end(), first=False):
        tokens = tokens[:-1]
    tokens = _without_lone_words(tokens)
    if not tokens:
        return None
    start, end = tokens[0].start(), tokens[-1].end()
    if _CAPITAL.search(text) is None:
        start, end = _with_letter_groups(text, start, end)
    start, end = _with_brackets(text, start, end)
    run = text[start:end]
    said = _NOTE.sub(" ", run)
    digits = digits_of(said)
    if not digits:
        return None
    kept = [token.lower() for token in _WORD.findall(said)]
    spoken = sum(word in UNITS for word in kept)
    letters = sum(
        len(re.sub(r"\d", "", word)) for word in kept if not _HESITATION.fullmatch(word) and _is_letters(word)
    )
    return Run(run, start, end, digits, letters, spoken)


def _without_lone_words(tokens: list[re.Match[str]]) -> list[re.Match[str]]:
    """Without one number word at an end of a written code ("my old one, T61-88", "417 D three times")."""
    if len(tokens) > 1 and all(token.group().lower() not in UNITS for token in tokens[1:-1]):
        ends = [token.group().lower() in UNITS for token in (tokens[0], tokens[-1])]
        if sum(ends) == 1 and any(token.group().isdigit() and len(token.group()) > 1 for token in tokens):
            return tokens[1:] if ends[0] else tokens[:-1]
    return tokens


def _with_letter_groups(text: str, start: int, end: int) -> tuple[int, int]:
    """In text without capitals: with the letter groups beside written digits that are no words ("yrp 418 22")."""
    if not any(character.isdigit() for character in text[start:end]):
        return start, end
    for _ in range(2):
        before = _GROUP_BEFORE.search(text[max(0, start - 18) : start])
        if before is None:
            break
        as_code = before[1] is not None and (before[2] in _CODE_TOO or not _is_word(before[2]))
        if not as_code and (_is_word(before[2]) or _WORDLIKE.fullmatch(before[2])):
            break
        start -= len(before[2]) + 1
    after = _GROUP_AFTER.match(text[end : end + 8])
    if after is not None and not _is_word(after[1]):
        end += len(after[0])
    return start, end


def _with_announced_group(text: str, start: int) -> int:
    """With a letter group right between the announcing words and the digits, word or not ("policy ho 2281")."""
    before = text[max(0, start - 60) : start]
    group = re.search(r"(?<![\w'’])([a-z]{2,4}) $", before)
    if group is None or group[1] in _FUNCTION or re.fullmatch(rf"{NUMBER_WORD}|{FILLER}", group[1]):
        return start
    near = announced_before(before[: group.start()])
    if near is None or not re.fullmatch(
        r" ?(?:['’]?s |is |its |it |was |as |number )*", before[group.start() - near.distance : group.start()]
    ):
        return start
    return start - len(group[0])


_FUNCTION = word_set(
    "is its it at on in the my was for to of and or as an so no says said like has had his her he she we us me you but not are "
    "all out up off old new one two from with that this then them they who what when just over only about after also been by "
    "can did do does done got get gave go goes id if im ill ive into last left made may more most much need now our own read "
    "ran said saw see sent than took upon very want well went were will your that thats mine code card file form plan site"
)
_GROUP_BEFORE = re.compile(r"(number |numbers |id |is |its |was |serial |code )?(?<![\w'’])([a-z]{2,4}) $")
_WORDLIKE = re.compile(
    r"[^aeiou]*[aeiou][^aeiou]|[^aeiou]+[aeiou]+|[aeiou][^aeiou][aeiou]|[^aeiou][aeiou]\w\w|[^aeiou]{2}[aeiou]+[^aeiou]"
)
_CODE_TOO = word_set("pm dr am ms st tv us uk ct la ny ca tx fl mr rn md pt er or")
_GROUP_AFTER = re.compile(r" ([a-z]{2,3})(?![\w'’])")
_CONTRACTED = word_set(
    "ive ill im id hes shes were its thats youre youve wed theyd isnt cant dont wont didnt whos hows"
)
_STATES = {"ohio", "iowa", "utah", "guam"}


def _is_word(group: str) -> bool:
    return (
        group in words("common_words")
        or group in words("first_names")
        or group in _STATES
        or group in _CONTRACTED
        or re.fullmatch(
            rf"{_NO_GROUP}|{_ATTACHED_UNIT}|{NUMBER_WORD}|{FILLER}|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec", group
        )
        is not None
    )


def _with_brackets(text: str, start: int, end: int) -> tuple[int, int]:
    if ")" in text[start:end] and "(" not in text[start:end] and text[start - 1 : start] == "(":
        start -= 1
    if text[start - 1 : start] == "+":
        start -= 1
    return start, end


def _is_letters(word: str) -> bool:
    if word in UNITS or word in TEENS or word in TENS or word in _JOINING or word in _NUMBER_WORDS:
        return False
    return len(word) <= 8


_JOINING = {"dash", "hyphen", "slash", "space", "then", "and", "no", "wait", "sorry", "ext", "extension", "as", "in", "for",
            "like"}  # fmt: skip
_NUMBER_WORDS = {"double", "triple", "treble", "hundred", "thousand"}
_HESITATION = re.compile(rf"(?i:{FILLER})|{'|'.join(_JOINING)}")
_NAMES_TOO = {"mike", "charlie", "victor", "romeo", "oscar", "juliet", "papa", "golf", "hotel", "india", "november"}


def _is_article(tokens: list[re.Match[str]], text: str) -> bool:
    """Whether a run begins with the words `a` or `I`, not with a letter of a code."""
    first = tokens[0].group()
    if first.lower() not in ("a", "i") or len(tokens) == 1:
        return False
    spelled = len(tokens[1].group()) == 1 and tokens[1].group().isalpha()
    long_number = tokens[1].group().isdigit() and (first == "A" or (first == "a" and len(tokens[1].group()) > 4))
    return not (spelled or long_number or text[tokens[0].end()] == "-")


def _is_edge_word(word: str, text: str, after: int, *, first: bool) -> bool:
    lower = word.lower()
    if _HESITATION.fullmatch(word):
        return True
    if first and lower == "oh" and text[after : after + 1] == ",":
        return True
    return lower in _NAMES_TOO or (not first and lower in ("i", "a", "s", "t", "m", "u", "and"))


def _judge(run: Run, window: str, after: str, asked: str, last_label: str) -> tuple[str, float, str] | None:
    if _is_no_code(run, window, after):
        return None
    by_form = _by_form(run)
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
    if by_form is not None and by_form[0] == "PHONE" and fax_talk(window if window.strip() else asked):
        return "FAX", 0.9, "form of a telephone number, after 'fax'"
    if by_form is not None and _form_wins(by_form, near):
        return by_form
    if near is not None and (probability := _by_context(run, near)):
        label = _label(run, near)
        if by_form is None or by_form[0] != label or by_form[1] < probability:
            return label, probability, f"number {how} '{near.words}'"
    return by_form


def _label(run: Run, near: Announced) -> str:
    if near.label == "PHONE" and len(run.digits) < 7:
        return "OTHER_ID" if not near.words.startswith("extension") else "PHONE"
    if near.label == "OTHER_ID" and near.is_general and _is_phone(run):
        return "PHONE"
    return near.label


def _form_wins(by_form: tuple[str, float, str], near: Announced | None) -> bool:
    label, probability, _ = by_form
    if near is None:
        return True
    if label in ("SSN", "VEHICLE") and probability > 0.9:
        return not (near.strong and near.distance <= 20)
    if label == "PHONE" and probability >= 0.88:
        return near.label != "FAX" and not (near.strong and near.distance <= 30)
    return False


def _by_context(run: Run, near: Announced) -> float:
    """How sure the announcing words make the run; 0 where they do not."""
    year = _YEAR.fullmatch(run.text) is not None
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
    return 0.86 if code_like and not year else 0.0


def _round(run: Run) -> bool:
    return run.digits.endswith("00") and not run.spoken and len(run.digits) <= 6


def _is_phone(run: Run) -> bool:
    digits = run.digits
    if run.letters:
        return False
    abroad = 11 <= len(digits) <= 13 and digits.startswith(("44", "61", "91", "353"))
    return abroad or len(digits) in (7, 10) or (len(digits) == 11 and digits[0] in "01")


def _by_form(run: Run) -> tuple[str, float, str] | None:
    digits, text = run.digits, run.text
    if _PHONE_FORM.fullmatch(text):
        return "PHONE", 0.92, "form of a telephone number"
    if _SSN_FORM.fullmatch(text):
        return "SSN", 0.93, "form of a social security number"
    if _VIN_FORM.fullmatch(text):
        return "VEHICLE", 0.95, "form of a vehicle identification number"
    if text.startswith("+") and 8 <= len(digits) <= 15:
        return "PHONE", 0.95, "form of an international telephone number"
    if run.written and _PLATE_FORM.fullmatch(text):
        return "VEHICLE", 0.75, "form of a licence plate"
    if (
        run.letters
        and run.written
        and run.size >= 6
        and len(digits) >= 3
        and re.search(r"\d[\s-]*[A-Z]|[A-Z][\s-]*\d", text)
    ):
        return "OTHER_ID", 0.8, "form of a code"
    return _by_length(run)


def _by_length(run: Run) -> tuple[str, float, str] | None:
    digits = run.digits
    listed = (
        re.search(r", | then ", run.text) is not None
        and re.search(r"\d{4}|\b0|[a-z]{3}(?<!then)\b(?<!then)", run.text) is None
    )
    if listed or re.search(r"\bthousand\b", run.text, re.I):
        return None
    if len(digits) < 7 or (not run.written and run.spoken < 4) or digits.count("0") > len(digits) - 3:
        return None
    if re.fullmatch(r"\d{3}[-. ]\d{4}", run.text):
        return "PHONE", 0.8, "form of a local telephone number"
    if len(digits) >= 10 and _is_phone(run) and (not run.written or digits[0] == "0" or len(digits) >= 12):
        return "PHONE", 0.86, "as many digits as a telephone number"
    if [len(part) for part in re.findall(r"\d+", run.text)] in ([3, 3, 4], [1] * 10) and run.letters == 0:
        return "PHONE", 0.86, "grouped like a telephone number"
    if len(digits) == 7 and not run.written:
        return "PHONE", 0.85, "as many digits as a local telephone number"
    if 13 <= len(digits) <= 19 and run.letters == 0:
        return "ACCOUNT", 0.88, "as many digits as a card"
    if len(digits) == 9 and re.match(r"\w+ \w+ \w+, ", run.text) and run.letters == 0 and not run.written:
        return "SSN", 0.8, "as many digits as a social security number"
    return "OTHER_ID", 0.81, "seven digits or more"


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
    values = [int(digits_of(part) or 0) for part in _said_numbers(run.text)]
    if len(values) < 3:
        return False
    steps = {after - before for before, after in pairwise(values)}
    restarts = all(after == before + 1 or after == 1 for before, after in pairwise(values))
    return (
        restarts or (len(steps) == 1 and 0 not in steps) or (len(values) > 3 and all(v and v % 10 == 0 for v in values))
    )


def _said_numbers(run: str) -> list[str]:
    tens = "|".join(TENS)
    return re.findall(rf"(?:{tens})[- ](?:one|two|three|four|five|six|seven|eight|nine)\b|[a-z]+|\d+", run.lower())
