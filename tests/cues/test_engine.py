"""What cues add up to: the turn, the turn before, other codes, cues taken over, and nothing from anywhere else."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit

from relcode.codebook import compose_codebooks
from relcode.codebook.schema import Code, Codebook, Condition, Cue
from relcode.cues import CueEngine
from relcode.cues.probes import find_cue
from relcode.records import Role, Session, Turn
from relcode.transcripts.tokens import Floats, tokenize

PRIOR = 0.1


def code(code_id: str, *cues: Cue, speakers: str = "TC") -> Code:
    roles: list[Role] = [role for role in ("T", "C") if role in speakers]  # type: ignore[misc]
    return Code(id=code_id, name=code_id, speakers=roles, definition="d", prior=PRIOR, cues=list(cues))


def book(*codes: Code, name: str = "small", used: tuple[Codebook, ...] = (), **lexicons: list[str]) -> Codebook:
    return Codebook(
        id=name, version="1.0.0", title=name, authors=["A"], lexicons=lexicons, codes=list(codes), used=list(used)
    )


def fired(codebook: Codebook, name: str, *sessions: Session) -> list[float]:
    """By segment: what a cue counts by."""
    engine = CueEngine(codebook)
    column = engine.fire(tokenize(sessions))[:, [engine.names.index(name)]]
    return [float(value) for value in np.asarray(column.todense()).ravel()]


def probabilities(codebook: Codebook, *sessions: Session) -> Floats:
    engine = CueEngine(codebook)
    table = tokenize(sessions)
    return engine.probabilities(engine.fire(table), engine.allowed(table))


@pytest.mark.parametrize(
    ("cue", "expected"),
    [
        # the session: T "Sad. Well." | C "Hm. Yes." | C2 "" | T "So?"
        (Cue(id="x", weight=1, patterns=["sad"]), [1, 0, 0, 0, 0]),
        (Cue(id="x", weight=1, patterns=["sad"], in_="turn"), [1, 1, 0, 0, 0]),
        (Cue(id="x", weight=1, patterns=["sad"], in_="before"), [0, 0, 1, 1, 0]),
        (Cue(id="x", weight=1, patterns=["yes"], in_="before"), [0, 0, 0, 0, 0]),  # an empty turn stands between
        (Cue(id="x", weight=1, patterns=["so"], in_="before"), [0, 0, 0, 0, 0]),
        (Cue(id="x", weight=1, patterns=["sad"], in_="turn", when=Condition(first=False)), [0, 1, 0, 0, 0]),
        (Cue(id="x", weight=1, patterns=["sad"], in_="before", when=Condition(speaker="T")), [0, 0, 0, 0, 0]),
        (Cue(id="x", weight=1, when=Condition(question=True)), [0, 0, 0, 0, 1]),
        (Cue(id="x", weight=1), [1, 1, 1, 1, 1]),
    ],
)
def test_where_a_cue_is_looked_for(cue: Cue, expected: list[float], session_of: Callable[..., Session]) -> None:
    session = session_of("T: Sad. Well.", "C: Hm. Yes.", "C2: ", "T: So?")
    assert fired(book(code("X", cue)), "X:x", session) == expected


def test_the_first_turn_of_a_session_has_no_turn_before(session_of: Callable[..., Session]) -> None:
    small = book(
        code("X", Cue(id="before", weight=1, patterns=["sad"], in_="before"), Cue(id="after", weight=1,
             when=Condition(after=["Y"]))),
        code("Y", Cue(id="y", weight=9, patterns=["sad"])),
    )  # fmt: skip
    sessions = [session_of("T: Sad.", session_id="A"), session_of("C: Well.", "C: Well.", session_id="B")]
    assert fired(small, "X:before", *sessions) == [0, 0, 0]
    assert fired(small, "X:after", *sessions) == pytest.approx([0, 0, PRIOR])
    assert fired(small, "X:before", session_of("T: Sad.", "C: Well.")) == [0, 1]


SAD = float(expit(logit(PRIOR) + 3))


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (Condition(with_=["INT.past"]), [SAD, SAD, PRIOR]),  # the turn's most probable segment counts
        (Condition(after=["INT.past"]), [0, 0, SAD]),
        (Condition(with_=["INT"]), [SAD, SAD, PRIOR]),  # the family: the most probable of its codes
        (Condition(with_=["TH"]), [PRIOR, PRIOR, 0]),  # not what this speaker may carry
        (Condition(with_=["INT.past", "TH"]), [SAD, SAD, PRIOR]),  # one of several
        (Condition(with_=["DEP"]), [PRIOR, PRIOR, PRIOR]),  # its cue depends on codes, and is left aside
        (Condition(after=["INT.past"], with_=["INT.past"]), [0, 0, SAD * PRIOR]),
        (Condition(with_=["INT.past"], first=True), [SAD, 0, PRIOR]),
    ],
)
def test_cues_count_by_the_probability_of_the_codes_that_they_name(
    when: Condition, expected: list[float], session_of: Callable[..., Session]
) -> None:
    small = book(
        code("X", Cue(id="x", weight=1, when=when)),
        code("INT.past", Cue(id="sad", weight=3, patterns=["sad"]), Cue(id="far", weight=5, when=Condition(with_=["TH"]))),
        code("INT.now"),
        code("TH", Cue(id="sad", weight=9, patterns=["glad"]), speakers="T"),
        code("DEP", Cue(id="dep", weight=9, when=Condition(with_=["INT.past"]))),
    )  # fmt: skip
    assert fired(small, "X:x", session_of("T: Sad. Well.", "C: Glad.")) == pytest.approx(expected)


BASE = book(
    code("Z", Cue(id="z", weight=3, patterns=["<feeling>"])),
    code("Z.sub", Cue(id="z", weight=4, patterns=["glad"])),
    name="base",
    feeling=["sad"],
)


def test_codes_and_cues_of_a_codebook_that_is_used(session_of: Callable[..., Session]) -> None:
    """Words of a cue taken over are those of its own codebook; conditions find codes of codebooks used."""
    small = book(
        code("X", Cue(use="Z/z", weight=1), Cue(id="with", weight=1, when=Condition(with_=["Z"]))),
        name="upper",
        used=(BASE,),
        feeling=["other"],
    )
    session = session_of("T: Sad.", "T: Other.", "T: Glad.")
    glad = float(expit(logit(PRIOR) + 4))
    for each in (small, compose_codebooks([small, book(code("Y"), name="third")])):
        assert fired(each, "X:Z:z", session) == [1, 0, 0]
        assert fired(each, "X:with", session) == pytest.approx([SAD, PRIOR, glad])


def test_a_condition_means_its_own_codebooks_code_where_codebooks_are_put_together(
    session_of: Callable[..., Session],
) -> None:
    upper = book(code("X", Cue(id="with", weight=1, when=Condition(with_=["Z"]))), name="upper", used=(BASE,))
    other = book(code("Z", Cue(id="z", weight=9, patterns=["other"])), name="other")
    session = session_of("T: Sad.", "T: Other.")
    alone = fired(upper, "X:with", session)
    assert alone == pytest.approx([SAD, PRIOR])
    assert fired(compose_codebooks([other, upper]), "X:with", session) == alone


def test_conditions_reach_sub_codes_named_by_parent(session_of: Callable[..., Session]) -> None:
    child = Code(
        id="CHILD", name="c", speakers=["T"], definition="d", prior=PRIOR, parent="TOP",
        cues=[Cue(id="c", weight=3, patterns=["sad"])],
    )  # fmt: skip
    small = book(code("TOP"), child, code("X", Cue(id="x", weight=1, when=Condition(with_=["TOP"]))))
    assert fired(small, "X:x", session_of("T: Sad.", "T: Glad.")) == pytest.approx([SAD, PRIOR])


def test_a_cue_taken_over_has_its_own_weight(session_of: Callable[..., Session]) -> None:
    small = book(code("X", Cue(id="x", weight=3, patterns=["sad"]), speakers="T"), code("Y", Cue(use="X/x", weight=-2)))
    found = probabilities(small, session_of("T: Sad.", "C: Sad."))
    against = float(expit(logit(PRIOR) - 2))
    assert found == pytest.approx(np.array([[SAD, against], [0, against]]))  # the taker's speakers, not the giver's


def test_a_cue_that_is_not_there_cannot_be_taken_over() -> None:
    x = code("X", Cue(id="x", weight=1), Cue(use="X/y", weight=1), Cue(use="X/", weight=1))
    small = book(x)
    assert find_cue(small, x, x.cues[0]) == (small, x.cues[0])
    for cue in x.cues[1:]:
        with pytest.raises(ValueError, match="no cue X/"):
            find_cue(small, x, cue)


@pytest.mark.parametrize(
    ("speaker", "speakers", "may"),
    [("T", "T", True), ("T2", "T", True), ("C", "T", False), ("C2", "C", True), ("T", "C", False), ("C", "TC", True)],
)
def test_the_speaker_rule(speaker: str, speakers: str, may: bool) -> None:
    small = book(code("X", Cue(id="x", weight=3, patterns=["sad"]), speakers=speakers))
    found = probabilities(small, Session("S", (Turn(1, speaker, "Sad."),)))
    assert found.tolist() == [[pytest.approx(SAD) if may else 0.0]]


def test_a_codebook_without_cues_and_turns_without_words(session_of: Callable[..., Session]) -> None:
    bare = book(code("X"))
    assert probabilities(bare, session_of("T: Sad.", "T: [pause]")).tolist() == [[pytest.approx(PRIOR)], [0.0]]
    assert probabilities(bare, session_of("T: ", "C:    ")).shape == (0, 1)
    assert probabilities(bare).shape == (0, 1)
    assert probabilities(RICH, session_of("T: ", "C:    ")).shape == (0, 4)


RICH = book(
    code("A", Cue(id="sad", weight=2.5, patterns=["sad|glad"], when=Condition(quoted=False)),
         Cue(id="before", weight=1.5, patterns=["well"], in_="before"),
         Cue(id="after", weight=3, when=Condition(after=["B"])), Cue(id="brief", weight=-1, when=Condition(brief=True))),
    code("B", Cue(id="asks", weight=2, when=Condition(question=True)), Cue(use="A/sad", weight=-1.5),
         Cue(id="long", weight=1, when=Condition(lengthy=True, thirds=[1, 2]))),
    code("C", Cue(id="with", weight=4, when=Condition(with_=["A", "B"])), Cue(id="we", weight=2, when=Condition(we="dyad"))),
    code("D", Cue(id="turn", weight=2, patterns=["said"], in_="turn"), Cue(id="last", weight=1, when=Condition(last=True)),
         Cue(id="quoted", weight=2, patterns=["sad"], when=Condition(quoted=True)), speakers="C"),
)  # fmt: skip
WORDS = ["sad", "glad", "well", "said", "she", "we", "you", "what", "did", "[", "]", '"', ".", "?", "and", "i", "  "]
SESSION = st.lists(
    st.tuples(st.sampled_from(["T", "C", "C2"]), st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join)),
    min_size=1,
    max_size=5,
).map(lambda turns: tuple(Turn(number, who, text) for number, (who, text) in enumerate(turns, start=1)))


@settings(max_examples=60, deadline=None)
@given(st.lists(SESSION, min_size=1, max_size=4))
def test_a_session_reads_the_same_alone_and_among_others(turns: list[tuple[Turn, ...]]) -> None:
    sessions = [Session(f"S{number}", each) for number, each in enumerate(turns)]
    apart = np.concatenate([probabilities(RICH, session) for session in sessions])
    assert np.array_equal(probabilities(RICH, *sessions), apart)
    backwards = [probabilities(RICH, session) for session in sessions][::-1]
    assert np.array_equal(probabilities(RICH, *sessions[::-1]), np.concatenate(backwards))


@settings(max_examples=60, deadline=None)
@given(SESSION)
def test_what_the_cues_contribute_adds_up_to_the_probability(turns: tuple[Turn, ...]) -> None:
    engine = CueEngine(RICH)
    table = tokenize([Session("S", turns)])
    fires = engine.fire(table)
    found = engine.probabilities(fires, engine.allowed(table))
    for segment, column in np.ndindex(found.shape):
        added = engine.contributions(fires, segment, column)
        if found[segment, column] == 0:
            assert added == []
            continue
        assert logit(found[segment, column]) == pytest.approx(logit(PRIOR) + sum(value for _, value in added))
        assert [value for _, value in added] == sorted((value for _, value in added), reverse=True)
        own = {cue.name: cue.weight for cue in RICH.codes[column].cues}
        expected = {name for name, value in added if own[name] > 0 and value / own[name] >= 0.5}
        reasons = engine.reasons(fires, segment, column)
        assert set(reasons) == expected
        assert list(reasons) == sorted(reasons, key=lambda name: -dict(added)[name])


def test_reasons_and_contributions_of_a_known_segment(session_of: Callable[..., Session]) -> None:
    engine = CueEngine(RICH)
    fires = engine.fire(tokenize([session_of("T: Well?", "C: I am sad and so on and on.")]))
    asks = float(expit(logit(PRIOR) + 2))
    assert engine.contributions(fires, 1, 0) == [
        ("sad", 2.5),
        ("before", 1.5),
        ("after", pytest.approx(3 * asks)),
    ]
    assert engine.reasons(fires, 1, 0) == ("sad", "before")  # `after` counts by 0.45: no reason yet
    assert engine.contributions(fires, 0, 1) == [("asks", 2.0)]
