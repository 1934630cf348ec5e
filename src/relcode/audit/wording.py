"""Words that say whose experience is spoken of, and when: first person, present and past tense, by turn.

Lists and the word before, no parser: what is no listed verb has no tense here.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from relcode.transcripts.tokens import TokenTable

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

SELF, PRESENT, PAST = range(3)

_SELF = "i me my mine myself meself"
_BE_DO = "am 'm m is are 're re ai do does"
_S = "'s s"  # present after these, else a possessive or a plural
_BEFORE_S = "it that this he she what there here who how where everything something nothing everyone nobody one"
_HAVE = "have 've ve has"
_BASE = (
    "feel think know want need guess mean say see hear like love hate hope wish wonder believe suppose remember "
    "understand notice find keep try get go come make take give tell ask talk look sound seem work live sleep eat "
    "drink smoke cry worry care miss trust fear start stop stay leave wait hide hold carry push pull avoid blame "
    "call use play run walk sit stand lie pick turn move follow help lose win pay buy sell spend meet marry visit "
    "drive write teach learn choose deserve enjoy bother struggle panic freeze shut fight argue snap shout yell "
    "laugh smile breathe shake sweat react respond deal cope manage handle control plan prepare expect imagine "
    "realise realize agree disagree admit accept refuse deny promise forget ignore apologise apologize thank "
    "appreciate respect listen pretend act behave matter happen belong depend exist end bring wake overthink notice "
    "dread resent envy assume figure reckon prefer tend suffer ache doubt fall forgive"
)
_S_FORMS = (
    "feels thinks knows wants means says sees hears likes hates hopes wonders believes remembers understands "
    "notices finds keeps tries gets goes comes makes takes gives tells asks seems sounds lives sleeps eats cries "
    "worries cares misses trusts starts stops stays leaves hides holds pushes blames gets goes loses drives helps "
    "happens belongs depends exists brings matters reminds scares hurts annoys bothers upsets makes wakes reckons "
    "tends laughs yells shouts ignores refuses forgets"
)
_IRREGULAR = (
    "was were did had said went got came thought knew told took made felt found gave saw ran kept lost meant began "
    "brought bought caught chose drank drove ate fell fought flew forgot forgave froze grew heard held hid laid led "
    "lay met paid rang rose sat shook shot sang sank slept spoke spent stood stole stuck swore taught tore threw "
    "woke wore won wrote broke built became sent sold understood used"
)
_NO_PAST = "need red bed feed seed speed bleed breed indeed weed shed hundred embed exceed proceed succeed agreed"
_SUBJECTS = "i you we they u ya who people"
_PASSED_OVER = (
    "really just always never still also often usually sometimes even kinda sorta not n't nt only honestly definitely "
    "probably actually both all um uh er like totally completely"
)
_BEFORE_PARTICIPLE = (
    f"{_HAVE} had having be been being am 'm m is are 're re was were {_S} get gets got getting feel feels felt so very "
    "too a the"
)


def turn_wording(table: TokenTable) -> Ints:
    """Count words of the first person singular, present and past verb forms.

    Present: forms of *be*, *do* and *have* (the latter unless a participle follows), `'s` after a pronoun, and listed
    verbs after *I, you, we, they* or in `-s`. Past: listed irregular forms and `-ed`, unless *have*, *be* or *get* or
    an article stands before (participles). Modals have no tense.

    Returns
    -------
    array of int, axes (turn, `SELF`, `PRESENT`, `PAST`).
    """
    words = table.lower_words
    before = _word_before(table)

    def are(listed: str, rows: Ints = table.word) -> Bools:
        kept = frozenset(listed.split())
        flags = np.array([word in kept for word in words] + [False], dtype=np.bool_)
        return flags[rows]

    regular = np.array([_is_regular_past(word) for word in words], dtype=np.bool_)
    past_form = are(_IRREGULAR) | (regular[table.word] if len(words) else np.zeros(0, dtype=np.bool_))
    participle = past_form & are(_BEFORE_PARTICIPLE, before)
    past = past_form & (~participle | are("was were had did"))
    takes_participle = np.append(past_form[1:] & (table.turn_row[1:] == table.turn_row[:-1]), False)[: len(past_form)]
    base = are(_BASE) & are(_SUBJECTS, before)
    present = are(_BE_DO) | (are(_S) & are(_BEFORE_S, before)) | (are(_HAVE) & ~takes_participle) | base | are(_S_FORMS)
    marks = np.stack([are(_SELF), present, past & ~present], axis=1)
    counts = np.zeros((len(table.turn_session), 3), dtype=np.int64)
    np.add.at(counts, table.turn_row, marks & table.is_spoken[:, None])
    return counts


def _word_before(table: TokenTable) -> Ints:
    """By token: the row of the last word before it in its turn that is no adverb; the last row + 1 where there is none."""
    none = len(table.words)
    passed = frozenset(_PASSED_OVER.split())
    skipped = np.array([word in passed for word in table.lower_words] or [False], dtype=np.bool_)
    place = np.arange(len(table.word))
    stops = np.where(skipped[table.word], -1, place) if len(table.word) else place
    last = np.concatenate([[-1], np.maximum.accumulate(stops)])[: len(place)]
    same = (last >= 0) & (table.turn_row[np.maximum(last, 0)] == table.turn_row) if len(place) else last >= 0
    return np.where(same, table.word[np.maximum(last, 0)] if len(place) else none, none).astype(np.int64)


def _is_regular_past(word: str) -> bool:
    return word.endswith("ed") and len(word) > 4 and word not in _NO_PAST.split()
