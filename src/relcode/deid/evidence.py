"""What stands around a word: titles, relatives, greetings, verbs of living and working."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from relcode.deid import cues
from relcode.deid.tokens import Token

# Label, probability and reason.
Judged = tuple[str, float, str]


class Candidate(NamedTuple):
    """A possible identifier in a turn."""

    start: int
    end: int
    label: str
    probability: float
    reason: str


class Around:
    """The words before and after a stretch of words, without crossing the end of a sentence."""

    def __init__(self, words: Sequence[Token], first: int, last: int) -> None:
        self.words, self.first, self.last = words, first, last
        self.before = self.back(1)
        self.before2 = self.back(2)
        self.before3 = self.back(3)
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
        return self.before in cues.SURE_TITLES and self.words[self.first].gap in (" ", ". ")

    @property
    def named(self) -> bool:
        """After "my name is", "named", "called", "goes by"."""
        if self.before in ("named", "nicknamed", "christened", "names", "nickname"):
            return self.before != "names" or self.before2 in ("my", "his", "her", "their", "the", "your", "whose")
        if self.before in ("is", "was", "name") and "name" in (self.before2, self.before):
            return self.before != "name" or self.words[self.first - 1].full_end > self.words[self.first - 1].end
        if self.before in ("actually", "really", "just", "also", "still"):
            return self.before2 in ("is", "was") and self.before3 == "name"
        if self.before == "by":
            return self.before2 in ("go", "goes", "went", "going")
        if self.before in ("called", "call", "calls"):
            return (
                self.before2
                in (
                    "is",
                    "was",
                    "he's",
                    "she's",
                    "he",
                    "she",
                    "it",
                    "it's",
                    "place",
                    "guy",
                    "girl",
                    "woman",
                    "man",
                    "named",
                    "someone",
                    "somebody",
                    "im",
                    "hes",
                    "shes",
                    "s",
                    "friend",
                    "kid",
                    "town",
                    "boy",
                )
                and self.before != "calls"
            )
        if self.before in ("me", "him", "her", "them", "it"):
            return self.before2 in ("call", "called", "calls", "name", "naming", "named", "calling")
        return False

    @property
    def related(self) -> bool:
        """After "my sister", "my ex,", "his boss"."""
        owner = self.before2 in ("my", "his", "her", "our", "their", "your") or self.before3 in (
            "my",
            "his",
            "her",
            "our",
            "their",
            "your",
        )
        return self.before in cues.RELATIONS and owner

    @property
    def introduced(self) -> bool:
        return self.named or self.related or self.titled or self.explained

    @property
    def spoken_to(self) -> bool:
        """After words that people follow: "told", "with", "hi", "it's"."""
        return (
            self.before in cues.TALK_TO
            or self.before in cues.GREETINGS
            or self.before in ("it's", "its", "it", "i'm", "im", "i", "this")
            or (self.before in ("is", "am") and self.before2 in ("this", "i", "that"))
        )

    @property
    def acts(self) -> bool:
        """Before a verb of people: "says", "lives", "called"."""
        return self.after in cues.PERSON_VERBS

    @property
    def explained(self) -> bool:
        """Before ", my grandson", ", his boss"."""
        after = self.last + 1
        if after >= len(self.words) or not self.words[after].gap.startswith(","):
            return False
        return self.after in ("my", "his", "her", "our", "their", "your") and (
            self.ahead(2) in cues.RELATIONS
            or self.ahead(2).split("-")[0] in cues.RELATIONS
            or self.ahead(3) in cues.RELATIONS
        )

    @property
    def of_a_person(self) -> bool:
        """Whether what stands around can only belong to a person."""
        return (
            self.introduced
            or self.set_off
            or self.acts
            or self.before in cues.SPEAKING_TO
            or self.before in cues.GREETINGS
        )

    @property
    def set_off(self) -> bool:
        """Between commas or the bounds of a sentence: spoken to by name."""
        nearest, after = self.words[self.first], self.last + 1
        left = nearest.opens or nearest.gap.startswith(",")
        right = after >= len(self.words) or self.words[after].opens or self.words[after].gap.startswith(",")
        return (
            left
            and right
            and (nearest.gap.startswith(",") or (after < len(self.words) and self.words[after].gap.startswith(",")))
        )

    @property
    def spoken_to_at_the_end(self) -> bool:
        """The last word of a turn, after words that end a sentence: "im sorry frank"."""
        return self.last + 1 == len(self.words) and self.before in cues.BEFORE_VOCATIVES

    @property
    def before_a_state(self) -> bool:
        """Before a state, province or country: "normal illinois"."""
        return self.after in cues.STATES and self.before in cues.PLACE_BEFORE

    @property
    def in_place(self) -> bool:
        """After "in", "near", or "to" and "from" with a verb of living or going."""
        if self.before in cues.SURE_PLACE_BEFORE:
            return True
        carried = (
            self.before2 in ("me", "him", "her", "us", "them", "it", "back", "over") and self.before3 in cues.LIVING
        )
        return self.before in cues.PLACE_BEFORE and (self.before2 in cues.LIVING or carried)

    @property
    def perhaps_in_place(self) -> bool:
        return self.before in cues.PLACE_BEFORE

    @property
    def at_work(self) -> bool:
        """After "work at", "job with", "bank with"."""
        if self.before in ("with", "by"):
            return self.before2 in (
                "job",
                "bank",
                "banks",
                "employed",
                "hired",
                "insured",
                "insurance",
                "internship",
                "placement",
            )
        return self.before in ("at", "for") and (self.before2 in cues.WORKING or self.before3 in cues.WORKING)
