"""Beginning from another model's weights: the optimum is right, what the parent knew stays, and nothing leaks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from relcode.codebook import Codebook
from relcode.errors import ModelError, UsageError
from relcode.learning.card import as_markdown
from relcode.learning.model import Model
from relcode.learning.recipe import Recipe
from relcode.learning.segments import segments_of
from relcode.learning.train import train
from relcode.records import Session, Span, Turn

pytestmark = pytest.mark.slow  # a model is trained

Study = Callable[..., Any]


def rare(sessions: list[Session], span_of: Callable[..., Span], *words: str) -> list[Span]:
    """RARE.one on the therapist's turns with some words."""
    turns = [(session, turn) for session in sessions for turn in session.turns if turn.speaker == "T"]
    return [
        span_of(session, turn.turn, "RARE.one") for session, turn in turns if any(word in turn.text for word in words)
    ]


@pytest.fixture(scope="module")
def parent(small_study: Study, small: Codebook, span_of: Callable[..., Span]) -> Model:
    """It knows that "two of them" bears RARE.one, from dyads of its own."""
    known = small_study(7).only("S5", "S6", "S7")
    return train(known.sessions, [*known.labels, *rare(known.sessions, span_of, "drove", "two of them")], small)


@pytest.fixture(scope="module")
def begun(parent: Model, small_study: Study, small: Codebook, span_of: Callable[..., Span]) -> tuple[Model, Model]:
    """A model begun from it, and one anew, of sessions in which those words were not coded."""
    part = small_study(4)
    covered = {
        each.session_id: frozenset(turn.turn for turn in each.turns if "two of them" not in turn.text)
        for each in part.sessions
    }
    labels = [*part.labels, *rare(part.sessions, span_of, "drove")]
    options: dict[str, Any] = {"covered": covered}
    return (
        train(part.sessions, labels, small, recipe=Recipe(parent=parent), **options),
        train(part.sessions, labels, small, **options),
    )


def test_what_the_parent_knew_is_kept(begun: tuple[Model, Model]) -> None:
    new = segments_of([Session("N", (Turn(1, "T", "It's the two of them."),))])
    continued, anew = begun
    assert continued.classifier.decision_function(new)[0, 3] > anew.classifier.decision_function(new)[0, 3]
    assert continued.id != anew.id


def test_the_card_names_the_parent_and_what_it_knew(begun: tuple[Model, Model], parent: Model) -> None:
    card = begun[0].card["parent"]
    assert (card["id"], card["used"]) == (parent.id, True)
    assert [entry["dyad"] for entry in card["trained_on"]] == ["D5", "D6", "D7"]
    assert f"Begun from the weights of {parent.id}, which learned from 3 sessions of other dyads." in as_markdown(
        begun[0].card
    )
    assert "parent" not in begun[1].card


def test_a_parent_that_knows_the_dyads_is_not_begun_from(
    small_study: Study, small: Codebook, small_model: Model
) -> None:
    study = small_study(4)
    model = train(study.sessions, study.labels, small, recipe=Recipe(parent=small_model))
    assert model.id == train(study.sessions, study.labels, small).id
    assert (model.card["parent"]["used"], "3 of the dyads" in model.card["parent"]["why"]) == (False, True)
    assert f"Not begun from {small_model.id}: it had learned from 3 of the dyads" in as_markdown(model.card)


def test_a_parent_of_other_codes_or_another_kind_is_refused(small_study: Study, small: Codebook, parent: Model) -> None:
    study = small_study(3)
    fewer = msgspec.structs.replace(small, codes=small.codes[:3])
    with pytest.raises(ModelError, match=r"only a model of kind linear with the codes of small@1\.0\.0"):
        train(study.sessions, study.labels, fewer, recipe=Recipe(parent=parent))
    with pytest.raises(UsageError, match="--kind spacy cannot begin from another model"):
        train(study.sessions, study.labels, small, recipe=Recipe("spacy", parent=parent))
