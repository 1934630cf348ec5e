"""What may be learned from: whole sessions of files, one voice a session, one version, nothing that a machine said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from relcode.codebook import Codebook, compose_codebooks
from relcode.codebook.write import write_codebook
from relcode.errors import LabelError
from relcode.learning.training_labels import labels_of_files, version_faults
from relcode.records import Span


def label(session: str = "S1", turn: int = 1, code: str = "TSI", **more: Any) -> Span:
    return Span(session, turn, 0, 3, "abc", code, **more)


def faults(files: dict[str, list[Span]], codebook: Codebook) -> tuple[str, ...]:
    with pytest.raises(LabelError) as caught:
        labels_of_files(files, codebook)
    return caught.value.faults


@pytest.fixture(scope="module")
def other(small: Codebook) -> Codebook:
    """Another codebook with one code, and both together."""
    code = msgspec.structs.replace(small.codes[0], id="OWN", cues=[])
    return msgspec.structs.replace(small, id="second", codes=[code])


def test_a_file_covers_each_session_that_it_names_wholly(small: Codebook) -> None:
    found = labels_of_files({"a": [label(), label("S2")], "b": [label("S3")]}, small)
    assert found.covered == {"S1": None, "S2": None, "S3": None}
    assert (len(found.spans), found.notes) == (3, [])
    assert repr(found) == "TrainingLabels(3 labels of 3 sessions)"


def test_files_that_say_the_same_of_a_session_are_one(small: Codebook) -> None:
    assert labels_of_files({"a": [label(), label("S2")], "b": [label()]}, small).spans == [label(), label("S2")]


def test_files_that_differ_about_a_session_are_refused_by_session(small: Codebook) -> None:
    files = {"a": [label(), label(turn=2), label("S2")], "b": [label(), label(turn=3)], "c": [label("S2")]}
    assert faults(files, small) == (
        "session S1: a and b differ in 2 label(s), and each covers it wholly; give one of them",
    )


def test_files_of_two_codebooks_do_not_contradict_each_other(small: Codebook, other: Codebook) -> None:
    files = {"a": [label(codebook="small@1.0.0")], "b": [label(code="OWN", codebook="second@1.0.0")]}
    found = labels_of_files(files, compose_codebooks([small, other]))
    assert (found.covered, len(found.spans)) == ({"S1": None}, 2)


def test_a_session_that_was_coded_with_one_codebook_teaches_nothing_of_two(small: Codebook, other: Codebook) -> None:
    files = {
        "a": [label(codebook="small@1.0.0"), label("S2", codebook="small@1.0.0")],
        "b": [label(code="OWN", codebook="second@1.0.0")],
    }
    both = compose_codebooks([small, other])
    found = labels_of_files(files, both)
    assert found.covered == {"S1": None}
    assert {span.session_id for span in found.spans} == {"S1"}
    assert found.notes == ["1 session(s) were not coded with all of small@1.0.0+second@1.0.0: left out"]
    unnamed = {name: [msgspec.structs.replace(span, codebook=None) for span in spans] for name, spans in files.items()}
    assert labels_of_files(unnamed, both).covered == {"S1": None, "S2": None}


@pytest.mark.parametrize(
    ("sources", "side_by_side"),
    [
        (("coder:A", "coder:A"), False),
        (("coder:A", "coder:B"), True),
        (("coder:A", "accepted"), True),
        (("coder:A", ""), True),
        (("accepted", "accepted:single"), False),
        (("", "accepted"), False),
    ],
)
def test_labels_of_several_coders_of_a_session_are_refused(
    small: Codebook, sources: tuple[str, str], side_by_side: bool
) -> None:
    spans = [label(turn=turn, source=source) for turn, source in enumerate(sources, start=1)]
    if side_by_side:
        (fault,) = faults({"a": spans}, small)
        assert fault.startswith("session S1: labels of ")
        assert "side by side" in fault
    else:
        assert len(labels_of_files({"a": spans}, small).spans) == 2


def test_coders_of_different_sessions_are_no_contradiction(small: Codebook) -> None:
    spans = [label(source="coder:A"), label("S2", source="coder:B")]
    assert labels_of_files({"a": spans}, small).covered == {"S1": None, "S2": None}


@pytest.mark.parametrize("source", ["cues", "model:small-123"])
def test_suggestions_are_no_labels(small: Codebook, source: str) -> None:
    (fault,) = faults({"a": [label(), label("S2", source=source)]}, small)
    assert fault.startswith("1 label(s) are suggestions of cues or of a model")


def test_labels_of_a_version_that_is_not_known_are_refused_with_the_way_out(small: Codebook) -> None:
    (fault,) = faults({"a": [label(codebook="small@0.9.0")]}, small)
    assert fault.startswith("labels of small@0.9.0: the model is of small@1.0.0")
    assert "relcode codebook migrate LABELS --from small@0.9.0 --to small@1.0.0 --out FILE" in fault


@pytest.mark.parametrize(("changed", "refused"), [("weight", False), ("definition", True), ("renamed", True)])
def test_a_version_whose_codes_are_the_same_is_taken(
    tmp_path: Path, small: Codebook, changed: str, refused: bool
) -> None:
    first, *rest = small.codes
    change: dict[str, dict[str, Any]] = {
        "weight": {"cues": [msgspec.structs.replace(first.cues[0], weight=1.0)]},
        "definition": {"definition": "something else altogether"},
        "renamed": {"id": "SELF"},
    }
    old = msgspec.structs.replace(
        small, version="0.9.0", codes=[msgspec.structs.replace(first, **change[changed]), *rest]
    )
    write_codebook(old, tmp_path / "small@0.9.0.yaml")
    found, notes = version_faults(["small@0.9.0", "small@1.0.0", None], small, [tmp_path])
    assert (bool(found), bool(notes)) == (refused, not refused)


def test_the_shipped_versions_differ_in_weights_alone(book: Codebook) -> None:
    found, notes = version_faults(["relational-core@1.1.0", "relational-core@1.1.0+ccrt@1.1.0"], book)
    assert found == []
    assert notes == [
        "labels of relational-core@1.1.0 count for relational-core@1.0.0: between the two no code was changed, only "
        "weights and cues"
    ]


def test_labels_of_other_codebooks_are_passed_over_and_said(small: Codebook) -> None:
    found = labels_of_files({"a": [label(), label("S2", codebook="ccrt@1.0.0")]}, small)
    assert found.covered == {"S1": None}
    assert found.notes == ["1 label(s) of other codebooks (ccrt 1) are passed over"]


def test_all_faults_are_named_at_once(small: Codebook, small_study: Callable[..., Any]) -> None:
    files = {"a": [label(source="cues"), label("S2")], "b": [label("S2", turn=2, codebook="small@0.1.0")]}
    assert [fault.partition(":")[0] for fault in faults(files, small)] == [
        "labels of small@0.1.0",
        "1 label(s) are suggestions of cues or of a model, which no coder has confirmed",
        "session S2",
    ]
