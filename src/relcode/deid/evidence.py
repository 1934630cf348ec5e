"""What stands around a word: titles, relatives, greetings, verbs of living and working."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from relcode.deid import cues
from relcode.deid.lexicon import NEVER, know
from relcode.deid.lists import word_set
from relcode.deid.tokens import Token

_OWNERS = word_set("my his her our their your")
_NAMED = word_set("named nicknamed christened nickname")
_CALLED = word_set("called call")
_THOSE_CALLED = word_set(
    "is was he's she's he she it it's place guy girl woman man someone somebody im hes shes s friend kid town boy"
)
_CALLERS = word_set("call called calls calling name named naming")
_SAY = word_set("say says do")
_PEOPLE = word_set("everybody everyone people")
# "has me as zor", "got her down as zor".
_LISTED = word_set("me him her them us down")
_HAS = word_set("has have had got me him her them us")
_ANYTHING = word_set("nothing something everything anything")
_PLAINLY = word_set("actually really just also still")
_PRESENTING = word_set("it's its it i'm im i this")
_CARRIED = word_set("me him her us them it back over")
_JOINED_WITH = word_set("job bank banks employed hired insured insurance internship placement")

# Label, probability and reason.
Judged = tuple[str, float, str]


class Candidate(NamedTuple):
    """A possible identifier in a turn."""

    start: int
    end: int
    label: str
    probability: float
    reason: str


def broken_off(words: Sequence[Token], at: int) -> bool:
    """Whether a word is the beginning of one said in full right after it: "i mea i mean", "thi- think"."""
    plain = words[at].plain
    what = know(plain)
    if len(plain) > (7 if what.unknown else 4) or what.first > 2 or what.last > 3:
        return False
    following = [
        token.plain
        for token in words[at + 1 : at + 4]
        if token.plain.startswith(plain) and token.plain not in (plain, plain + "s")
    ]
    return any(know(word).word != NEVER and not know(word).clear for word in following)


class Around:
    """The words before and after a stretch of words, without crossing the end of a sentence; empty where there is none."""

    def __init__(self, words: Sequence[Token], first: int, last: int) -> None:
        self.words, self.first, self.last = words, first, last
        self.before = self.back(1)
        self.before2 = self.back(2) if self.before else ""
        self.before3 = self.back(3) if self.before2 else ""
        self.after = self.ahead(1)

    def back(self, steps: int) -> str:
        at = self.first - steps
        if at < 0 or any(self.words[n].opens for n in range(at + 1, self.first + 1)):
            return ""
        return self.words[at].plain

    def ahead(self, steps: int) -> str:
        at = self.last + steps
        if at >= len(self.words) or any(self.words[n].opens for n in range(self.last + 1, at + 1)):
            return ""
        return self.words[at].plain

    @property
    def titled(self) -> bool:
        """After "Dr.", "Nurse", "Uncle"."""
        return self.before in cues.TITLES and self.words[self.first].gap in (" ", ". ")

    @property
    def surely_titled(self) -> bool:
        """After a title that is no word for a relative."""
        return self.before in cues.SURE_TITLES and self.words[self.first].gap in (" ", ". ")

    @property
    def named(self) -> bool:
        """After "my name is", "her name's", "named", "called", "goes by", "call me"."""
        before, before2 = self.before, self.before2
        if before in _NAMED:
            return True
        if before in ("name", "names"):
            contracted = self.words[self.first - 1].full_end > self.words[self.first - 1].end
            return contracted or (before == "names" and before2 in _OWNERS)
        if before in ("is", "was"):
            return before2 in ("name", "nickname")
        if before in _PLAINLY:
            return before2 in ("is", "was") and self.before3 == "name"
        if before in _SAY:
            return before2 in _PEOPLE and not self.after and self.words[self.first].gap == " "
        if before == "by":
            return before2 in ("go", "goes", "went", "going")
        if before == "as":
            return before2 in _LISTED and self.before3 in _HAS
        if before in _CALLED:
            return before2 in _THOSE_CALLED
        return before in ("me", "him", "her", "them", "it") and before2 in _CALLERS

    @property
    def that_is_the_name(self) -> bool:
        """Before "is my name", "was her name"."""
        if self.words[self.first].plain in _ANYTHING:
            return False
        return self.after in ("is", "was") and self.ahead(2) in _OWNERS and self.ahead(3) in ("name", "nickname")

    @property
    def related(self) -> bool:
        """After "my sister", "my ex,", "his old boss"."""
        return self.before in cues.RELATIONS and not {self.before2, self.before3}.isdisjoint(_OWNERS)

    @property
    def explained(self) -> bool:
        """Before ", my grandson", ", his boss"."""
        if not self._comma_after() or self.after not in _OWNERS:
            return False
        return self.ahead(2).split("-")[0] in cues.RELATIONS or self.ahead(3) in cues.RELATIONS

    @property
    def introduced(self) -> bool:
        """After or before what gives a name."""
        return self.named or self.related or self.titled or self.explained

    @property
    def spoken_to(self) -> bool:
        """After words that people follow: "told", "with", "hi", "it's"."""
        presented = self.before in ("is", "am") and self.before2 in ("this", "i", "that")
        return presented or self.before in cues.TALK_TO or self.before in cues.GREETINGS or self.before in _PRESENTING

    @property
    def acts(self) -> bool:
        """Before a verb of people: "says", "lives", "called"."""
        return self.after in cues.PERSON_VERBS or self.after in cues.PERSONAL_VERBS

    @property
    def acts_surely(self) -> bool:
        """Before a verb of people only: "texted", "married"."""
        return self.after in cues.PERSONAL_VERBS

    @property
    def does(self) -> bool:
        """Before any verb in a form that only one subject takes: "was", "paid", "walked"."""
        return self.after in cues.FINITE or (self.after.endswith("ed") and len(self.after) > 4)

    @property
    def owns(self) -> bool:
        """Before what belongs to someone: "mother", "house"."""
        return self.after in cues.OWNED

    @property
    def of_a_person(self) -> bool:
        """Whether what stands around can only belong to a person."""
        told = self.before in cues.SPEAKING_TO or self.before in cues.GREETINGS
        return told or self.acts or self.introduced or self.set_off

    @property
    def set_off(self) -> bool:
        """Between commas, or a comma and a bound of the sentence: spoken to by name."""
        here, after = self.words[self.first], self.last + 1
        ends = after >= len(self.words) or self.words[after].opens
        if here.gap.startswith(","):
            return ends or self._comma_after()
        return here.opens and self._comma_after()

    @property
    def spoken_to_at_the_end(self) -> bool:
        """The last word of a turn, after words that end a sentence: "im sorry frank"."""
        return self.last + 1 == len(self.words) and self.before in cues.BEFORE_VOCATIVES

    @property
    def before_a_state(self) -> bool:
        """Before a state, province or country: "in normal illinois"."""
        return self.after in cues.STATES and self.before in cues.PLACE_BEFORE

    @property
    def in_place(self) -> bool:
        """After "in", "near", or "to" and "from" with a verb of living or going."""
        if self.before in cues.SURE_PLACE_BEFORE:
            return True
        carried = self.before2 in _CARRIED and self.before3 in cues.LIVING
        return self.before in cues.PLACE_BEFORE and (self.before2 in cues.LIVING or carried)

    @property
    def perhaps_in_place(self) -> bool:
        """After a preposition that places follow."""
        return self.before in cues.PLACE_BEFORE

    @property
    def at_work(self) -> bool:
        """After "work at", "job with", "bank with"."""
        if self.before in ("with", "by"):
            return self.before2 in _JOINED_WITH
        if self.before == "the" and self.before2 == "for":
            return self.before3 in cues.WORKING
        return self.before in ("at", "for") and (self.before2 in cues.WORKING or self.before3 in cues.WORKING)

    def _comma_after(self) -> bool:
        after = self.last + 1
        return after < len(self.words) and self.words[after].gap.startswith(",")
