"""Which class a number belongs to, by the words beside it: the nearest word that calls for a number decides."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Per class: words that announce a number of it outright, and words that do so only before something like a code.
_STRONG = {
    "SSN": r"social security(?: number)?|social(?! (?:work|media|anx|phob|life|skill|serv|group|norm|event|situ|circle|"
    r"butterf|isol|thing|distanc|scien|stud|pressure|cue|batter|drink|support|interact|setting|gather|care))|ssn|"
    r"last four(?: digits| numbers)?(?! (?:week|month|day|year|time|hour|session|minute|night|visit|appoint|decade))|"
    r"national insurance(?: number)?|ni number|social insurance number|pps number|tax file number|aadhaar",
    "MRN": r"medical records? (?:number|no|id)|medical records?|record (?:number|no|id)|chart (?:number|no|id)|mrn|"
    r"patient (?:number|no|id)|hospital (?:number|no|id)|nhs number|wrist ?band|health record",
    "PLAN_ID": r"(?:insurance|medicare|medicaid|health|anthem|aetna|cigna|kaiser|humana|blue cross)(?: plan| card)? "
    r"(?:number|no|id)|member(?:ship)? (?:number|no|id)|member id(?:entification)?|policy (?:number|no|id)|"
    r"plan (?:number|no|id)|group (?:number|no|id)|subscriber(?: number| id)?|beneficiary(?: number| id)?|"
    r"prior auth(?:ori[sz]ation)?|authori[sz]ation(?: number| code)?|claim (?:number|no|id)|insurance id|insurance card",
    "ACCOUNT": r"(?:bank |checking |savings )?account (?:number|no|id)|(?:credit |debit |bank )?card (?:number|no)|"
    r"routing(?: number)?|sort code|iban|loan (?:number|no|id)|mortgage (?:number|no)|(?:credit|debit) card",
    "LICENSE": r"(?:driver.?s? |driving |nursing |medical )?licen[cs]e (?:number|no|id)|licen[cs]ure number|"
    r"certificate (?:number|no)|certification (?:number|no)|permit (?:number|no)|passport (?:number|no)|passport|"
    r"cdl|dea number|npi(?: number)?|bar number|mariner.?s? (?:card|ticket|credential|document)|seaman.?s? book|"
    r"driv(?:er.?s?|ing) licen[cs]e",
    "VEHICLE": r"licen[cs]e plates?(?: number)?|plates?(?: number)?|number ?plates?|regos?|tag number|vin(?: number)?|"
    r"vehicle identification number|(?:car|vehicle) registration|reg number",
    "DEVICE": r"serial(?: number| no)?|imei(?: number)?|device (?:number|id)|implant (?:number|id)|mac address|udi|"
    r"model number|lot number|asset tag(?: number)?",
    "BIOMETRIC": r"(?:finger|hand|palm) ?prints?(?: file| card| scan| id| record)?|thumb ?prints?|iris(?: scan| template| id)?|"
    r"retinas?(?: scan)?|voice ?prints?|"
    r"(?:ear|face) ?(?:map|scan|template)s?|biometrics?|face (?:scan|id|template)|palm ?(?:print|scan)|foot ?prints?(?: card)?",
    "OTHER_ID": r"case (?:number|no|id)|client (?:number|no|id)|court case|"
    r"ham call|call ?sign|badge(?: number| no| id)?|(?<!blue )(?<!green )shield(?: number| no)?|"
    r"docket(?: number)?|"
    r"(?:student|tenant|tenancy|prisoner|offender|pupil|crew|crime|clock|payroll|army|navy|regimental|collar|roll|candidate|"
    r"union|complaint) (?:number|no|id|reference|ref)|"
    r"employee (?:number|no|id)|staff (?:number|id)|report (?:number|no)|"
    r"(?:inmate|booking|warrant|incident|reference|confirmation|ticket|file|order|participant|study|tracking|alien|"
    r"service|register|library card|voter|caseworker|officer|user|locker|dog tag|id|i d|club|ucas|hesa)"
    r" (?:number|no|id)|rx number|prescription number|pin(?: number| code)|pass ?code",
    "LOCATION": r"zip(?: code)?s?|post ?codes?|postal codes?|eircode",
    "FAX": r"fax(?:ed|es|ing)?(?: number| line| machine)?",
    "PHONE": r"(?:phone|cell|mobile|telephone|direct|home|work|office|contact|emergency|landline|whatsapp)(?: phone)? "
    r"(?:number|line|no)|cell ?phone|phone number|extension|direct line|landline|voicemail|pager|beeper",
}
_WEAK = {
    "MRN": r"chart|records?|patient|bracelet|band on|nhs",
    "PLAN_ID": r"member|policy|plan|insurance|medicare|medicaid|supplement|coverage|aetna|anthem|cigna|humana|"
    r"blue (?:cross|shield)|kaiser|united ?health(?:care)?|tricare|molina|bcbs|group|insurer|claim|copay",
    "ACCOUNT": r"accounts?|acct|card|loan|mortgage|checking|savings|bank|visa|mastercard|amex|venmo|ending(?: in| with)?|"
    r"ends (?:in|with)",
    "LICENSE": r"licen[cs]e|licen[cs]ure|certificat\w+|registration|permit|licensed|renewal",
    "VEHICLE": r"(?<!dog )(?<!asset )tags?|truck|car|van|suv|sedan|pickup|minivan|honda|toyota|ford|chevy|chevrolet|subaru|civic|"
    r"camry|corolla|accord|"
    r"jeep|nissan|kia|hyundai|mazda|prius|altima|bmw|volvo|tesla|dodge|buick|lexus|audi|volkswagen|outback|mercedes|"
    r"peterbilt|motorcycle|motorbike|scooter|moped|lorry|hatchback|ute|trailer|reg",
    "DEVICE": r"device|(?<!a )(?<!whole )lot|implant|pump|pacemaker|defibrillator|stimulator|cpap|machine|laptop|monitor|"
    r"model|meter|"
    r"hearing aid|phone's|ventilator|wheelchair|sensor|router|tablet|ipad|recorder|watch|scanner|tracker|breathalyzer|prosthe\w+",
    "BIOMETRIC": r"bio|(?:ear|face) ?maps?|vein|gait|thumb|palm|face|print|prints|eye|scan|template|login",
    "OTHER_ID": r"case|student|employee|report|ticket|reference|id|i\.?d\.?|docket|court|locker|inmate|warrant|number|"
    r"code|username|confirmation|(?<!on )file",
    "PHONE": r"call(?:ed|ing)?|phoned?|cell|mobile|telephone|ring|rang|reach|text(?:ed|ing)?|line|"
    r"dial(?:l?ed|l?ing)?|whatsapp|number's|desk|office|home",
}
_ANNOUNCED = re.compile(
    r"\b(?:"
    + "|".join(f"(?P<{label}_s>(?:{words})(?:['’]?s)?)" for label, words in _STRONG.items())
    + "|"
    + "|".join(f"(?P<{label}_w>(?:{words})(?:['’]?s)?)" for label, words in _WEAK.items())
    + r")\b",
    re.I,
)
_NUMBER = re.compile(r"\b(?:number|numbers|no\.|id|i\.d\.|digits|code|ending|ends|starts|#|serial)(?:['’]?s)?\b", re.I)
_NO_CODE = re.compile(r"\b(?:in case|just in case|number one|worst case|no account|plan to|of course)\W*$", re.I)
_AFTER = re.compile(r"^\W*(?:(?:was|is|that|thats|that's|that’s|it|its|it's|it’s|were|on|for|my|his|her|the|our|their|"
                    r"there|old|new|and|as)\W+){1,5}$", re.I)  # fmt: skip
_STATE = re.compile(
    r"\b(?:alabama|alaska|arizona|arkansas|california|colorado|connecticut|delaware|florida|georgia|hawaii|idaho|"
    r"illinois|indiana|iowa|kansas|kentucky|louisiana|maine|maryland|massachusetts|michigan|minnesota|mississippi|"
    r"missouri|montana|nebraska|nevada|new hampshire|new jersey|new mexico|new york|north carolina|north dakota|ohio|"
    r"oklahoma|oregon|pennsylvania|rhode island|south carolina|south dakota|tennessee|texas|utah|vermont|virginia|"
    r"washington|west virginia|wisconsin|wyoming|(?-i:(?<=, )(?:A[LKZR]|C[AOT]|D[CE]|FL|GA|HI|I[DLNA]|K[SY]|LA|M[EDAINSOT]|"
    r"N[EVHJMYCD]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[TA]|W[AVIY])))[,.]?\s*$",
    re.I,
)
_REACH = 90
_FAR = 60
_OF_ONE = 50  # so far apart a word of a class and "number" may speak of one thing
_SENTENCE = re.compile(r"[.?!] ")


@dataclass(frozen=True)
class Announced:
    """The class that the words near a number call for."""

    label: str
    strong: bool
    distance: int  # in characters
    words: str  # of the table above, for the reason; never of the transcript alone

    @property
    def is_general(self) -> bool:
        """Whether the words call for a number of no class: "number", "ID"."""
        return self.label == "OTHER_ID" and _bare(self.words) in _GENERAL


def _bare(words: str) -> str:
    return re.sub(r"['’]?s$", "", words)


_GENERAL = {"id number", "id no", "i d number", "number", "code", "id", "i.d", "i.d.", "reference"}


def announced_before(window: str) -> Announced | None:
    """The nearest announcing words in `window`, the text before a number (only its last 90 characters count)."""
    window = window[-_REACH:]
    nearest: Announced | None = None
    outright: Announced | None = None
    for match in _ANNOUNCED.finditer(window):
        words = match.group().lower()
        label, _, kind = (match.lastgroup or "").rpartition("_")
        if kind == "w" and _NO_CODE.search(window[: match.end()]):
            continue
        between = window[match.end() :]
        general = (label == "OTHER_ID" and _bare(words) in _GENERAL) or words.startswith("end")
        if general and nearest is not None and nearest.distance - len(between) <= _OF_ONE:
            # "number", "ID", "ending" after a word of a class: of that class, and outright.
            nearest = Announced(nearest.label, True, len(between), nearest.words)
        else:
            strong = kind == "s" or (not general and _NUMBER.search(between) is not None)
            nearest = Announced(label, strong, len(between), words)
        if nearest.strong:
            outright = nearest
    if nearest is not None and not nearest.strong and outright is not None and outright.distance <= _FAR:
        return outright if _SENTENCE.search(window[len(window) - outright.distance :]) is None else nearest
    return nearest


def after_state(window: str) -> bool:
    """Whether `window` ends with the name of a state: five digits after it are a zip code."""
    return _STATE.search(window[-20:]) is not None


def fax_talk(window: str) -> bool:
    """Whether a fax was spoken of in `window`."""
    return re.search(r"\bfax", window[-160:], re.I) is not None


def announced_after(window: str) -> Announced | None:
    """Announcing words right after a number: "... is my badge"."""
    match = _ANNOUNCED.search(window[:45])
    if match is None or not _AFTER.match(window[: match.start()]):
        return None
    label, _, kind = (match.lastgroup or "").rpartition("_")
    return Announced(label, kind == "s", match.start(), match.group().lower())
