"""What is said of the data before any figure: versions, coders, machines."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import pytest

from relcode.audit import audit
from relcode.codebook import Codebook
from relcode.records import Session, Span

Coded = Callable[..., tuple[Session, list[Span]]]


def notes(
    codebook: Codebook, coded: Coded, *changes: dict[str, object], names: Sequence[str] = ("S1", "S1")
) -> tuple[str, ...]:
    """The notes of an audit of labels that are changed so."""
    made = {name: coded("T: I am moved. | TSI", "C: Oh. | COOP", session_id=name) for name in names}
    labels = [
        msgspec.structs.replace(label, **change)
        for name, change in zip(names, changes, strict=True)
        for label in made[name][1]
    ]
    return audit([session for session, _ in made.values()], codebook, labels=labels, source="x").notes


def test_labels_of_two_versions_of_a_codebook_are_named_with_what_to_do(codebook: Codebook, coded: Coded) -> None:
    found = notes(codebook, coded, {"codebook": "small@0.9.0"}, {"codebook": "small@1.0.0"})
    assert any("2 versions of small (0.9.0, 1.0.0)" in note and "codebook migrate" in note for note in found)
    assert any("made with small@0.9.0; they are read here with small@1.0.0" in note for note in found)


def test_labels_of_two_codebooks_are_no_two_versions(codebook: Codebook, coded: Coded) -> None:
    found = notes(codebook, coded, {"codebook": "small@1.0.0"}, {"codebook": "other@2.0.0"})
    assert not any("versions of" in note for note in found)


@pytest.mark.parametrize(("names", "is_double"), [(("S1", "S1"), True), (("S1", "S2"), False)])
def test_two_coders_are_named_and_sessions_of_both_are_said_to_count_too_much(
    codebook: Codebook, coded: Coded, names: Sequence[str], is_double: bool
) -> None:
    found = notes(codebook, coded, {"source": "coder:A"}, {"source": "coder:B"}, names=names)
    assert "Labels of 2 sources were put together (coder:A, coder:B)." in found
    assert any("more than one source" in note and "S1" in note for note in found) is is_double
    assert not any("machine" in note for note in found)


def test_one_machine_label_among_coders_makes_all_figures_a_machines(codebook: Codebook, coded: Coded) -> None:
    found = notes(codebook, coded, {"source": "coder:A"}, {"source": "model:m"}, names=("S1", "S2"))
    assert "Labels of a machine are among them: all figures count as a machine's." in found
