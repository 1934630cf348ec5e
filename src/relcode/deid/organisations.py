"""Organisations: a word of their kind beside a name (`Larkmoor Elementary`, `University of Tennerly`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from relcode.deid.cues import FUNCTION, PERSON_VERBS, WORKING
from relcode.deid.lexicon import NEVER, know
from relcode.deid.lists import word_set
from relcode.deid.tokens import Token

# Words that end, or stand in, the name of an organisation.
KINDS = word_set(
    "school elementary college university academy polytechnic seminary hospital infirmary clinic surgery "
    "pharmacy hospice "
    "church chapel cathedral temple mosque masjid synagogue shul tabernacle parish ministries ministry gurdwara "
    "mandir abbey "
    "bank union insurance mutual assurance group associates partners systems solutions technologies technology "
    "industries "
    "foundation trust society institute center centre counseling counselling therapy psychology psychiatry "
    "wellness health "
    "healthcare medical medicine pediatrics paediatrics dental dentistry orthopedics cardiology oncology "
    "recovery rehab library "
    "gazette times press logistics freight trucking construction plumbing roofing landscaping bakery cafe café "
    "diner restaurant "
    "grill tavern pub brewery motors foods market grocers hardware salon spa nails llp llc ltd inc company corp "
    "corporation "
    "council agency club gym studio studios theatre nursery preschool daycare kindergarten kitchen collective "
    "services shelter "
    "sons daughters bros regional shield analytics electronics pharmaceuticals pharma laboratories labs "
    "software media "
    "airlines airways energy telecom engineering manufacturing steel textiles fabrics furniture holdings "
    "ventures consulting "
    "supermarket stores outfitters bookshop books coffee inn hotel lodge manor care primary secondary prep "
    "montessori "
    "playgroup fellowship congregation assembly baptist lutheran presbyterian methodist jobcentre firm chambers "
    "estates realty "
    "properties lettings veterinary vets kennels stables garage tyres tires autos transport haulage couriers "
    "lines plant mill "
    "works brewers distillery farm farms dairy cooperative co-op homes house housing association league "
    "federation network "
    "alliance initiative project program programme prison jail charity general memorial correctional "
    "penitentiary home plan "
    "high gallery museum savings electric "
    "barbers barbershop tattoo dealership depot warehouse bureau courthouse precinct "
    "deli bistro patisserie butchers florist opticians optometry chiropractic paediatric pediatric maternity "
    "rehabilitation"
)
# Kinds that are as well ordinary words or ends of place names: only with a capital, or with an unknown word before them.
LOOSE = word_set(
    "prison jail general memorial correctional home plan high gallery savings electric tattoo depot warehouse deli "
    "maternity times press market co house "
    "works lines plant mill farm farms manor lodge inn care group union trust society project program "
    "programme network league books coffee kitchen nursery homes primary secondary prep steel energy media "
    "garage club council "
    "sons daughters bros company services hotel health medical medicine recovery therapy counseling counselling "
    "psychology "
    "surgery housing association charity nails spa gym restaurant pub diner construction transport technology "
    "engineering "
    "regional shield electronics software insurance center centre shelter studio stores systems solutions partners "
    "associates firm agency library foods furniture salon bakery grill cafe hardware theatre assembly plumbing "
    "roofing "
    "landscaping manufacturing consulting estates properties wellness psychiatry daycare preschool kindergarten rehab"
)
# Kinds that stay part of the name although written small: "the Thistledown clinic".
SMALL_KINDS = word_set(
    "hospital clinic school elementary church college university academy bank hospice pharmacy mosque temple "
    "synagogue chapel"
)
# Words that make no kind a name: "the Catholic church", "community college", "a mental health clinic".
GENERIC = word_set(
    "catholic christian baptist methodist lutheran presbyterian anglican episcopal pentecostal orthodox "
    "evangelical mormon jewish muslim hindu "
    "community public private local state city county high middle elementary junior senior primary secondary "
    "grammar nursery graduate grad "
    "law medical med mental behavioral behavioural health dental emergency urgent care day night summer sunday "
    "boarding "
    "business art music drama film nursing vet veterinary animal women's womens men's mens children's childrens "
    "family teen youth general "
    "psychiatric psych eating sleep pain fertility abortion methadone rehab inpatient outpatient physical group "
    "couples art talk trauma "
    "occupational speech national international american british english spanish indian chinese italian mexican "
    "thai french greek insurance "
    "trade credit labor labour student teachers food blood job shopping fitness leisure sports sport swim yoga "
    "book country night "
    "health-care homeless domestic violence special catholic online driving home big small good bad new old "
    "whole nice car tech "
    "fast mega main local real life term total private cancer heart center centre support social community "
    "treatment house retirement "
    "assisted living detox crisis walk-in walkin cash child marriage couple cognitive dialectical exposure "
    "behavior behaviour massage schema "
    "narrative gestalt play equine solution solutions research higher further adult continuing early head start "
    "office post police fire "
    "train bus gas power filling radio tv space subway metro reproductive sexual public mental drug alcohol "
    "addiction va dbt cbt emdr iop "
    "regular normal weekly daily free cheap posh fancy busy village town parish state-run charter magnet "
    "catholic prep public "
    "reform same different another every weekend evening art coffee pet flower shoe clothing book grocery "
    "corner thrift "
    "hardware department dollar liquor candy toy paint auto body repair"
)
HEADS = word_set(
    "university bank church college school hospital institute academy ministry department diocese city bank "
    "society house order sisters"
)
SAINTS = frozenset(("saint", "st", "sts"))
_FIRM_PAIRS = {
    ("credit", "union"), ("medical", "center"), ("medical", "centre"), ("nursing", "home"),
    ("high", "school"), ("middle", "school"), ("psychiatric", "group"), ("dental", "group"),
    ("health", "plan"), ("memory", "care"), ("family", "medicine"), ("animal", "hospital"), ("medical", "group"),
    ("savings", "bank"), ("funeral", "home"), ("care", "home"), ("health", "center"), ("health", "centre"),
}  # fmt: skip
# "health insurance", "group therapy": after another kind these make no organisation.
_VAGUE_KINDS = word_set("insurance therapy care plan group program school services recovery homes society")
_BEGINS = word_set("new old little first")
_OWNED = word_set("a an my your his her our their this that some any no every each another which what")
# Ordinary words oftener than kinds.
_ONLY_CAPITAL = word_set("times works lines plant co press inn plan project network")
_WENT = word_set(
    "go goes went going gone drove admitted referred sent taken took transferred moved walked came come back "
    "over applied"
)
_BEFORE = word_set("at for with from to called near attend attended joined by of in since")
# What ends the walk back over the name of an organisation in small letters; "new", "little" may begin one.
_STOPS = FUNCTION - word_set("new old little big first second bank")
WALK = 4


def is_organisation(run: Sequence[Token]) -> bool:
    """Whether a run of capitalised words names an organisation by its kind."""
    plains = [token.plain for token in run]
    if len(run) < 2:
        return False
    if plains[0] in ("our", "the") and plains[1] == "lady":
        return True
    if any(token.gap.strip() == "&" for token in run[1:]):
        return True
    kinds = [n for n, plain in enumerate(plains) if plain in KINDS]
    if not kinds:
        return False
    named = [p for n, p in enumerate(plains) if n not in kinds and p not in GENERIC and p not in FUNCTION]
    if plains[0] in HEADS and "of" in plains:
        return bool(named)
    # "Folsom Prison Blues" is a song.
    follows = plains[kinds[-1] + 1 : kinds[-1] + 2]
    return kinds[-1] > 0 and bool(named) and follows in ([], ["of"], ["for"])


def organisations_in_small_letters(words: Sequence[Token]) -> Iterator[tuple[int, int, float]]:
    """Organisations in text without capitals: their first and last word, and how sure."""
    at, free = 0, 0
    while at < len(words):
        plain = words[at].plain
        found = None
        if plain in KINDS and plain not in _ONLY_CAPITAL:
            found = _by_kind(words, at, free)
        elif plain in SAINTS and at + 1 < len(words):
            found = _saint(words, at)
        elif plain == "lady" and at and words[at - 1].plain == "our":
            end = at + 2 if at + 2 < len(words) and words[at + 1].plain == "of" else at
            found = (at - 1, end, 0.85)
        if found is None and plain in HEADS and at + 2 < len(words) and words[at + 1].plain == "of":
            what = know(words[at + 2].plain)
            named = what.unknown or what.place != NEVER or what.clear or what.word == 9
            if named or (plain in ("university", "college", "bank") and words[at + 2].plain not in FUNCTION):
                found = (at, at + 2, 0.8)
        if found is not None:
            yield found
            at = free = found[1] + 1
        else:
            at += 1


def _by_kind(words: Sequence[Token], at: int, free: int) -> tuple[int, int, float] | None:
    end = at
    while end + 1 < len(words) and words[end + 1].plain in KINDS and words[end + 1].gap == " ":
        end += 1
    start = at
    while start > free and at - start < WALK and words[start].gap == " " and not _stops(words[start - 1].plain):
        start -= 1
    while start < at and _generic(words[start].plain) and words[start].plain not in _BEGINS:
        start += 1
    named = [token.plain for token in words[start:at] if not _generic(token.plain)]
    if not named:
        return None
    pair = (words[end - 1].plain, words[end].plain)
    loose = words[end].plain in LOOSE
    proper = [
        p
        for p in named
        if know(p).clear or know(p).unknown or (know(p).word <= 0 and (not loose or pair in _FIRM_PAIRS))
    ]
    before = words[start - 1].plain if start and words[start].gap == " " else ""
    if before in _OWNED and not (proper and words[end].plain not in LOOSE):
        return None
    if proper and (words[end].plain not in LOOSE or pair in _FIRM_PAIRS):
        return start, end, 0.86
    if proper and (before in _BEFORE or before == "the"):
        return start, end, 0.86
    if words[end].plain in ("house", "home", "place", "apartment") and named[-1].endswith("s"):
        return None
    two_kinds = end > at and words[end].plain not in _VAGUE_KINDS
    firm = words[end].plain in SMALL_KINDS or pair in _FIRM_PAIRS or two_kinds
    if firm and before not in _OWNED and (len(named) > 1 or before != "the"):
        return start, end, 0.55
    if before == "at" or (
        before in ("from", "to", "for", "with", "called", "through", "by", "near", "outside")
        and _told_of(words, start, named, words[end].plain)
    ):
        return start, end, 0.6
    return None


def _stops(plain: str) -> bool:
    return (
        plain in _STOPS
        or plain in PERSON_VERBS
        or (plain.endswith(("ed", "ing")) and know(plain).word != NEVER and not know(plain).name)
    )


def _told_of(words: Sequence[Token], start: int, named: Sequence[str], kind: str) -> bool:
    """Whether ordinary words before a kind are its name: "went to mercy ridge hospital", not "want to change school"."""
    before2 = words[start - 2].plain if start > 1 else ""
    if words[start - 1].plain == "to" and before2 not in _WENT:
        return False
    if words[start - 1].plain == "for":
        return before2 in WORKING
    return len(named) > 1 or kind not in LOOSE or words[start - 1].plain == "from"


def _saint(words: Sequence[Token], at: int) -> tuple[int, int, float] | None:
    end = at + 1
    what = know(words[end].plain)
    if not (what.name or what.unknown) or words[end].gap not in (" ", ". "):
        return None
    if words[end].plain.endswith("s") or words[end].possessive:
        return at, end, 0.8
    if end + 1 < len(words) and words[end + 1].plain in KINDS:
        while end + 1 < len(words) and words[end + 1].plain in KINDS:
            end += 1
        return at, end, 0.86
    return (at, end, 0.7) if at and words[at - 1].plain == "at" else None


def _generic(plain: str) -> bool:
    return plain in GENERIC or plain in KINDS
