"""Who speaks like a therapist: figures of each speaker's talk, and a proposal that a person confirms.

The weights are those of a logistic regression on which of two speakers is the therapist, in the synthetic sessions of
`examples/corpus`, rounded; `benchmarks/roles/proposals.py` fits them again and measures how often they are right.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from relcode.transcripts.roles import Roles, Utterance, plain, role_word

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_YOU = "you your yours yourself you're you've you'd you'll"
_I = "i me my mine myself i'm i've i'd i'll"
_BACKCHANNELS = "mm mhm hm hmm uh huh yeah yes yep right okay ok sure ah oh i see no mmhmm um-hum uh-huh mm-hm mm-hmm"
_ASKING = re.compile(
    r"(?:(?:so|and|but|well|okay|or) )*"
    r"(?:what|how|why|when|where|who|which|do|did|does|are|were|is|was|have|has|could|can|would|will) "
    r"(?:you|your|it|that|was|is|are|do|did|does|would|could|can|about|kind|made|makes|happened|has|have|we|there|else)\b"
)
_QUESTIONS, _YOU_SHARE, _I_SHARE = 2.5, 90.0, -15.0
_NEAR = 0.25  # of the range of scores: who lies as near to the highest may be a second therapist
_ENOUGH = 50  # words
CERTAIN = 0.8  # a proposal below this probability is not accepted unseen


@dataclass(frozen=True)
class Talk:
    """How one speaker talks. Shares lie between 0 and 1.

    `runs`: utterances, neighbouring ones joined; `questions`, `backchannels`: shares of runs; `you`, `i`: shares of words;
    `mean_words`: words a run; `share`: of all words of the session.
    """

    runs: int
    words: int
    share: float
    questions: float
    you: float
    i: float
    mean_words: float
    backchannels: float
    opens: bool
    closes: bool

    @property
    def score(self) -> float:
        """Log-odds of being the therapist, but for a constant that is the same for all speakers of a session."""
        return _QUESTIONS * self.questions + _YOU_SHARE * self.you + _I_SHARE * self.i

    def described(self) -> str:
        """The figures that a proposal rests on, and some beside them."""
        place = " and ".join(what for what, true in (("begins", self.opens), ("ends", self.closes)) if true)
        return (
            f"{self.share:.0%} of the words, questions in {self.questions:.0%} of {self.runs} utterances, "
            f"`you` {self.you:.1%} and `I` {self.i:.1%} of words, {self.mean_words:.0f} words an utterance, "
            f"{self.backchannels:.0%} backchannels{', ' + place if place else ''}"
        )


@dataclass(frozen=True, repr=False)
class Proposal:
    """Mark -> speaker, proposed; the talk of each mark; the probability that the therapist is the one proposed."""

    speakers: Mapping[str, str]
    talk: Mapping[str, Talk]
    probability: float

    @property
    def is_certain(self) -> bool:
        """Whether it may be accepted unseen: likely, and everybody has said enough to go by."""
        return self.probability >= CERTAIN and all(talk.words >= _ENOUGH for talk in self.talk.values())


def propose(utterances: Sequence[Utterance], roles: Roles) -> Proposal | None:
    """Propose who is the therapist, who a client, for marks that say nothing; None where nobody but one speaks.

    What the user declares and role words say is kept. The therapist is who asks most, says `you` most and `I` least; who
    comes near may be a second one. Speakers are numbered in the order of first words.
    """
    talk = talk_of(utterances)
    known = {mark: role for mark in talk if (role := roles.role_of(mark) or role_word(mark))}
    open_marks = [mark for mark in talk if mark not in known]
    if len(talk) < 2 or not open_marks:
        return None
    has_therapist = any(role.startswith("T") for role in known.values())
    ranked = sorted(open_marks, key=lambda mark: -talk[mark].score)
    therapists = [] if has_therapist else _therapists(ranked, talk)
    speakers = dict(known)
    for mark in open_marks:
        role = "T" if mark in therapists else "C"
        speakers[mark] = next(name for name in _names(role) if name not in speakers.values())
    others = [mark for mark in talk if mark not in therapists and not speakers[mark].startswith("T")]
    return Proposal(speakers, talk, _probability(therapists[:1], others, talk))


def _therapists(ranked: Sequence[str], talk: Mapping[str, Talk]) -> list[str]:
    top, least = talk[ranked[0]].score, talk[ranked[-1]].score
    if len(ranked) < 4:  # a couple with one therapist is three
        return [ranked[0]]
    return [mark for mark in ranked if top - talk[mark].score <= _NEAR * (top - least)][:2]


def _names(role: str) -> Iterator[str]:
    yield role
    yield from (f"{role}{number}" for number in count(2))


def _probability(therapists: Sequence[str], others: Sequence[str], talk: Mapping[str, Talk]) -> float:
    """That the one proposed, and none of the clients, is the therapist; 1 where the therapist is known."""
    if not therapists:
        return 1.0
    top = talk[therapists[0]].score
    return 1 / (1 + sum(math.exp(min(talk[mark].score - top, 50.0)) for mark in others))


def talk_of(utterances: Sequence[Utterance]) -> dict[str, Talk]:
    """How each mark's speaker talks, in the order of first words."""
    runs: list[tuple[str, str]] = []
    for utterance in utterances:
        text = utterance.text.strip()
        mark = plain(utterance.mark)
        if text and runs and runs[-1][0] == mark:
            runs[-1] = (mark, f"{runs[-1][1]} {text}")
        elif text:
            runs.append((mark, text))
    by_mark: dict[str, list[str]] = {}
    for mark, text in runs:
        by_mark.setdefault(mark, []).append(text)
    total = sum(len(_WORD.findall(text)) for _, text in runs)
    return {
        mark: _talk(texts, total, opens=mark == runs[0][0], closes=mark == runs[-1][0])
        for mark, texts in by_mark.items()
    }


def _talk(texts: Sequence[str], total: int, *, opens: bool, closes: bool) -> Talk:
    words = [_WORD.findall(text.lower().replace("’", "'")) for text in texts]
    said = sum(map(len, words))
    asked = sum("?" in text or _ASKING.match(text.lower()) is not None for text in texts)
    you, i, short_words = (frozenset(words.split()) for words in (_YOU, _I, _BACKCHANNELS))
    short = sum(len(found) <= 4 and short_words.issuperset(found) for found in words)
    return Talk(
        runs=len(texts),
        words=said,
        share=said / max(total, 1),
        questions=asked / len(texts),
        you=sum(word in you for found in words for word in found) / max(said, 1),
        i=sum(word in i for found in words for word in found) / max(said, 1),
        mean_words=said / len(texts),
        backchannels=short / len(texts),
        opens=opens,
        closes=closes,
    )
