"""A codebook written as YAML: loading gives the same one, and the file reads like the shipped ones."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relcode.codebook import Code, Codebook, Condition, Cue, Examples, Rule, compose_codebooks, load_codebook
from relcode.codebook.convert import convert_codebook
from relcode.codebook.source import read_source
from relcode.codebook.write import WIDTH, as_yaml, write_codebook
from relcode.errors import CodebookError

SHIPPED = sorted((Path(__file__).parents[2] / "codebooks").glob("*.yaml"))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200) | st.text(
    "ab :#-,\n'\"\\[]{}", max_size=200
)
NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_.-]{0,9}", fullmatch=True)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
PATTERNS = st.lists(
    TEXTS
    | st.lists(
        st.dictionaries(NAMES, TEXTS | st.integers() | st.booleans() | st.lists(TEXTS, max_size=2), max_size=2),
        max_size=2,
    ),
    max_size=3,
)
CUES = st.builds(
    Cue,
    id=NAMES,
    weight=NUMBERS,
    patterns=PATTERNS,
    when=st.builds(
        Condition,
        quoted=st.none() | st.booleans(),
        words_min=st.none() | st.integers(0, 9),
        with_=st.none() | st.lists(NAMES),
    ),
    in_=st.sampled_from(["segment", "turn", "before"]),
    use=st.none() | NAMES,
    note=TEXTS,
)
CODES = st.builds(
    Code,
    id=NAMES,
    name=TEXTS,
    speakers=st.lists(st.sampled_from(["T", "C"]), max_size=2),
    definition=TEXTS,
    prior=NUMBERS,
    parent=st.none() | NAMES,
    include=st.lists(TEXTS, max_size=2),
    rules=st.lists(st.builds(Rule, against=NAMES, ask=TEXTS), max_size=2),
    examples=st.builds(Examples, hit=st.lists(TEXTS, max_size=3), miss=st.lists(TEXTS, max_size=3)),
    mode=st.booleans(),
    key=st.none() | st.sampled_from("0y1an"),
    cues=st.lists(CUES, max_size=2),
)
BOOKS = st.builds(
    Codebook,
    id=NAMES,
    version=TEXTS,
    title=TEXTS,
    authors=st.lists(TEXTS, max_size=3),
    description=TEXTS,
    sources=st.lists(TEXTS, max_size=2),
    lexicons=st.dictionaries(TEXTS, st.lists(TEXTS, max_size=4), max_size=2),
    codes=st.lists(CODES, min_size=1, max_size=2),
)


def book(**changes: object) -> Codebook:
    code = Code(id="TSI", name="a", speakers=["T"], definition="d", prior=0.1)
    small = Codebook(id="small", version="1.0.0", title="Small", authors=["A"], codes=[code])
    known = {
        name: changes.pop(name) for name in list(changes) if name in ("title", "description", "lexicons", "authors")
    }
    return msgspec.structs.replace(small, codes=[msgspec.structs.replace(code, **changes)], **known)


@pytest.mark.slow
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_codebook_comes_back_as_it_was(path: Path, tmp_path: Path) -> None:
    codebook = load_codebook(path)
    write_codebook(codebook, tmp_path / path.name)
    assert load_codebook(tmp_path / path.name) == codebook


@settings(max_examples=60, deadline=None)
@given(codebook=BOOKS)
def test_any_texts_and_numbers_come_back_as_they_were(
    codebook: Codebook, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("book") / "book.yaml"
    write_codebook(codebook, path)
    assert convert_codebook(read_source(path)) == (codebook, [])


def test_it_reads_like_the_shipped_ones() -> None:
    cue = Cue(
        id="own",
        weight=2.5,
        when=Condition(quoted=False, after=["TSI"]),
        patterns=["i feel <low>", [{"LEX": "low", "OP": "?"}]],
    )
    code = book(
        name="Rupture marker: withdrawal",
        definition="A long definition of what the marker is; " * 4 + "and ends.",
        include=["A thing said.", "“Yes” alone: no."],
        rules=[Rule(against="TSD", ask="Now, or then?")],
        examples=Examples(hit=["I'm fine.", "No."]),
        color="#F28482",
        key="y",
        cues=[cue, Cue(use="TSD/fact", weight=-1.0)],
        lexicons={"low": ["sad", "no", "'d"]},
    )
    assert as_yaml(code, heading="small: one code.") == (
        "# small: one code.\n"
        "id: small\n"
        "version: 1.0.0\n"
        "title: Small\n"
        "authors: [A]\n"
        "\n"
        "lexicons:\n"
        '  low: [sad, "no", "\'d"]\n'
        "\n"
        "codes:\n"
        "  - id: TSI\n"
        '    name: "Rupture marker: withdrawal"\n'
        "    speakers: [T]\n"
        "    definition: >-\n"
        "      A long definition of what the marker is; A long definition of what the marker is; A long definition of what the\n"
        "      marker is; A long definition of what the marker is; and ends.\n"
        "    include:\n"
        "      - A thing said.\n"
        '      - "“Yes” alone: no."\n'
        "    rules:\n"
        '      - {against: TSD, ask: "Now, or then?"}\n'
        "    examples:\n"
        '      hit: ["I\'m fine.", "No."]\n'
        '    color: "#F28482"\n'
        '    key: "y"\n'
        "    prior: 0.1\n"
        "    cues:\n"
        "      - {id: own, weight: 2.5, when: {quoted: false, after: [TSI]}, "
        'patterns: ["i feel <low>", [{LEX: low, OP: "?"}]]}\n'
        "      - {use: TSD/fact, weight: -1.0}\n"
    )


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_only_what_stands_on_one_line_by_its_form_is_longer_than_a_line(path: Path) -> None:
    long = [line.strip() for line in as_yaml(load_codebook(path)).splitlines() if len(line) > WIDTH]
    assert all(line.startswith(("- ", '"')) for line in long)


def test_what_is_the_default_is_not_written() -> None:
    text = as_yaml(book())
    assert text.splitlines()[-1] == "    prior: 0.1"
    assert not {"language", "uses", "beats", "mode", "color", "cues"} & {
        line.strip().partition(":")[0] for line in text.splitlines()
    }


def test_a_small_number_is_a_number_again(tmp_path: Path) -> None:
    write_codebook(book(prior=1e-05), tmp_path / "small.yaml")
    assert load_codebook(tmp_path / "small.yaml").codes[0].prior == 1e-05


def test_codebooks_put_together_are_not_written_as_one(tmp_path: Path) -> None:
    both = compose_codebooks([load_codebook("annomi"), load_codebook("ccrt")])
    with pytest.raises(CodebookError, match="one at a time"):
        write_codebook(both, tmp_path / "both.yaml")
    assert list(tmp_path.iterdir()) == []
