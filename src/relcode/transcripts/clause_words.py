"""The closed classes of English words by which clauses are found: what may open one, be its subject, be its verb.

Words are in lower case with straight apostrophes, as spaCy's tokenizer cuts them (`don't` is `do`, `n't`; a recogniser's
`dont` is `do`, `nt`). A word may be of several kinds. Open classes (nouns, most verbs) are not listed.
"""

from __future__ import annotations

from enum import IntFlag, auto


class Kind(IntFlag):
    """What a word may be in a clause."""

    SUBJECT = auto()  # can be nothing but a subject: I, he
    PRONOUN = auto()  # subject or object: you, it, everybody
    DETERMINER = auto()  # begins a noun phrase: the, my
    AUXILIARY = auto()  # finite auxiliaries, which may stand before their subject: did, is
    CLITIC = auto()  # 's, 'll after a subject
    VERB = auto()  # frequent finite verbs
    CONJUNCTION = auto()  # joins clauses of equal rank: and, but
    SUBORDINATOR = auto()  # makes the clause behind it a part of another: because, that
    FRONTED = auto()  # a subordinator that often opens a sentence: when, if
    QUESTION = auto()  # what, how
    TAKES_CLAUSE = auto()  # verbs and adjectives with a clause as object: think, said, sure
    TELLS = auto()  # the same, with a person between: told me
    ANTECEDENT = auto()  # nouns that a clause follows without a pronoun: the way you said it
    OPEN_ENDED = auto()  # nothing ends with it: the, to
    MARKER = auto()  # said before a clause, part of it: well, yeah, um
    TRANSPARENT = auto()  # stands anywhere between subject and verb: just, not
    OBJECT = auto()  # me, him
    BE = auto()  # is, was
    PREPOSITION = auto()
    NAME = auto()  # written like a name
    LETS = auto()  # let's, let me
    QUOTES = auto()  # what was said or thought follows, with a comma too: said, like
    NEGATION = auto()
    FILLER = auto()  # a marker wherever it stands: um
    YOU = auto()  # takes the verb's base form: you know, people know
    BASE = auto()  # base forms, which cannot follow it, that
    ME = auto()  # me, us behind let, tell
    RELATIVE = auto()  # question words that are mostly relative: who
    THAT = auto()
    REPORTS = auto()  # behind a quote: he said
    MODAL = auto()
    HEDGE = auto()  # behind "I" no clause of its own: guess, think
    WORD = auto()  # any word at all


_SUBJECTS = "i he she we they ye yous y'all"
_PRONOUNS = (
    "you it that this there these those himself herself everyone everybody someone somebody nobody anybody anyone people "
    "nothing something everything mum mam mom mammy dad daddy"
)
_FUSED_SUBJECTS = "nobodys everyones everybodys someones somebodys somethings everythings itll thatll"
_DETERMINERS = "the a an my your his her our their me some no every each another that this these those its"
_BE = "am is are was were 's s 're re 'm m ai"
_AUXILIARIES = (
    "am is are was were do does did have has had will would can ca could should shall might must may wo ai gonna"
)
_CLITICS = "'s s 're re 'm m 've ve 'll ll 'd d"
_VERBS = (
    "go goes went get gets got know knows knew think thinks thought say says said tell tells told ask asks asked feel "
    "feels felt want wants wanted need needs needed see sees saw look looks looked come comes came take takes took make "
    "makes made keep keeps kept let lets give gives gave find found leave left call calls called try tries tried seem "
    "seems seemed mean means meant sound sounds sounded happen happens happened start starts started stop stops stopped "
    "sit sits sat stand stands stood like likes liked love loves loved hate hates hated used put puts run ran write "
    "wrote hear heard remember wonder hope guess believe wish notice noticed work works worked talk talks talked help "
    "helps helped live lives lived walk walked bother bothers bugged hurt hurts turn turned move moved play played "
    "show showed learn learned understand bring brought buy bought sleep slept eat ate cry cried gets drives drove "
    "wants becomes became hit hits held hold lost lose won send sent spend spent ends ended wait waits waited ring rang "
    "threw wake woke wear wore fell fall broke break forgot forget dies died drink drank blew drew flew grew chose caught "
    "taught fought built felt paid met read rode rose shook shot shut spoke stole stuck swore tore understood won wondered "
    "cut set quit cost"
)
_BASE = (
    "are am were do have go get know think say tell ask feel want need see look come take make keep give find leave call "
    "try seem mean sound happen start stop sit stand like love hate use run write hear remember wonder hope guess "
    "believe wish notice work talk help live walk bother turn move play show learn understand bring buy sleep eat cry "
    "hold lose send spend wait ring wake wear fall break forget drink"
)
_CONJUNCTIONS = "and but or so then yet nor plus"
_SUBORDINATORS = (
    "that because 'cause cause cos 'cos cuz coz if when whenever while whilst that who whom whose which what where wherever how "
    "why whether than as until till 'til after before since although though unless like once whatever except whereas "
    "lest"
)
_FRONTED = "if when whenever while since although unless because every"
_QUESTIONS = "what how why where when who"
_TAKES_CLAUSE = (
    "think thinks thought thinking say says said saying know knows knew knowing guess guessed feel feels felt feeling "
    "hope hopes hoped hoping wish wishes wished believe believed suppose supposed bet swear realise realised realize "
    "realized mean means meant imagine imagined pretend pretended reckon reckoned assume assumed figure figured "
    "wonder wondered wondering noticed notice heard hear decided worry worried see saw remember seems seem seemed "
    "sure glad afraid scared certain aware happy surprised goes went like noticing saying ask asked told texted admit admitted "
    "sounds sounded shame lucky understand forgot forget"
)
_TELLS = "tell tells told ask asked asks remind reminded promised promise warned show showed"
_ANTECEDENTS = (
    "thing things way time times day days reason bit one ones stuff everything anything all minute moment week night "
    "place amount kind first last year months years weeks more less"
)
_OPEN_ENDED = "the a an my your his our their to of 'm m gonna wanna very gon na into from"
_MARKERS = (
    "um uh er erm uhm hmm hm mm ah oh well yeah yes yep yup no nah nope okay ok right alright anyway look listen aye "
    "sure actually maybe honestly basically obviously apparently ha wow god hey hi hello hiya please sometimes"
)
_TRANSPARENT = (
    "not n't nt just really always never still also only even already probably nearly almost kinda sorta literally "
    "ever all both definitely totally usually often quite hardly finally simply certainly exactly"
)
_OBJECTS = "me him her us them you it myself himself herself themselves"
_PREPOSITIONS = (
    "of to in on at by for with from about into over under between through without near behind against around off"
)

_LISTS: dict[Kind, str] = {
    Kind.SUBJECT: f"{_SUBJECTS} {_FUSED_SUBJECTS}",
    Kind.PRONOUN: _PRONOUNS,
    Kind.DETERMINER: _DETERMINERS,
    Kind.AUXILIARY: _AUXILIARIES,
    Kind.CLITIC: _CLITICS,
    Kind.VERB: _VERBS,
    Kind.CONJUNCTION: _CONJUNCTIONS,
    Kind.SUBORDINATOR: _SUBORDINATORS,
    Kind.FRONTED: _FRONTED,
    Kind.QUESTION: _QUESTIONS,
    Kind.TAKES_CLAUSE: _TAKES_CLAUSE,
    Kind.TELLS: _TELLS,
    Kind.ANTECEDENT: _ANTECEDENTS,
    Kind.OPEN_ENDED: _OPEN_ENDED,
    Kind.MARKER: _MARKERS,
    Kind.TRANSPARENT: _TRANSPARENT,
    Kind.OBJECT: _OBJECTS,
    Kind.BE: _BE,
    Kind.PREPOSITION: _PREPOSITIONS,
    Kind.LETS: "lets let tell",
    Kind.QUOTES: "say says said goes went gone go thought asked ask like going",
    Kind.NEGATION: "not n't nt never",
    Kind.FILLER: "um uh er erm uhm hmm hm mm ah oh",
    Kind.YOU: "you people these those",
    Kind.BASE: _BASE,
    Kind.ME: "me us",
    Kind.RELATIVE: "who when where",
    Kind.THAT: "that",
    Kind.REPORTS: "said says say goes asked asks went told replied shouted",
    Kind.MODAL: "can ca could would will wo 'll ll 'd d might",
    Kind.HEDGE: "say guess think suppose reckon hope bet swear imagine believe",
}

_WORD = int(Kind.WORD)
_PAST, _NAME = int(Kind.VERB) | _WORD, int(Kind.NAME) | _WORD
_SHORT_PAST = 4  # letters: "need", "red" end like past forms

KINDS: dict[str, int] = {}
for _kind, _listed in _LISTS.items():
    for _word in _listed.split():
        KINDS[_word] = KINDS.get(_word, _WORD) | int(_kind)


def kinds_of_word(word: str) -> int:
    """The kinds of a word as it is written, added up."""
    return KINDS.get(word.lower().replace("’", "'")) or _kind_by_form(word)


def _kind_by_form(word: str) -> int:
    """Words of no list: regular past forms, and what is written like a name."""
    if word.endswith("ed") and len(word) > _SHORT_PAST:
        return _PAST
    return _NAME if word[:1].isupper() else _WORD
