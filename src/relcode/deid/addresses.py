"""Street addresses, units, post-office boxes and postcodes, written and said."""

from __future__ import annotations

import re
from collections.abc import Iterator

from relcode.deid.heard import Heard
from relcode.deid.lists import common_words
from relcode.deid.spoken import NUMBER_WORD, NUMBER_WORDS, UNIT, word_set

Found = tuple[int, int, str, float, str]

_SUFFIX = (
    r"(?:street|avenue|road|boulevard|lane|drive|court|terrace|circle|crescent|parkway|highway|turnpike|cul-de-sac|"
    r"gardens|parade|mews|trail|alley|promenade|esplanade|expressway|grove)"
)
_SHORT_SUFFIX = r"(?:St|Ave|Av|Rd|Blvd|Ln|Dr|Ct|Pl|Ter|Cir|Cres|Pkwy|Hwy|Sq)\b\.?"
_SOFT_SUFFIX = r"(?:way|place|close|row|square|bend|vista|park|path|run|hill|view|walk|loop|ridge|point|green|rise|quay|pike|crossing|landing|commons|plaza|route|bridge|heights|meadow|meadows|creek)"
_SAID_NUMBER = rf"(?:{NUMBER_WORD}(?:[ -](?:and )?{NUMBER_WORD}){{0,5}})"
# "N4416", "W220N150": grid addresses.
_GRID = r"(?:[NSEW]\d{1,5} ?)?[NSEW]\d{3,5}"
_NUMBER = rf"(?:{_GRID}|\d{{1,5}}(?:[A-Za-z]|[ -]?1/2|[/-]\d{{1,4}})?|{_SAID_NUMBER})"
_UNIT = (
    rf"(?:,?\s+(?:unit|apartment|apt\.?|suite|ste\.?|flat|room|number|lot|#) ?#?(?:\d+[- ]?[a-z]?\b|[a-z][- ]?\d+\b|"
    rf"{_SAID_NUMBER}(?: [a-z]\b)?|[a-z]\b(?! \w+ing\b)))"
)
_DIRECTION = r"(?:(?:north|south|east|west|northeast|northwest|southeast|southwest|[NSEW]\.?|NE|NW|SE|SW) )"
_NAME = r"(?-i:[A-ZÀ-Þ][\w'’.-]*|\d{1,3}(?:st|nd|rd|th)|(?:of|the|de|la|du|del|do|da|van|der|von|y|i))"
_UNIT_FIRST = rf"(?:(?:unit|apartment|apt\.?|suite|flat) (?:\d+[a-z]?|[a-z]|{_SAID_NUMBER}),? )?"
_CASED = re.compile(
    rf"(?<![\w$£€.,/-]){_UNIT_FIRST}(?:\d{{1,5}} )?{_NUMBER},? {_DIRECTION}?(?:{_NAME} ){{1,4}}(?:{_SUFFIX}|{_SOFT_SUFFIX}|(?-i:{_SHORT_SUFFIX}))"
    rf"(?![\w'’])(?: (?-i:[NSEW][EW]?|North|South|East|West)\b)?{_UNIT}?",
    re.I,
)
_PLAIN_SUFFIX = re.compile(
    rf"(?<![\w$£€.,/-]){_UNIT_FIRST}(?P<number>{_NUMBER}) (?P<name>(?:[\w'’]+ ){{1,3}}?)(?:{_SUFFIX}|ave|blvd|rd|ln|pkwy|hwy|{_SOFT_SUFFIX} (?:{_SUFFIX}|{_SOFT_SUFFIX})|(?P<soft>{_SOFT_SUFFIX}))\b{_UNIT}?",
    re.I,
)
_LIVES = (
    r"(?:live[sd]?|living|address(?: is|'s|s)?|house|home|moved?|moving|stay(?:s|ed|ing)?|grew up|apartment|place|rent|renting|"
    r"mail it|send it|sent it|deliver\w*|located|evicted|bought|sold|over|up|down|out)"
)
_NAMED_STREET = re.compile(
    rf"\b(?:on|off|at|to|from|down|up|near|by|of|and|corner of|along|past) (?P<x>(?:(?:north|south|east|west) )?(?P<name>[a-z'’]{{3,}}"
    rf"(?: [a-z'’]{{3,}})?) {_SUFFIX})\b(?! (?:smart|martial|side|view))"
)
_STREET_AND_NUMBER = re.compile(
    rf"\b(?:[A-Z][\w'’]+ ){{1,3}}(?i:{_SUFFIX}|{_SOFT_SUFFIX}),? (?:number |no\. |#)\d{{1,5}}\b"
)
_AT_NUMBER = re.compile(
    rf"\b{_LIVES}\b[^.?!\n]{{0,18}}?\b(?:at|to|on|is|from|was|it's|its) (?P<x>(?P<number>{_NUMBER}) (?P<name>(?:[^\W\d_][\w'’]+ ?){{1,2}}?))"
    rf"(?=[.,;?!]|$| (?:and|in|with|but|since|for|near|by|until|when|now|up|down|it|its|it's|my|we|i)\b)",
    re.I,
)
_NUMBERED_ROAD = (
    r"(?:(?:county|state|rural|farm|forest|farm to market|ranch)(?: trunk)? (?:road|route|highway|hwy)|county trunk|rural route)"
    r"(?: number)? (?:\d{1,4}(?!\d|\.\d)[a-z]?\b|(?-i:[A-Z]{1,3})\b(?!['’])|"
    rf"(?:[b-hj-z]|(?P<twice>[a-z])(?P=twice)|[a-z] [b-hj-z])\b(?!['’])|{_SAID_NUMBER})"
)
# With digits, and with number words as well.
_WITH_DIGITS: tuple[tuple[str, float, re.Pattern[str]], ...] = (
    ("unit of a building", 0.75, re.compile(r"\b(?:apartment|apt\.?|suite|ste\.|flat|unit) #?(?:\d{1,4}[a-z]?|[a-z]\d{1,3}|\d{1,4} [a-z])\b(?! (?:bedroom|of|people|hours|kids|rent))", re.I)),
    ("flat, number and street", 0.9, re.compile(r"\b(?:[Ff]lat|[Aa]partment|[Uu]nit) \d{1,3}[/ -]\d{1,2},? \d{1,4} (?:[A-ZÀ-Þ][\w'’-]+(?: [A-ZÀ-Þ][\w'’-]+)?|[a-z]{5,})\b")),
    ("postcode", 0.93, re.compile(r"\b(?:[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}|[A-Z]{1,2}\d[A-Z\d]?\d[ABD-HJLNP-UW-Z]{2}|[ABCEGHJ-NPRSTVXY]\d[A-Z][ -]?\d[A-Z]\d)\b")),
    ("postcode", 0.8, re.compile(r"\b(?:[a-z]{1,2}\d[a-z\d]? \d[abd-hjlnp-uw-z]{2}|[abceghj-nprstvxy]\d[a-z] \d[a-z]\d)\b")),
    ("zip code", 0.84, re.compile(r"(?<![\d$,.-])\d{5}-\d{4}(?![\d-])")),
    ("zip code", 0.72, re.compile(r"(?<![\w$£€#,.:/-])(?<!over )(?<!about )(?!\d+00\b)\d{5}(?![\w,:/%-]|\.\d|\s+(?:dollars|bucks|people|a year|a month|pounds|euros|steps|calories|miles|times|words|feet|followers|members|hours|square))")),
    ("street name of another country", 0.85, re.compile(r"(?:\b\d{1,5}[A-Za-z]? )?\b(?:Rua|Rue|Via|Viale|Vicolo|Piazza|Piazzetta|Corso|Calle|Avenida|Avda\.?|Av\.|Plaza|Paseo|Plac|ul\.|Ul\.|Ulica|Strada|Rruga|Chemin|Quai|Largo|Travessa)(?: [\w'’.]+){1,4} \d{1,4}\b|\b\d{1,4} (?:Rue|Avenue|Chemin|Quai|Boulevard|Place|Impasse|rue|avenue)(?: (?:de|du|des|la|le|d'|l'))*(?: [A-Z][\w'’-]+){1,3}")),
    ("street name of another country", 0.85, re.compile(r"(?:\b\d{1,5} )?\b(?:[A-ZÀ-Þ][\w.-]{1,25} ){0,2}(?:[A-ZÀ-Þ]?[\w-]{0,25}(?:stra(?:ss|ß)e|str\.|straat|gracht|gatan|gata|vej|veien|vegen|vegur|vägen|weg|gasse|platz|laan|plein|katu|kuja|tänav|utca|gade|vænget|ulice|allee|damm|út|tér)|[A-ZÀ-Þ][\w-]{2,25}(?:gate|ring|tie))(?: tér)? \d{1,4}\b")),
    ("number, name and number", 0.7, re.compile(r"\b\d{2,5} (?:[A-ZÀ-Þ][\w'’.-]+ ){1,4}\d{1,4}\b(?! (?:degrees|times|years|days|hours|minutes|points))")),
    ("military post", 0.9, re.compile(r"\b(?:PSC|Unit|CMR) \d+,? Box \d+|\b(?:APO|FPO|DPO) A[AEP] \d{5}\b")),
    ("road by letter or number", 0.75, re.compile(r"(?<![\w-])I-\d{1,3}(?!\w|-\w)(?: (?:[Nn]orth|[Ss]outh|[Ee]ast|[Ww]est)\b)?")),
    ("address after its word", 0.7, re.compile(r"\b(?i:lives? (?:at|on)|address(?: is|:)|located at|addresses?:|street is)\s(?P<x>(?:\d{1,5} )?(?:[A-ZÀ-Þ][\w'’.-]+ ){1,4}\d{1,4})\b")),
)  # fmt: skip
_WITH_WORDS: tuple[tuple[str, float, re.Pattern[str]], ...] = (
    ("numbered street", 0.7, re.compile(r"\b(?:(?:north|south|east|west|[NSEW]\.?) )?(?:\d{1,3}(?:st|nd|rd|th)|(?:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)[- ])?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|\w+teenth)) (?:street|avenue|ave\b\.?|(?-i:St\b\.?))(?! smart)", re.I)),
    ("post-office box", 0.93, re.compile(rf"\b(?:(?:p\.? ?o\.?|post office) )box (?:number )?(?:\d+|{_SAID_NUMBER})", re.I)),
    ("post-office box", 0.85, re.compile(rf"\b(?:(?:rural route|r\.? ?r\.?) (?:\d+|{_SAID_NUMBER}),? )box (?:number )?(?:\d+|{_SAID_NUMBER})", re.I)),
    ("road by letter or number", 0.85, re.compile(rf"\b{_NUMBERED_ROAD}", re.I)),
    ("number, and road by letter or number", 0.98, re.compile(rf"(?<![\w$£€.,/-]){_NUMBER} {_NUMBERED_ROAD}", re.I)),
    ("road by letter or number", 0.75, re.compile(rf"(?<!the )(?<!this )(?<!a )(?<!my )(?<!en )(?<!same )(?<!one )\b(?:route|highway|hwy\.?|interstate) (?:\d{{1,4}}\b(?![.:%]\d)|{_SAID_NUMBER})(?! (?:times?|hours?|minutes?|days?|miles?|years?|of|or|people|cars?)\b)(?: (?:north|south|east|west|business)\b(?! of))?", re.I)),
    ("lot of a park", 0.7, re.compile(rf"(?:\b(?:in|at|on|to|from|is|was|it's|its|live[sd]?|i'm|im) |(?<=\w, ))(?P<x>lot (?:number )?(?:#?\d{{1,3}}[a-z]?\b|{_SAID_NUMBER}))\b(?! (?:of|more|less))", re.I)),
    ("unit of a building", 0.7, re.compile(rf"\b(?:apartment|flat|unit|suite) {_SAID_NUMBER} [a-hj-z]\b", re.I)),
)  # fmt: skip
_STREETS = word_set(
    _SUFFIX.strip("(?:)").replace("|", " ").replace("-", " ")
    + " "
    + _SOFT_SUFFIX.strip("(?:)").replace("|", " ")
    + " apartment apt flat unit suite ste lot box st ave av rd blvd ln dr ct pl ter cir cres pkwy hwy sq interstate trunk"
)
_LIVING = word_set(
    "live lives lived living address house home move moved moving stay stays stayed staying grew apartment place rent renting "
    "mail send sent deliver delivers delivered located evicted bought sold over up down out"
)
_LIVED = re.compile(rf"\b{_LIVES}\b", re.I)
_CAPITAL = re.compile(r"(?!I\b)[A-Z]")
_SINGLE = re.compile(rf"{UNIT}|hundred|thousand|double|triple", re.I)
_NO_STREET = word_set(
    "a an the of in on at to for from by with and or but so if as is was were be been am are do did does has have had "
    "i you he she it we they me him her us them my your his its our their this that these those who what when where "
    "way down up out off over more most less hour hours minute minutes day days week weeks month months year years "
    "blocks block miles mile people times time dollars bucks feet car kids bad good wrong right "
    "different same other another side short one two three four five six seven eight nine ten "
    "percent thousand hundred degrees something years just not no yes like than then there here after before every any "
    "some all both each half bedroom bedrooms story night nights pounds houses lane times step steps going "
    "can cant could couldnt will wont would wouldnt dont didnt doesnt never always must should about "
    "street road avenue man men woman women guys guy friends friend hundred point points"
)


def find_addresses(heard: Heard) -> Iterator[Found]:
    """Addresses with a number, streets that are named, and codes of the post."""
    text = heard.text
    cased = _CAPITAL.search(text) is not None
    if heard.has_digits:
        yield from _by_patterns(text, _WITH_DIGITS)
    if heard.has(_STREETS):
        yield from _by_patterns(text, _WITH_WORDS)
        yield from _streets(text) if cased else _uncased_streets(text)
    if heard.has(_LIVING) and (heard.has_digits or heard.has(NUMBER_WORDS)):
        yield from _at_number(text, cased=cased)


def _by_patterns(text: str, patterns: tuple[tuple[str, float, re.Pattern[str]], ...]) -> Iterator[Found]:
    for name, probability, pattern in patterns:
        for match in pattern.finditer(text):
            yield *match.span("x" if "x" in pattern.groupindex else 0), "LOCATION", probability, name


def _streets(text: str) -> Iterator[Found]:
    for match in _STREET_AND_NUMBER.finditer(text):
        yield *match.span(), "LOCATION", 0.9, "street and number"
    for match in _CASED.finditer(text):
        if not _is_ordinary(match.group().split()[1:-1], least=1):
            yield *match.span(), "LOCATION", 0.97, "number and street"


def _uncased_streets(text: str) -> Iterator[Found]:
    """In text without capitals a street needs more: a long number, that somebody lives there, a name that is no word."""
    for match in _NAMED_STREET.finditer(text):
        names = match["name"].split()
        if not any(name in common_words() for name in names) and not _is_ordinary(names, least=0):
            yield *match.span("x"), "LOCATION", 0.7, "named street"
    for match in _PLAIN_SUFFIX.finditer(text):
        if _is_ordinary(match["name"].split(), least=0):
            continue
        lives = _LIVED.search(text, max(0, match.start() - 40), match.start()) is not None
        one_word = _SINGLE.fullmatch(match["number"]) is not None
        long_number = len(match["number"]) > 2 and match["number"][1:].isdigit()
        placed = (
            re.search(r"\b(?:at|to|on|from|near|past) $", text[max(0, match.start() - 8) : match.start()]) is not None
        )
        if lives or not (one_word or (match["soft"] and not long_number and not placed)):
            yield *match.span(), "LOCATION", 0.9 if lives else 0.82, "number and street"


def _at_number(text: str, *, cased: bool) -> Iterator[Found]:
    """ "She lives at forty-one Alder": a number and a name, where somebody lives."""
    for match in _AT_NUMBER.finditer(text):
        names = match["name"].split()
        if _is_ordinary(names, least=0) or _SINGLE.fullmatch(match["number"]):
            continue
        if cased and not all(name[:1].isupper() for name in names):
            continue
        if not cased and all(name in common_words() for name in names):
            continue
        start = match.start("x")
        yield start, start + len(match["x"].rstrip()), "LOCATION", 0.62, "number where somebody lives"


def _is_ordinary(names: list[str], *, least: int) -> bool:
    """Whether words between a number and "street" are ordinary speech ("two blocks down the street")."""
    ordinary = sum(name.strip(",").lower() in _NO_STREET and name.islower() for name in names)
    return ordinary > least
