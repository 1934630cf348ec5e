"""Addresses of the net, written and read aloud: e-mail, pages, machines, and the names that people go by there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from relcode.deid.heard import Heard
from relcode.deid.lexicon import NEVER, know
from relcode.deid.spoken import FILLER, NUMBER_WORD, UP_TO_99, word_set

Found = tuple[int, int, str, float, str]

_TLD = r"(?:com|org|net|edu|gov|co|io|info|uk|us|ca|au|ie|nz|example|biz|me|tv|app|health|care|clinic)"
_PROVIDER = (
    r"(?:gmail|g mail|google ?mail|yahoo|hotmail|hot mail|outlook|aol|a o l|icloud|i cloud|proton ?mail|proton|comcast|verizon|msn|"
    r"live|juno|earthlink|att|sbcglobal|fastmail|zoho|gmx|bt ?internet|sky|virgin ?media|ymail)"
)
_WRITTEN: tuple[tuple[str, str, float, re.Pattern[str]], ...] = (
    ("EMAIL", "e-mail address", 0.99, re.compile(r"(?<![\w.+-])[\w.+'’-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")),
    ("URL", "address of a page", 0.98, re.compile(r"(?:https?://|www\.)[^\s,<>\"”]*[^\s,<>\"”.?!;:)]", re.I)),
    ("URL", "address of a page", 0.97, re.compile(r"(?<![\w@.])[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:(?:com|org|net|edu|gov|co|ac|nhs)\.[a-z]{2}|com|org|net|edu|gov|example|io|info|biz|ie|ca|app)\b(?:/[^\s,<>\"”]*[^\s,<>\"”.?!;:)])?(?!\w)", re.I)),
    ("IP", "address of a machine", 0.97, re.compile(r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.]\d)\b")),
    ("IP", "address of a machine", 0.97, re.compile(r"(?<![\w:])(?=[0-9a-f:]*(?:[a-f]|::))(?:(?:[0-9a-f]{1,4}:){2,7}:?[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}:)+(?::[0-9a-f]{1,4})+)\b(?!:)", re.I)),
    ("DEVICE", "address of a network card", 0.98, re.compile(r"\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b", re.I)),
    ("OTHER_ID", "handle", 0.92, re.compile(r"(?<![\w.])@[A-Za-z_][\w.-]*\w")),
    ("OTHER_ID", "handle", 0.78, re.compile(r"(?<![\w\[/@.])[A-Z][a-z]+(?:[A-Z][a-z]+)+\d{1,4}\b")),
    ("OTHER_ID", "handle", 0.88, re.compile(r"(?:(?<![\w\[/@.])|(?<=\bu/))[A-Za-z]+\d*(?:_[A-Za-z0-9]+)+\b(?!\.\w|[\]@])")),
)  # fmt: skip
_SAID_IP = re.compile(
    rf"\b(?:{NUMBER_WORD}|\d+)(?:[ -](?:{NUMBER_WORD}|\d+)){{0,3}}(?:,? (?:dot|point),? (?:{NUMBER_WORD}|\d+)(?:[ -](?:{NUMBER_WORD}|\d+)){{0,3}}){{3}}\b",
    re.I,
)
_BARE_IP = re.compile(
    r"\bip\b[^\d.?!\n]{0,25}(?P<x>(?:(?:25[0-5]|2[0-4]\d|1?\d?\d) ){3}(?:25[0-5]|2[0-4]\d|1?\d?\d))\b(?! ?\d)", re.I
)
_HEX = rf"(?:{NUMBER_WORD}|[0-9a-f]{{1,4}}|d b)"
_SAID_IP6 = re.compile(rf"\b{_HEX}(?: {_HEX}){{0,4}}(?:(?:,? colon){{1,2}},? {_HEX}(?: {_HEX}){{0,4}}){{3,7}}\b", re.I)
_AT = re.compile(
    rf",? at (?:(?P<known>{_PROVIDER})\b(?:,? (?:dot )?{_TLD}\b)?|(?:(?!(?:at|www)\b)[\w'’-]+,? (?:dash |hyphen |dot )?){{1,4}}?dot {_TLD}\b)(?:,? dot {_TLD}\b)*",
    re.I,
)
_DOT_TLD = re.compile(
    rf",? dot {_TLD}\b(?:,? dot {_TLD}\b)*(?:,? (?:forward )?slash \w+(?: (?:dash|slash|underscore|hyphen) \w+)*(?: (?:of|and|for) (?:(?:the|a) )?\w+)?)?",
    re.I,
)
# An address that a recogniser has taken the signs of: "jane doe example com".
_BARE_TLD = r"(?:(?:example )?(?:com|net|edu|org(?! uk))|gov(?: uk)?|(?:co|org|ac|nhs) uk|example)"
_BARE = re.compile(
    rf"(?<!\bdot)(?<! a)(?<! the)(?<!\bfor) (?P<tld>{_BARE_TLD})\b(?:(?: (?:forward )?slash [a-z\d]+)+)?(?! dot\b)"
)
_PATH = (
    r"(?:wiki|start|help|login|signup|register|forms?|about|join|blog|index|apply|support|contact|faq|resources|groups|"
    r"events|schedule|booking|portal|shop|terms|donate|chat|app|meet|video)"
)
_GLUED = 10  # letters of a word in no list that can only be a domain
_MAIL_HOST = re.compile(rf" {_PROVIDER}$")
_WORDS_TOO = ("org", "net", "example", "gov")  # said of other things as well
_RARE, _COMMON = 5, 7  # how frequent the word before them may be, in half powers of ten
_BARE_SEEN = word_set("com org net edu gov uk example")
_BARE_AT = re.compile(r" at (?:(?!(?:the|a|an|my|our|his|her|their|your|this|that|at)\b)[\w'’-]+ ?){1,3}$")
_PROTOCOL = re.compile(r"\b(?:www|w w w|https?) $")
_PLACED = re.compile(r"\b(?:its|is|was|go|look|find it|find them|sign up|log in|read it|online)$")
_LOST_PATH = re.compile(rf" {_PATH}\b")
_MAIL_BEFORE = re.compile(
    r"\b(?:e ?mails?|e ?mailed|mail|address|write to|contact|reach me|gmail|send (?:it|them|that|this) to)\b"
)
_PAGE_BEFORE = re.compile(
    r"\b(?:www|w w w|https?|website|webpage|page|site|url|link|online|google|browser|forum|blog|portal|read it on|its on|was on|go to|went on)\b"
)
_JOIN = r"(?:dot|underscore|under score|dash|hyphen|period|plus)"
_SAID_HANDLE = re.compile(
    rf"(?:(?<=called )at |(?<=is )at |(?<=its )at |(?<=it's )at |(?<=it’s )at )?\b(?:[\w'’]+ dot )?(?!(?:an?|the|with|no|one)\b)[\w'’]+,?"
    rf" underscore (?!(?:and|or|in|between|then|thing|is)\b)[\w'’]+(?:,? underscore [\w'’]+)*(?: (?:{UP_TO_99}|\d+)\b)*",
    re.I,
)
_SERVICE = (
    r"(?:username|user ?name|user id|handle|gamertag|gamer tag|screen ?name|login|insta|instagram|discord|snapchat|snap|tiktok|"
    r"twitter|reddit|tumblr|twitch|xbox|steam|venmo|psn|playstation|telegram|kik|forum|hinge|tinder|bumble|grindr|roblox|"
    r"minecraft|facebook|youtube|channel|etsy|cash ?app)"
)
_ACCOUNT_NAMED = (
    re.compile(rf"\b{_SERVICE}\b[^.?!\n]{{0,30}}?(?<![\w.@/])(?P<x>[A-Za-z]{{3,}}(?:[._][A-Za-z0-9]+)*\d{{1,4}}|[A-Za-z]{{2,}}(?:[._][A-Za-z0-9]{{2,}}){{2,}})(?![\w@])", re.I),
    re.compile(rf"\b(?:post|log|sign)(?:s|ed|ged|ging|ing)?(?: in| on)? as (?!(?:if|often|many|much|soon|late|early|low|high|an?|the|witness|number)\b)(?P<x>(?:[a-z'’]+ ){{1,3}}?(?:(?:{UP_TO_99}|\d+)\b ?)+(?<! ))", re.I),
    re.compile(rf"(?<![\w.@/])(?P<x>[A-Za-z]{{3,}}(?:[._][A-Za-z0-9]+)*\d{{1,4}})(?![\w@]),? (?:on|is my|was my|is his|is her) {_SERVICE}\b", re.I),
    re.compile(rf"\b{_SERVICE}\b[^.?!\n]{{0,20}}?\b(?:is|as|under|it['’]?s|called|was)[ ,]+(?P<x>(?:[a-z'’]+ ){{1,3}}?(?:(?:{UP_TO_99}|\d+)\b ?)+(?<! ))", re.I),
)  # fmt: skip
_HANDLE_IS = re.compile(
    r"\b(?:username|user name|handle|gamer ?tag|screen ?name|login|user id)\b[^.?!\n]{0,25}?\b(?:is|was|it['’]?s)[ ,]+(?P<x>[A-Za-z]{5,})\b(?![@.]\w)",
    re.I,
)
_MARKS_SEEN = re.compile(r"[@_]|\.\w|::|\w:\w|[a-z]\d")
_DOT = word_set("dot point")
_PROVIDERS = word_set(re.sub(r"[^a-z]+", " ", _PROVIDER))
_PROVIDER_SEEN = re.compile(rf" at {_PROVIDER}\b")
_NAMED = word_set(
    re.sub(r"[^a-z]+", " ", _SERVICE) + " username screenname cashapp underscore post posted log logged sign signed"
)
_STOP = word_set(
    "is it's its it’s email e-mail emails email's email’s mail address to the my that's thats that’s her his their our on use at and so just or write "
    "contact reach from under me him be was i'm im called site website page link visit go look check of off google see a an "
    "then okay ok yeah yes well says said still online we you i he she they have had has get got into through posted "
    "like think believe for try it this with about type up work's works she's shes he's hes webpage where there url "
    "uses used using emailed emailing mailed looked looking going went "
    "um uh er in by if there's theres old new works message messages contact can could send sent with"
)
_SHARED = re.compile(r"\b(?P<one>[a-z]{2,}) and $", re.I)
_EMAIL_WORD = re.compile(r"\b(?:e-?mail|mail|write|address|reach|contact|gmail|login)\b", re.I)
_ASIDE = re.compile(r",? (?:all )?(?:one word|lower ?case|no spaces?|no dots?),?$", re.I)
_LETTER_BESIDE = re.compile(r"\b[b-hj-z] [ai] |\b[ai] [b-hj-z]\b")  # "n i a at": letters that are read out
_TOKEN_BACK = re.compile(r"([\w'’+-]+)([ ,]*)$")


def find_online(heard: Heard) -> Iterator[Found]:
    """E-mail addresses, pages, machines and handles."""
    text = heard.text
    if _MARKS_SEEN.search(heard.lower):
        for label, name, probability, pattern in _WRITTEN:
            for match in pattern.finditer(text):
                yield *match.span(), label, probability, name
    dotted = heard.has(_DOT)
    if dotted:
        for match in _SAID_IP.finditer(text):
            yield *match.span(), "IP", 0.95, "address of a machine, said"
        yield from _said_pages(text)
    if "ip" in heard.words and heard.has_digits:
        for match in _BARE_IP.finditer(text):
            yield *match.span("x"), "IP", 0.95, "address of a machine, without its dots"
    if "colon" in heard.words:
        for match in _SAID_IP6.finditer(text):
            yield *match.span(), "IP", 0.95, "address of a machine, said"
    if text == heard.lower and heard.has(_BARE_SEEN):
        yield from _without_signs(text)
    if dotted or (heard.has(_PROVIDERS) and _PROVIDER_SEEN.search(heard.lower)):
        yield from _said_emails(text)
    if heard.has(_NAMED):
        yield from _names(text)


def _names(text: str) -> Iterator[Found]:
    """Names that people go by on the net."""
    for match in _SAID_HANDLE.finditer(text):
        yield *match.span(), "OTHER_ID", 0.87, "handle, said"
    for pattern in _ACCOUNT_NAMED:
        for match in pattern.finditer(text):
            yield *match.span("x"), "OTHER_ID", 0.75, "name on a service"
    for match in _HANDLE_IS.finditer(text):
        known = know(match["x"].lower())
        if known.unknown or known.guessed:
            yield *match.span("x"), "OTHER_ID", 0.72, "name on a service, in no list"


def _said_emails(text: str) -> Iterator[Found]:
    for match in _AT.finditer(text):
        start = _walk_back(text, match.start(), most=8)
        if start == match.start():
            continue
        start = _of_two(text, start, match.start())
        local = text[start : match.start()]
        whole = " dot " in match.group().lower()
        formal = re.search(rf"\d|\b(?:and|{_JOIN}|{NUMBER_WORD}|[a-z])\b", local, re.I) is not None
        named = _EMAIL_WORD.search(text[max(0, start - 40) : start]) is not None
        if whole or formal or (named and match["known"]):
            yield start, match.end(), "EMAIL", 0.93 if whole else 0.9, "e-mail address, said"


def _of_two(text: str, start: int, end: int) -> int:
    """Where an address begins that two people share ("ann and tom at ..."): with the first name, beside the second."""
    shared = _SHARED.search(text, max(0, start - 30), start)
    if shared is None or " " in text[start:end]:
        return start
    both = (know(shared["one"].lower()), know(text[start:end].lower()))
    return shared.start() if all(one.first > NEVER or one.unknown for one in both) else start


def _said_pages(text: str) -> Iterator[Found]:
    for match in _DOT_TLD.finditer(text):
        start = _walk_back(text, match.start(), most=6)
        www = re.search(r"\b(?:www|w w w|https?|h t t p s?)\b", text[max(0, match.start() - 60) : match.start()], re.I)
        if www is not None:
            start = max(0, match.start() - 60) + www.start()
        if start < match.start() and text[start : match.start()].lower() not in ("a", "the"):
            yield start, match.end(), "URL", 0.92, "address of a page, said"


def _without_signs(text: str) -> Iterator[Found]:
    """E-mail addresses and pages in words alone, near words that speak of them."""
    for match in _BARE.finditer(text):
        end, before = match.end(), text[max(0, match.start() - 90) : match.start()]
        path = " slash " in match.group()
        place = None if path else _BARE_AT.search(before)
        sample = match["tld"].startswith("example ")
        kept = not path and (
            sample or _MAIL_HOST.search(before) is not None
        )  # of a provider, or of the domain for examples
        mail = kept or place is not None or (not path and _MAIL_BEFORE.search(before[-60:]) is not None)
        page = None if mail else _PAGE_BEFORE.search(before[-60:])
        last = know(before.rpartition(" ")[2])
        rare = last.word < (_RARE if match["tld"] == "example" else _COMMON)
        unlisted = last.unknown or last.guessed
        spoken_of = ((mail or page or path) and rare) or (unlisted and match["tld"] != "example")
        if (glued := _glued(text, match, before)) is not None:
            yield *glued, "URL", 0.8, "address without its signs"
            continue
        if match["tld"] in _WORDS_TOO and not kept and not spoken_of:
            continue
        if not mail and page is None and not path and not unlisted:
            continue
        most = 5 if mail else 3 if page is not None else 1
        stop = match.start() - len(before) + place.start() if place is not None else match.start()
        if (start := _walk_back(text, stop, most=most)) == stop != match.start():
            stop = match.start()  # "mail me at jane doe example com"
            start = _walk_back(text, stop, most=most)
        if page is not None and page.group().startswith(("www", "w w w", "http")):
            start = min(start, text.rindex(page.group(), 0, match.start()))
        alone = mail and place is None and match["tld"] in _WORDS_TOO and " " not in text[start:stop]
        if start < stop and not alone:
            yield start, end, "EMAIL" if mail else "URL", 0.85 if mail or page else 0.6, "address without its signs"


def _glued(text: str, match: re.Match[str], before: str) -> tuple[int, int] | None:
    """A page whose name is one long word in no list, with the path whose slash is lost ("fernwaterclub org login")."""
    word = before.rpartition(" ")[2]
    known = know(word)
    if len(word) < _GLUED or not word.isalpha() or not (known.unknown or known.guessed):
        return None
    start, place = match.start() - len(word), _BARE_AT.search(before)
    named = _PAGE_BEFORE.search(before[-60:]) is not None or _MAIL_BEFORE.search(before[-60:]) is None
    at_page = place is None or _PLACED.search(before, 0, place.start()) is not None
    if not (named and at_page) or _PROTOCOL.search(before, 0, len(before) - len(word)):
        return None
    path = _LOST_PATH.match(text, match.end())
    return start, path.end() if path is not None else match.end()


def _walk_back(text: str, end: int, *, most: int) -> int:
    """Where a read-out address begins: at most so many words back, up to a word that is none of it."""
    start = end
    for _ in range(most):
        aside = _ASIDE.search(text[max(0, start - 30) : start])
        if aside is not None:
            start -= len(aside[0])
        token = _TOKEN_BACK.search(text[max(0, start - 30) : start])
        if token is None:
            break
        word = token[1].lower()
        joined = re.match(rf"[ ,]*{_JOIN}\b", text[start:end], re.I) is not None
        if word == "the":
            start -= len(token[0])
            break
        spelled = len(word) == 1 and _LETTER_BESIDE.search(text[max(0, start - 5) : start + 2]) is not None
        if (word in _STOP and not spelled and not (joined and len(word) == 1)) or re.fullmatch(FILLER, word):
            break
        if "," in token[2] and len(word) > 1 and not re.fullmatch(rf"{NUMBER_WORD}|{_JOIN}|\d+", word):
            break
        start -= len(token[0])
    while start < end and text[start] in " ,":
        start += 1
    return start
