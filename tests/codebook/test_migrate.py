"""Labels from one version to the next: what carries over, what is seen again, what is coded anew; none is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcode.codebook import Code, Codebook, Rule, compose_codebooks
from relcode.codebook.migrate import Migration, migrate_labels
from relcode.records import Session, Span


def code(name: str, **fields: Any) -> Code:
    return Code(**{"id": name, "name": name, "speakers": ["T", "C"], "definition": "d", "prior": 0.1, **fields})


def book(*codes: Code, version: str = "1.0.0", id: str = "small") -> Codebook:
    return Codebook(id=id, version=version, title="", authors=[], codes=[*codes])


def label(code_id: str, turn: int = 1, codebook: str | None = None, **fields: Any) -> Span:
    return Span(**{"session_id": "S1", "turn": turn, "start": 0, "end": 4, "text": "well", "code": code_id,
                   "codebook": codebook, "source": "accepted", **fields})  # fmt: skip


OLD = book(
    code("SAME"), code("OLDNAME"), code("ONE"), code("TWO"), code("WHOLE"), code("GONE"), code("TIGHT"), code("WORDS"),
    code("NEAR"), code("TURNED", speakers=["T"]),
)  # fmt: skip
NEW = book(
    code("SAME"), code("NEWNAME", was=["OLDNAME"]), code("BOTH", was=["ONE", "TWO"]), code("PART.a", was=["WHOLE"]),
    code("PART.b", was=["WHOLE"]), code("TIGHT", speakers=["T"]), code("TURNED", speakers=["C"]),
    code("WORDS", definition="other", rules=[Rule(against="NEAR", ask="?")]), code("NEAR"), version="2.0.0",
)  # fmt: skip
REFERENCE = "small@1.0.0"


@pytest.mark.parametrize(
    ("code_id", "carried", "seen_again", "anew"),
    [
        ("SAME", "SAME", "", ""),
        ("OLDNAME", "NEWNAME", "", ""),
        ("ONE", "BOTH", "", ""),
        ("WHOLE", None, "", "WHOLE split into PART.a, PART.b"),
        ("GONE", None, "", "GONE removed"),
        ("WORDS", "WORDS", "WORDS: definition reworded", ""),
        ("NEAR", "NEAR", "may be confused with WORDS; WORDS: definition reworded", ""),
        ("TIGHT", "TIGHT", "TIGHT: the client may no longer carry it, and who speaks here is not known", ""),
        ("TURNED", None, "", "TURNED is for the client alone; TURNED was for the therapist"),
    ],
)
@pytest.mark.parametrize("codebook", [REFERENCE, None])
def test_what_happens_to_a_label(
    code_id: str, carried: str | None, seen_again: str, anew: str, codebook: str | None
) -> None:
    span = label(code_id, codebook=codebook)
    moved = migrate_labels([span], OLD, NEW)
    if carried is None:
        assert moved.labels == ()
        assert [(listed.label, listed.reasons) for listed in moved.recode] == [(span, (anew,))]
        return
    assert moved.labels == (label(carried, codebook="small@2.0.0"),)
    assert [listed.label for listed in moved.review] == ([*moved.labels] if seen_again else [])
    assert not seen_again or any(reason.startswith(seen_again) for reason in moved.review[0].reasons)
    assert moved.recode == ()


def test_who_spoke_decides_where_the_speaker_rule_was_tightened(session_of: Callable[..., Session]) -> None:
    session = session_of("T: well", "C: well", "T2: well")
    moved = migrate_labels([label("TIGHT", turn) for turn in (1, 2, 3, 4)], OLD, NEW, sessions=[session])
    assert [span.turn for span in moved.labels] == [1, 3, 4]
    assert [listed.label.turn for listed in moved.review] == [4]
    assert [listed.reasons for listed in moved.recode] == [
        ("TIGHT is for the therapist alone; speaker C may not carry it",)
    ]


@pytest.mark.parametrize(
    ("span", "named"),
    [
        (label("SAME", codebook="other@1.0.0"), "other@1.0.0"),
        (label("SAME", codebook="small@0.9.0"), "small@0.9.0"),
        (label("SAME", codebook="small@2.0.0"), "small@2.0.0"),
        (label("ELSEWHERE"), "code ELSEWHERE"),
    ],
)
def test_labels_that_are_not_of_the_old_version_pass_through_unchanged(span: Span, named: str) -> None:
    moved = migrate_labels([span], OLD, NEW)
    assert moved.labels == (span,)
    assert moved.others == {named: 1}
    assert moved.carried == 0


def test_a_code_that_its_codebook_never_had_is_not_carried_over() -> None:
    (listed,) = migrate_labels([label("TYPO", codebook=REFERENCE)], OLD, NEW).recode
    assert listed.reasons == ("small@1.0.0 has no code TYPO",)


def test_a_merger_makes_one_label_of_two_on_the_same_words_and_counts_the_other() -> None:
    spans = [label("ONE"), label("TWO"), label("TWO", start=1), label("ONE", source="coder:a"), label("ONE")]
    moved = migrate_labels(spans, OLD, NEW)
    assert moved.doubled == (label("TWO"),)
    assert len(moved.labels) == 4  # the label that stood twice before still does


def test_of_codebooks_put_together_each_label_names_its_own() -> None:
    other = book(code("B"), id="other")
    old, new = compose_codebooks([OLD, other]), compose_codebooks([NEW, other])
    moved = migrate_labels([label("OLDNAME", codebook=REFERENCE), label("B", codebook="other@1.0.0")], old, new)
    assert [(span.code, span.codebook) for span in moved.labels] == [
        ("NEWNAME", "small@2.0.0"),
        ("B", "other@1.0.0"),
    ]
    assert moved.others == {}


def test_nothing_shows_the_words_of_a_label() -> None:
    moved = migrate_labels([label(name, text="secret") for name in OLD.code_ids], OLD, NEW)
    assert "secret" not in repr(moved)


names = st.sampled_from("ABCDE")
books = st.lists(names, unique=True).flatmap(
    lambda ids: st.tuples(
        *(
            st.builds(
                code,
                st.just(name),
                was=st.lists(names, unique=True, max_size=2),
                definition=st.sampled_from(["d", "e"]),
                speakers=st.sampled_from([["T"], ["C"], ["T", "C"]]),
            )
            for name in ids
        )
    )
)
spans = st.lists(
    st.builds(
        label,
        st.sampled_from("ABCDEF"),
        turn=st.integers(1, 3),
        codebook=st.sampled_from([None, "small@1.0.0", "small@2.0.0", "other@1.0.0"]),
        start=st.integers(0, 1),
    )
)


@given(before=books, after=books, given_spans=spans, known=st.booleans())
def test_no_label_is_lost(
    before: tuple[Code, ...], after: tuple[Code, ...], given_spans: list[Span], known: bool
) -> None:
    from relcode.records import Turn

    sessions = [Session("S1", (Turn(1, "T", "well"), Turn(2, "C", "well")))] if known else []
    old, new = book(*before), book(*after, version="2.0.0")
    moved = migrate_labels(given_spans, old, new, sessions=sessions)
    assert moved.given == len(given_spans)
    assert len(moved.labels) == moved.carried + sum(moved.others.values())
    _check_words(moved, given_spans)
    assert {listed.label for listed in moved.review} <= set(moved.labels)
    for span in moved.labels:
        if span not in given_spans:
            assert span.code in new.by_id
            assert span.codebook == new.reference
    for span in moved.labels if known else ():
        if span.codebook == new.reference and span not in given_spans and span.turn < 3:
            assert new.allows(span.code, {1: "T", 2: "C"}[span.turn])
    assert migrate_labels(given_spans, old, old).given == len(given_spans)


def _check_words(moved: Migration, given_spans: list[Span]) -> None:
    """Every place that was labelled is labelled or listed."""

    def place(span: Span) -> tuple[int, int]:
        return (span.turn, span.start)

    after = [*moved.labels, *moved.doubled, *(listed.label for listed in moved.recode)]
    assert Counter(map(place, after)) == Counter(map(place, given_spans))
