"""Names that are words as well (mark, rose, will): whether what stands around one means a person."""

from __future__ import annotations

from relcode.deid import cues
from relcode.deid.evidence import Around, Judged
from relcode.deid.lexicon import NEVER, Known, know
from relcode.deid.lists import word_set
from relcode.deid.tokens import Token

ARTICLES = word_set("the a an my your his her our their this that some no any be so too very more")
# What stands before an ordinary word oftener than before a name: "at dawn", "every penny", "with grace".
BEFORE_WORDS = word_set(
    "i you we they he she hes shes one not question theres like at every each with without of was is are to be "
    "by in for and or just get got pure good bad what much more little per"
)
OBJECTS = word_set(
    "the a an it that this my your his her our their these those them me him us you of over out up to so"
)
_SUBJECTS = word_set("i you he she it we they who that there this")
# Names that are verbs as well: "mark my brother down".
_BEFORE_OBJECTS = cues.AUXILIARIES - word_set("art rose") | word_set("grant trust pay")
_NOT_AFTER_AUXILIARIES = word_set("till until with without from at who whos")
_MODALS = word_set("would could should will can might")
_HAILS = word_set("hi hey hello thanks bye morning evening")
_ASKED = word_set("what how where when why whats hows did do can could would are were")
_TOLD_YOU = word_set("said told were mentioned had have just seem looked look know talked spoke sounded sound")
# Names that tell as well what somebody is like: "my brother is gay he".
LIKE = word_set(
    "gay rich frank sunny sandy ginger randy merry jolly young early royal noble blue happy chance bliss "
    "sterling dusty light love christian"
)
_AFTER_BEING = word_set("she he shes hes who")
BEGINNINGS = word_set("and but so then because when if that says said")
_PRESENTED = word_set("im its am hes shes")
TOLD = cues.SPEAKING_TO | cues.GREETINGS


def is_someone(token: Token, around: Around) -> bool:
    """Whether "will" or "may" is a person: "will was", "will would", "asked for will" - not "they may put", "i will put"."""
    if around.before in ARTICLES or around.before in _SUBJECTS:
        return False
    modal = token.plain == "will" and around.after in _MODALS
    if around.after in _NOT_AFTER_AUXILIARIES and (around.related or not around.before):
        return True
    return around.does or modal or (not around.after and around.before in TOLD | {"for", "with"})


def of_a_relative(token: Token, around: Around) -> bool:
    """Before who it is: "miles my grandson"; not "i hope my sister"."""
    if around.before in _SUBJECTS or token.plain in _BEFORE_OBJECTS or token.plain in cues.ABSTRACT:
        return False
    return around.after in ("my", "his", "her") and around.ahead(2) in cues.RELATIONS


def spoken_to_first(token: Token, what: Known, around: Around) -> bool:
    """The first word, before what one is asked or told: "violet how was it", "and rose you said"."""
    if what.odds < -3 or token.plain in _BEFORE_OBJECTS or token.plain in cues.ABSTRACT:
        return False
    opens = not around.before or (around.before in BEGINNINGS and not around.before2)
    asked = around.after in _ASKED or (around.after == "you" and around.ahead(2) in _TOLD_YOU)
    return opens and asked


def spoken_of(token: Token, what: Known, around: Around) -> bool:
    """Before what is said of a person: "beryl she lost", "pearl hes my", "joy just turned five"; not "hope she"."""
    if what.odds < -3 or token.plain in _BEFORE_OBJECTS or around.before in BEFORE_WORDS - {"and"}:
        return False
    aged = around.after == "turned" or (around.after in ("just", "finally") and around.ahead(2) == "turned")
    if aged and know(around.ahead(3)).word == 9:
        return around.before not in ARTICLES - {"so"}
    opens = not around.before or around.before in BEGINNINGS
    return opens and (around.after in ("shes", "hes") or (around.after in ("she", "he") and bool(around.ahead(2))))


def full_name(around: Around) -> bool:
    """Before a surname that is no word, perhaps with an initial between, and not after what verbs follow."""
    initial = len(around.after) == 1 and around.after not in ("i", "a", "u")
    acts = around.before in _SUBJECTS or around.before in ("not", "will", "would", "dont", "didnt", "cant")
    if around.before in ARTICLES or (acts and not initial):
        return False
    presented = around.before in _PRESENTED and know(around.after)
    if presented and ((presented.unknown and len(around.after) > 3) or (presented.clear and presented.last >= 0)):
        return True
    surname = know(around.ahead(2) if initial else around.after)
    likely = surname.clear and surname.last >= 3 and surname.first < 5
    between = know(around.after)
    second = know(around.ahead(2))
    if between.clear and between.first >= 4 and (second.clear or (second.last >= 3 and second.odds >= -3)):
        return True
    return likely or (initial and surname.unknown and len(around.ahead(2)) > 3)


def word_or_name(token: Token, what: Known, around: Around) -> Judged:
    """A name that is a word, by what people do and what is done to them."""
    surname = know(around.after) if around.after else None
    if surname is not None and surname.last != NEVER and surname.clear and surname.first < 5:
        return "NAME", 0.85, "first name and surname"
    if around.before in cues.SPEAKING_TO or (around.before in _HAILS and what.odds >= -2):
        return "NAME", 0.7, "name that is a word, after words that people follow"
    related = around.before in ("is", "was") and around.before2 in cues.RELATIONS and token.plain not in LIKE
    if related and what.odds >= -1:
        return "NAME", 0.6, "name that is a word, of a relative"
    if related and what.first >= 4 and (not around.after or around.after in _AFTER_BEING):
        return "NAME", 0.6, "name that is a word, of a relative"
    if around.spoken_to_at_the_end:
        return "NAME", 0.6, "spoken to by a name that is a word"
    modal = around.after in _MODALS and token.plain not in cues.ABSTRACT
    if modal and what.odds >= -2 and around.before not in _SUBJECTS:
        return "NAME", 0.6, "name that is a word, before what people do"
    if what.odds >= -3 and _beside_a_name(around):
        return "NAME", 0.6, "name that is a word, beside another name"
    opens = not around.before or around.before in BEGINNINGS
    if opens and ((around.does and what.odds >= -2) or around.acts_surely):
        return "NAME", 0.6, "name that is a word, before what people do"
    if around.acts and around.after not in ("does", "did", "has", "had", "never", "always") and what.odds >= -2:
        return "NAME", 0.55, "name that is a word, before what people do"
    order = token.plain in _BEFORE_OBJECTS and around.after in OBJECTS | {"what"}  # "mark the calendar"
    doubtful = what.odds < -1 or order or around.before in BEFORE_WORDS
    return "NAME", 0.35 if doubtful else 0.5, "name that is a word"


def _beside_a_name(around: Around) -> bool:
    """Joined by "and" to another word that is a name."""
    other = around.before2 if around.before == "and" else around.ahead(2) if around.after == "and" else ""
    return know(other).first >= 3 and other not in cues.ABSTRACT and know(other).odds >= -3
