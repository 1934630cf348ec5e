"""Presidio's pattern recognisers, called directly: without its engine, a model, or the network.

Presidio (MIT) brings checked forms: card and bank numbers with their check digits, telephone numbers of many countries,
national numbers. A weak pattern counts only near one of the recogniser's own context words, with the rise that
Presidio's context enhancer gives (0.35, and 0.4 at least); so most nine-digit numbers stay below what is replaced.
Importing Presidio takes half a second and more, nearly all of it spaCy, which its base class imports: it is imported at
the first turn that could hold such a form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from relcode.deid.heard import Heard

if TYPE_CHECKING:
    from presidio_analyzer import EntityRecognizer, RecognizerResult

Found = tuple[int, int, str, float, str]

# Recognisers that exist in every version of Presidio that is allowed: our class for what they find, and what a turn
# must hold (in lower case) before it is worth the look.
_CLASSES = {
    "CreditCardRecognizer": ("ACCOUNT", r"(?:\d[ -]?){12}"),
    "IbanRecognizer": ("ACCOUNT", r"\b[a-z]{2}\d\d"),
    "CryptoRecognizer": ("ACCOUNT", r"\b(?:bc1|[13])[a-z0-9]{25}"),
    "UsSsnRecognizer": ("SSN", r"(?:\d[ .-]?){9}"),
    "UsItinRecognizer": ("SSN", r"\b9\d\d[ -]?\d\d[ -]?\d{4}\b"),
    "UkNinoRecognizer": ("SSN", r"\b[a-z]{2} ?\d"),
    "InPanRecognizer": ("SSN", r"\b[a-z]{5}\d{4}[a-z]\b"),
    "InVehicleRegistrationRecognizer": ("VEHICLE", r"\b[a-z]{2} ?\d{1,2} ?[a-z]"),
    "IpRecognizer": ("IP", r"\d\.\d|[\da-f]:[\da-f:]"),
}
# Weak patterns, and check digits that fit one number in ten or so: looked for only beside a word of their context.
_BY_CONTEXT = {
    "UsBankRecognizer": "ACCOUNT", "AbaRoutingRecognizer": "ACCOUNT", "AuAbnRecognizer": "ACCOUNT",
    "AuTfnRecognizer": "SSN", "InAadhaarRecognizer": "SSN", "UsLicenseRecognizer": "LICENSE",
    "UsPassportRecognizer": "LICENSE", "InPassportRecognizer": "LICENSE", "MedicalLicenseRecognizer": "LICENSE",
    "InVoterRecognizer": "OTHER_ID", "NhsRecognizer": "MRN", "AuMedicareRecognizer": "PLAN_ID",
}  # fmt: skip
# Newer versions bring these as well; by context too.
_NEWER = {
    "CaSinRecognizer": "SSN", "UsNpiRecognizer": "LICENSE", "UsMbiRecognizer": "PLAN_ID", "MacAddressRecognizer": "DEVICE",
    "UkPassportRecognizer": "LICENSE", "UkDrivingLicenceRecognizer": "LICENSE",
}  # fmt: skip
_REGIONS = (
    "US", "GB", "IE", "CA", "AU", "IN", "NZ", "ZA", "DE", "FR", "IT", "ES", "PT", "NL", "BE", "CH", "AT", "SE", "NO", "DK",
    "FI", "PL", "CZ", "HU", "GR", "CY", "IS", "EE", "SI", "HR", "RO", "BR", "MX", "TN", "UY",
)  # fmt: skip
_REACH = 40
_RISE, _LEAST, _MOST = 0.35, 0.4, 0.93
_PIECE, _OVERLAP = 4000, 100  # a very long turn is looked at in pieces: some of Presidio's patterns are slow on those
_NET = re.compile(r"(?i)\w@\w|https?://|\bwww\.|\w\.[a-z]{2,}/")
_LONG = re.compile(
    r"(?i)(?:\d[ ().+/-]{0,3}){7}|[A-Z]{2}\d{2}[ A-Z0-9]{10}|[A-Z]{5}\d{4}[A-Z]|\d[A-Z0-9]{7}|[A-Z]{1,3}\d{5}"
)
_PHONE = re.compile(r"(?<![\w.,-])[+(]?\d(?:[ ().+/-]{0,3}\d){6,14}(?!\d)(?:x\d+)?")
_SINGLE_DIGITS = re.compile(r"\d(?:\D+\d(?!\d)){3}")  # looked at for long, and `codes` finds them
_CALL = re.compile(
    r"\b(?:phone|number|telephone|tel|cell|cellphone|mobile|call|ring|reach|text|fax|office|desk|home|answering|line|contact|dial|"
    r"messages? to|whatsapp)",
    re.I,
)


def may_hold_forms(heard: Heard) -> bool:
    """The cheap first look: an `@` within a word, the beginning of a page, or seven digits near each other."""
    return _NET.search(heard.lower) is not None or (heard.has_digits and _LONG.search(heard.lower) is not None)


def find_forms(text: str, known: Sequence[Found] = ()) -> Iterator[Found]:
    """What Presidio's recognisers find, with our class, a probability with context, and which recogniser it was.

    Telephone numbers, e-mail and pages are not looked for where something in `known` covers them: the look through the
    countries is slow, and the list of domains takes a third of a second to read.
    """
    for begin in range(0, len(text), _PIECE):
        piece = text[begin : begin + _PIECE + _OVERLAP]
        for start, end, label, probability, reason in _in_piece(piece, begin, known):
            yield begin + start, begin + end, label, probability, reason


def _in_piece(text: str, begin: int, known: Sequence[Found]) -> Iterator[Found]:
    places = [(start - begin, end - begin) for start, end, *_ in known]
    if any(not _covered(match, places) for match in _NET.finditer(text)):
        yield from _on_the_net(text)
    if _LONG.search(text):
        yield from _by_recognisers(text)
        yield from _telephones(text, places)


def _covered(match: re.Match[str], places: Iterable[tuple[int, int]]) -> bool:
    return any(start <= match.start() and match.end() <= end for start, end in places)


def _by_recognisers(text: str) -> Iterator[Found]:
    lower = text.lower()
    for one in _numbers():
        if one.needed.search(lower) is None:
            continue
        for result in _results(one.recogniser, text):
            near = one.context.search(lower, max(0, result.start - _REACH), result.start)
            risen = max(result.score + _RISE, _LEAST) if near else min(result.score, _LEAST if one.by_context else 1)
            reason = f"presidio:{one.name}" + (f" near '{near.group()}'" if near else "")
            yield result.start, result.end, one.label, min(risen, _MOST), reason


def _on_the_net(text: str) -> Iterator[Found]:
    emails, pages = _net()
    for result in _results(emails, text):
        yield result.start, result.end, "EMAIL", max(result.score, 0.9), "presidio:EmailRecognizer"
    for result in _results(pages, text):
        words = text[result.start : result.end].lower()
        if words.startswith(("http", "www")) or "/" in words:
            yield result.start, result.end, "URL", 0.9, "presidio:UrlRecognizer"


def _telephones(text: str, known: list[tuple[int, int]]) -> Iterator[Found]:
    """Numbers that are valid in one of the countries; surer near a word of telephones."""
    for match in _PHONE.finditer(text):
        if _covered(match, known) or _SINGLE_DIGITS.search(match.group()):
            continue
        results = _results(_telephone(), match.group())
        for result in results[:1]:
            start, end = match.start() + result.start, match.start() + result.end
            called = _CALL.search(text[max(0, start - _REACH) : end + 12]) is not None
            abroad = text[start] == "+"
            probability = 0.9 if abroad else 0.82 if called else 0.55 if re.search(r"\d{3}", match.group()) else _LEAST
            near = " near a word of telephones" if called else ""
            yield start, end, "PHONE", probability, f"presidio:PhoneRecognizer{near}"


def _results(recogniser: EntityRecognizer, text: str) -> list[RecognizerResult]:
    # The base class asks for NLP artifacts; the recognisers of patterns need none.
    analyze: Any = recogniser.analyze
    return analyze(text, recogniser.supported_entities) or []


@dataclass(frozen=True)
class _Number:
    """A recogniser of numbers: its name, our class, what a turn must hold, and its own context words as one pattern."""

    name: str
    label: str
    recogniser: EntityRecognizer
    needed: re.Pattern[str]
    context: re.Pattern[str]
    by_context: bool


@cache
def _numbers() -> tuple[_Number, ...]:
    from presidio_analyzer import predefined_recognizers as predefined

    made = []
    for name in (*_CLASSES, *_BY_CONTEXT, *_NEWER):
        if name in _NEWER and not hasattr(predefined, name):
            continue
        recogniser: EntityRecognizer = getattr(predefined, name)()
        words = "|".join(re.escape(word.lower().strip()) for word in recogniser.context or ())
        context = re.compile(rf"\b(?:{words})\b" if words else r"(?!)")
        if name in _CLASSES:
            label, needed = _CLASSES[name]
            made.append(_Number(name, label, recogniser, re.compile(needed), context, by_context=False))
        else:
            label = (_BY_CONTEXT | _NEWER)[name]
            made.append(_Number(name, label, recogniser, context, context, by_context=True))
    return tuple(made)


@cache
def _telephone() -> EntityRecognizer:
    from presidio_analyzer.predefined_recognizers import PhoneRecognizer

    return PhoneRecognizer(supported_regions=_REGIONS)


@cache
def _net() -> tuple[EntityRecognizer, EntityRecognizer]:
    """The recognisers of e-mail addresses and pages, with the list of domains that tldextract brings (no download)."""
    from presidio_analyzer.predefined_recognizers import EmailRecognizer, UrlRecognizer
    from tldextract import TLDExtract

    domains = TLDExtract(suffix_list_urls=(), cache_dir=None)

    class OfflineEmailRecognizer(EmailRecognizer):
        def validate_result(self, pattern_text: str) -> bool:
            return bool(domains(pattern_text).fqdn)

    return OfflineEmailRecognizer(), UrlRecognizer()
