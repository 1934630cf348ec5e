"""Numbers, addresses and codes that belong to nobody, in the form of those they replace.

Telephone numbers lie in the ranges kept for fiction (555-01xx; Ofcom's 07700 900xxx and 01632 960xxx), social security
numbers in a range that is never given out (900-00-00xx), hosts in example.com and 192.0.2.0/24 (RFC 2606, 5737, 3849).
Codes have no such range: their letters become X, their digits zeros with a running number at the end. Each function
returns None where the form cannot be read or its range is used up; a tag stands there then.
"""

from __future__ import annotations

import re

from relcode.deid.letter_case import in_case_of
from relcode.deid.spoken_numbers import in_words

CODE_LABELS = frozenset({"MRN", "PLAN_ID", "ACCOUNT", "LICENSE", "VEHICLE", "DEVICE", "BIOMETRIC", "OTHER_ID"})
NUMBER_LABELS = CODE_LABELS | {"PHONE", "FAX", "SSN"}
HOST_LABELS = frozenset({"EMAIL", "URL", "IP"})
_SAID = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_DIGIT_OF = {word: str(number) for number, word in enumerate(_SAID)} | {"oh": "0", "o": "0"}
_WORD = re.compile(r"[A-Za-z]+")
_SAID_DIGIT = re.compile(rf"\b(?:(?P<times>double|triple) )?(?P<digit>{'|'.join(_DIGIT_OF)})\b", re.IGNORECASE)
_FILLER = re.compile(r"\b(?:u[mh]+|er|then|dash|hyphen|space)\b", re.IGNORECASE)
_EXTENSION = re.compile(r"(?P<number>.*?\d)(?P<mark>,?\s*(?:extension|ext\.?|x)\s*)(?P<digits>\d+)", re.IGNORECASE)
_LIKE_A_NAME = re.compile(r"[a-z]\w*_\w+|@\w+")


def plain_number(text: str) -> str:
    """Letters and digits alone, in lower case, spoken digits as digits: the same for all forms of one number."""
    spoken = _spoken_digits(text)
    return spoken if spoken is not None else re.sub(r"[\W_]", "", text).lower()


def plain_address(text: str) -> str:
    """An e-mail address or a host as it is written, however it was said."""
    lower = re.sub(r"\bat\b", "@", text.lower()) if "@" not in text else text.lower()
    return re.sub(r"\s+", "", re.sub(r"\bdot\b", ".", lower) if " " in text else lower)


def without_extension(text: str) -> tuple[str, str]:
    """A telephone number, and what stands for its extension: "", or the same words with zeros."""
    match = _EXTENSION.fullmatch(text)
    return (text, "") if match is None else (match["number"], match["mark"] + "0" * len(match["digits"]))


def invented_number(label: str, text: str, running: int) -> str | None:
    """A number of a label's fictional range in the form of `text`; `running` (from 1) keeps several apart."""
    if _LIKE_A_NAME.fullmatch(text):
        return f"@user{running}" if text.startswith("@") else f"user_{running}"
    plain = plain_number(text)
    if not any(character.isdigit() for character in plain):
        return None
    new = _telephone(plain, running) if label in ("PHONE", "FAX") else None
    if label == "SSN" and plain.isdigit():
        new = _ending("9000000" if len(plain) == 9 else "0" * len(plain), running, len(plain), 99)
    if label in CODE_LABELS:
        new = _masked(plain, running)
    return None if new is None else as_written(text, new)


def as_written(text: str, plain: str) -> str | None:
    """`plain` put into the form of `text`: its separators and case, or its spoken words."""
    if _spoken_digits(text) is not None:
        return _said(text, plain)
    characters = iter(plain)
    if len(re.sub(r"[\W_]", "", text)) != len(plain):
        return None
    return "".join(in_case_of(old, next(characters)) if old.isalnum() else old for old in text)


def invented_host(label: str, text: str, running: int) -> str | None:
    """An e-mail address, page or IP address that is nobody's, written or spoken as `text` is."""
    spoken = " " in text.strip()
    number = in_words(running) if running < 100 else str(running)
    if label == "EMAIL":
        return f"person {number} at example dot com" if spoken else f"person{running}@example.com"
    if label == "URL":
        www = re.match(r"(?i)(?:https?://)?(?:www\.)?", text)
        start = "www dot " if text.lower().startswith("www dot ") else ""
        return (
            f"{start}site {number} dot example dot com"
            if spoken
            else f"{www.group() if www else ''}site{running}.example.com"
        )
    if ":" in text:
        return f"2001:db8::{running:x}"
    return f"192.0.2.{running}" if running < 255 else None


def _telephone(plain: str, running: int) -> str | None:
    """The digits of a fictional telephone number of as many digits."""
    if not plain.isdigit():
        return None
    for start, fictional in (("447", "447700900"), ("44", "441632960"), ("07", "07700900"), ("0", "01632960")):
        if plain.startswith(start) and len(plain) == len(fictional) + 3:
            return _ending(fictional, running, len(plain), 999)
    trunk = plain[:-10] if len(plain) > 10 else ""
    return _ending((trunk + "55555501")[-(len(plain) - 2) :] if len(plain) > 2 else "", running, len(plain), 99)


def _masked(plain: str, running: int) -> str | None:
    """Letters as x, digits as zeros with the running number in the last of them."""
    digits = sum(character.isdigit() for character in plain)
    if len(str(running)) > digits:
        return None
    number = iter(f"{running:0{digits}d}")
    return "".join(next(number) if character.isdigit() else "x" for character in plain)


def _ending(start: str, running: int, length: int, most: int) -> str | None:
    width = len(str(most))
    if running > most or length < width:
        return None
    return start[: length - width] + f"{running:0{width}d}"


def _spoken_digits(text: str) -> str | None:
    """The digits of a number said digit by digit ("two six oh"), or None."""
    if not any(word.lower() in _DIGIT_OF for word in _WORD.findall(text)) or _WORD.search(
        _FILLER.sub("", _SAID_DIGIT.sub("", text))
    ):
        return None
    if any(character.isdigit() for character in text):
        return None
    return "".join(_DIGIT_OF[match["digit"].lower()] * _times(match) for match in _SAID_DIGIT.finditer(text))


def _said(text: str, plain: str) -> str | None:
    """Digits said word by word in the rhythm of `text`."""
    zero = "oh" if re.search(r"(?i)\boh?\b", text) else "zero"
    digits = iter(plain)
    if not plain.isdigit() or len(plain) != len(_spoken_digits(text) or ""):
        return None

    def say(match: re.Match[str]) -> str:
        words = [zero if digit == "0" else _SAID[int(digit)] for digit in (next(digits) for _ in range(_times(match)))]
        if len(words) > 1 and len(set(words)) == 1:
            words = [match["times"].lower(), words[0]]
        return in_case_of(match.group()[0], " ".join(words)) if match.group()[0].isupper() else " ".join(words)

    return _SAID_DIGIT.sub(say, text)


def _times(match: re.Match[str]) -> int:
    return {"double": 2, "triple": 3}.get((match["times"] or "").lower(), 1)
