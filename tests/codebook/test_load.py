"""Loading a codebook: all faults at once, each with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from relcode.codebook import list_codebooks, load_codebook, load_codebooks, split_labels
from relcode.codebook.faults import find_faults
from relcode.codebook.load import codebook_faults
from relcode.codebook.patterns import expand_pattern
from relcode.codebook.source import read_head
from relcode.errors import CodebookError
from relcode.records import Span

GOOD = """
id: small
version: 1.0.0
title: Small
authors: [A]
lexicons: {feeling: [sad]}
codes:
  - {id: TSI, name: a, speakers: [T], definition: d, prior: 0.1,
     cues: [{id: own, weight: 2, patterns: ["i feel <feeling>"]}]}
"""


def load(tmp_path: Path, text: str) -> object:
    path = tmp_path / "small.yaml"
    path.write_text(text, encoding="utf-8")
    return load_codebook(path)


def test_a_codebook_is_found_by_id_version_and_path(tmp_path: Path) -> None:
    load(tmp_path, GOOD)
    assert load_codebook("small", [tmp_path]).reference == "small@1.0.0"
    assert load_codebook("small@1.0.0", [tmp_path]).allows("TSI", "T2")
    assert not load_codebook("small", [tmp_path]).allows("TSI", "C")
    with pytest.raises(CodebookError, match=r"version 1\.0\.0, not 2\.0\.0"):
        load_codebook("small@2.0.0", [tmp_path])
    with pytest.raises(CodebookError, match="no codebook 'other'"):
        load_codebook("other", [tmp_path])


BOOK = """\
id: small
version: 1.0.0
title: Small
authors: [A]
lexicons:
  feeling: [sad]
  more: [<feeling>]
codes:
  - id: TSI
    name: a
    speakers: [T]
    definition: d
    prior: 0.1
    key: t
    color: "#123456"
    beats: [SUPP]
    cues:
      - {id: own, weight: 2, patterns: ["i feel <feeling>"]}
      - id: near
        weight: 1
        when: {with: [SUPP], thirds: [1]}
      - {use: SUPP/sorry, weight: -1}
  - id: SUPP
    name: b
    speakers: [T, C]
    definition: d
    prior: 0.1
    mode: true
    cues:
      - {id: sorry, weight: 2, patterns: [sorry]}
"""


def faults_of(tmp_path: Path, text: str, name: str = "small") -> list[str]:
    """The faults of a codebook file as `FILE:LINE: fault`, the folder left out."""
    path = tmp_path / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CodebookError) as caught:
        load_codebook(path)
    return [fault.replace(f"{tmp_path}/", "") for fault in caught.value.faults or [str(caught.value)]]


def test_the_codebook_that_the_faults_are_put_into_has_none(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(BOOK, encoding="utf-8")
    assert codebook_faults(tmp_path / "small.yaml")[1] == []


@pytest.mark.parametrize(
    ("old", "new", "line", "fault"),
    [
        # form
        ("id: small\n", "id: Small\n", 1, "id 'Small': expected lower-case letters"),
        ("version: 1.0.0", "version: '1'", 2, "version '1': expected three numbers"),
        ("version: 1.0.0", "version: 1.0", 2, "version: Expected `str`, got `float`"),
        ("title: Small", "titel: Small", 3, "there is no key 'titel' here; known are id, version"),
        ("title: Small\n", "", 1, "missing required field `title`"),
        ("title: Small", "title: Small\nused: []", 4, "there is no key 'used' here"),
        ("title: Small", "title: Small\nmembers: []", 4, "there is no key 'members' here"),
        ("authors: [A]", "authors: A", 4, "authors: Expected `array`, got `str`"),
        ("authors: [A]", "authors: [A]\nlanguage: de", 5, "language: Invalid enum value 'de'"),
        ("    name: a\n", "    name: a\n    origin: x\n", 11, "code TSI: there is no key 'origin' here"),
        ("    name: a\n", "", 9, "code TSI: Object missing required field `name`"),
        ("speakers: [T]\n", "speakers: [X]\n", 11, "code TSI: speakers.0: Invalid enum value 'X'"),
        ("weight: 1\n", "weight: much\n", 20, "code TSI: weight: Expected `float`, got `str`"),
        ("with: [SUPP], thirds: [1]", "whith: [SUPP]", 21, "code TSI: when: Object contains unknown field `whith`"),
        ("{use: SUPP/sorry, weight: -1}", "sorry", 22, "code TSI: expected the keys of a cue"),
        ("thirds: [1]", "we: us", 21, "code TSI: when.we: Invalid enum value 'us'"),
        # lexicons
        ("[sad]", "[]", 6, "lexicon feeling is empty"),
        ("[sad]", "[so sad]", 6, "lexicon feeling: 'so sad' has a space"),
        ("[<feeling>]", "[<gone>, x]", 7, "lexicon more: there is no lexicon named 'gone'"),
        ("[<feeling>]", "[<more>]", 7, "lexicon more holds nothing but itself"),
        # codes
        ("- id: TSI", "- id: 1TSI", 9, "code 1TSI: id '1TSI': expected letters"),
        ("- id: SUPP", "- id: TSI", 23, "code TSI is defined twice"),
        ("prior: 0.1\n    key", "prior: 1.5\n    key", 13, "code TSI: prior 1.5 is not between 0 and 1"),
        ("prior: 0.1\n    key", "prior: 0\n    key", 13, "code TSI: prior 0.0 is not between 0 and 1"),
        ("prior: 0.1\n    key", "prior: .nan\n    key", 13, "code TSI: prior nan is not between 0 and 1"),
        ("key: t", "offer_at: 1.0", 14, "code TSI: offer_at 1.0 is not between 0 and 1"),
        ("speakers: [T]\n", "speakers: []\n", 11, "code TSI: no speaker may carry it"),
        ('"#123456"', "red", 15, "code TSI: color 'red': expected the form #RRGGBB"),
        ("key: t", "key: tt", 14, "code TSI: key 'tt': expected one of"),
        ("mode: true", "mode: true\n    key: t", 29, "key 't' is given to two codes"),
        ("key: t", "parent: INT", 14, "code TSI: parent INT: there is no such code"),
        ("key: t", "parent: TSI", 14, "code TSI: parent goes round in a circle"),
        ("beats: [SUPP]", "beats: [REFL]", 16, "code TSI: beats REFL: there is no such code"),
        ("mode: true", "beats: [TSI]", 28, "code SUPP: beats goes round in a circle"),
        ("speakers: [T, C]", "speakers: [C]", 28, "code SUPP: an ordinary mode is the therapist's"),
        # cues
        ("- id: near", "- id: own", 19, "code TSI: cue own is defined twice"),
        ("- id: near", "- note: near", 19, "code TSI: cue 2: it needs an id (or `use`)"),
        ("weight: 1\n", "weight: .inf\n", 20, "code TSI: cue near: weight inf is no finite number"),
        ("with: [SUPP]", "after: [GONE]", 21, "code TSI: cue near: there is no code GONE here"),
        ("with: [SUPP]", "with: [GONE]", 21, "code TSI: cue near: there is no code GONE here"),
        ("thirds: [1]", "thirds: [0]", 21, "code TSI: cue near: expected thirds of the session: 1, 2, 3"),
        ("use: SUPP/sorry", "use: SUPP/gone", 22, "cue SUPP:gone: there is no cue SUPP/gone to take over"),
        ("use: SUPP/sorry", "use: SUPP", 22, "there is no cue SUPP to take over"),
        ("use: SUPP/sorry", "use: SUPP/sorry, id: x", 22, "cue x: it takes over another cue, so it has no id"),
        ("use: SUPP/sorry", "use: SUPP/sorry, in: before", 22, "it takes over another cue"),
        ("use: SUPP/sorry", "use: SUPP/sorry, patterns: [x]", 22, "it takes over another cue"),
        ("use: SUPP/sorry", "use: SUPP/sorry, when: {first: true}", 22, "it takes over another cue"),
        ("[sorry]", "[sorry, <gone>]", 30, "cue sorry: pattern 2: there is no lexicon named 'gone'"),
        ("[sorry]", '["re:("]', 30, "cue sorry: pattern 1: '(' is no regular expression"),
        ("[sorry]", '[".. sad?"]', 30, "cue sorry: pattern 1: every token of the pattern is optional"),
        ("[sorry]", '[" "]', 30, "cue sorry: pattern 1: the pattern is empty"),
        ("[sorry]", "[[{LEMMA: be}]]", 30, "cue sorry: pattern 1: the attribute LEMMA is not among"),
        ("[sorry]", "[[{LEX: gone}]]", 30, "cue sorry: pattern 1: there is no lexicon named 'gone'"),
    ],
)
def test_every_fault_is_named_with_file_and_line(tmp_path: Path, old: str, new: str, line: int, fault: str) -> None:
    assert BOOK.count(old) == 1
    found = faults_of(tmp_path, BOOK.replace(old, new))
    assert [each for each in found if each.startswith(f"small.yaml:{line}: ") and fault in each] != []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (BOOK.replace("codes:", "kodes:"), "small.yaml:8: there is no key 'kodes' here"),
        (BOOK.partition("codes:")[0], "small.yaml:1: codes: expected a list with at least one code"),
        (BOOK.partition("codes:")[0] + "codes: []", "small.yaml:8: codes: expected a list with at least one code"),
        (BOOK.partition("codes:")[0] + "codes: [TSI]", "small.yaml:8: code 1: expected the keys of a code"),
        (BOOK.partition("    cues:")[0] + "    cues: none", "small.yaml:17: code TSI: cues: expected a list"),
        (BOOK.replace("authors: [A]", "authors: [A"), "small.yaml, line 5, is not valid YAML"),
        (BOOK.replace("title: Small", "title: Small\nid: two"), "line 4, is not valid YAML: the key 'id' stands twice"),
        (BOOK.replace("    key: t", "    name: c"), "line 14, is not valid YAML: the key 'name' stands twice"),
        (BOOK.replace("  feeling: [sad]", "  ? [a, b]\n  : [sad]"), "line 6, is not valid YAML: a key is no word"),
        (BOOK + "---\nid: two\n", "is not valid YAML"),
        ("", "small.yaml holds no codebook"),
        ("[a, b]", "small.yaml holds no codebook"),
        (BOOK.replace("authors: [A]", "authors: &a [*a]"), "small.yaml:4: authors.0: Expected `str`"),
        ("title: a\tb\x01", "small.yaml is not valid YAML"),
    ],
)
def test_a_file_that_is_no_codebook_is_refused(tmp_path: Path, text: str, fault: str) -> None:
    assert any(fault in each for each in faults_of(tmp_path, text))


def test_a_file_that_is_no_utf_8_or_is_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_bytes(BOOK.replace("Small", "Sm\xe4ll").encode("latin-1"))
    with pytest.raises(CodebookError, match="no UTF-8 text"):
        load_codebook(tmp_path / "small.yaml")
    with pytest.raises(CodebookError, match="Cannot read the codebook"):
        load_codebook(tmp_path / "gone.yaml")


def test_all_faults_are_listed_at_once_each_on_its_line(tmp_path: Path) -> None:
    """Faults of form hide none of content, nor those of one code the next code's."""
    text = BOOK
    for old, new in (
        ("title: Small", "title: Small\nextra: 1"),
        ("[sad]", "[so sad]"),
        ('"#123456"', "[1]"),
        ("beats: [SUPP]", "beats: [REFL]"),
        ("weight: 1\n", "weight: much\n"),
        ("[sorry]", "[<gone>, '..']"),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    found = faults_of(tmp_path, text)
    assert sorted(int(fault.split(":")[1]) for fault in found) == [4, 7, 16, 17, 21, 31, 31]


@pytest.mark.parametrize("path", list_codebooks().values(), ids=lambda path: path.stem)
def test_the_head_of_a_file_is_as_in_the_whole(path: Path) -> None:
    book = load_codebook(path)
    assert read_head(path) == (book.id, book.version, book.title, len(book.codes))


def test_a_head_is_read_past_what_stands_before_it(tmp_path: Path) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(
        "lexicons: {id: [a, b]}\nsources: &same [one]\nauthors: *same\ncodes:\n- {id: A, rules: [x, y]}\n- {id: B}\n"
        "title: >-\n  two\n  lines\nid: yes\nversion: 1.0\n"
    )
    assert read_head(path) == ("yes", "1.0", "two lines", 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [("id: a\nversion: 1.0.0\n", "has no title"), ("id: [\n", "line 2, is not valid YAML"), ("", "has no id")],
)
def test_a_head_that_is_none_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(text)
    with pytest.raises(CodebookError, match=said):
        read_head(path)


def test_words_that_yaml_1_1_takes_for_values_are_words(tmp_path: Path) -> None:
    words = ["yes", "no", "on", "off", "y", "n", "No", "YES", "2024-01-02", "~x"]
    text = BOOK.replace("[sad]", f"[{', '.join(words)}]").replace("[sorry]", "[no, yes]")
    (tmp_path / "small.yaml").write_text(text, encoding="utf-8")
    book = load_codebook(tmp_path / "small.yaml")
    assert book.lexicons["feeling"] == words
    assert book.by_id["SUPP"].cues[0].patterns == ["no", "yes"]
    assert book.by_id["SUPP"].mode is True
    found = faults_of(tmp_path, BOOK.replace("mode: true", "mode: yes"))
    assert found == ["small.yaml:28: code SUPP: mode: Expected `bool`, got `str`"]


def using(name: str, *uses: str, code: str = "X", lexicon: str = "own") -> str:
    return (
        f"id: {name}\nversion: 1.0.0\ntitle: {name}\nauthors: [A]\nuses: [{', '.join(uses)}]\n"
        f"lexicons: {{own: [word]}}\ncodes:\n  - id: {code}\n    name: n\n    speakers: [T]\n    definition: d\n"
        f"    prior: 0.1\n    cues:\n      - {{id: x, weight: 1, patterns: [<{lexicon}>]}}\n"
    )


def test_words_and_codes_of_a_codebook_that_is_used_are_known(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(BOOK, encoding="utf-8")
    text = using("upper", "small@1.0.0", lexicon="feeling") + (
        "      - {id: y, weight: 1, when: {after: [TSI]}}\n      - {use: TSI/own, weight: 1}\n    beats: [SUPP]\n"
    )
    (tmp_path / "upper.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "top.yaml").write_text(using("top", "upper", code="TOP", lexicon="feeling"), encoding="utf-8")
    top = load_codebook(tmp_path / "top.yaml")
    assert [book.reference for book in top.all_used] == ["upper@1.0.0", "small@1.0.0"]
    assert (top.words["feeling"], top.words["own"], top.code_ids) == (["sad"], ["word"], ("TOP",))


@pytest.mark.parametrize(
    ("uses", "fault"),
    [
        (["small@2.0.0"], "upper.yaml:5: uses small@2.0.0: Codebook small is here in version 1.0.0, not 2.0.0"),
        (["gone@1.0.0"], "upper.yaml:5: uses gone@1.0.0: There is no codebook 'gone'"),
        (["upper@1.0.0"], "upper.yaml:5: uses upper@1.0.0: it goes round in a circle"),
        (["circle@1.0.0"], "uses upper@1.0.0: it goes round in a circle"),
        (["faulty@1.0.0"], "faulty.yaml:14: code X: cue x: pattern 1: there is no lexicon named 'gone'"),
        (["small", "gone"], "upper.yaml:5: uses gone: There is no codebook 'gone'"),
    ],
)
def test_faults_of_codebooks_that_are_used(tmp_path: Path, uses: list[str], fault: str) -> None:
    (tmp_path / "small.yaml").write_text(BOOK, encoding="utf-8")
    (tmp_path / "circle.yaml").write_text(using("circle", "upper@1.0.0"), encoding="utf-8")
    (tmp_path / "faulty.yaml").write_text(using("faulty", lexicon="gone"), encoding="utf-8")
    found = faults_of(tmp_path, using("upper", *uses), "upper")
    assert len(found) == 1
    assert fault in found[0]


def test_a_file_with_another_id_than_its_name_that_asks_for_its_own_name_is_a_circle(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(using("upper", "small@1.0.0"), encoding="utf-8")
    with pytest.raises(CodebookError) as caught:
        load_codebook(tmp_path / "small.yaml")
    assert len(caught.value.faults) == 1
    assert caught.value.faults[0].count("goes round in a circle") == 1


def test_codebooks_put_together(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(BOOK, encoding="utf-8")
    (tmp_path / "other.yaml").write_text(using("other"), encoding="utf-8")
    both = load_codebook("small@1.0.0+other", [tmp_path])
    assert both == load_codebooks(["small", "other"], [tmp_path])
    assert (both.reference, both.ids) == ("small@1.0.0+other@1.0.0", ("small", "other"))
    assert both.code_ids == ("TSI", "SUPP", "X")
    assert [both.reference_of(code) for code in both.code_ids] == ["small@1.0.0", "small@1.0.0", "other@1.0.0"]
    assert find_faults(both) == []
    with pytest.raises(CodebookError, match=r"version 1\.0\.0, not 3\.0\.0"):
        load_codebook("small+other@3.0.0", [tmp_path])
    (tmp_path / "clash.yaml").write_text(using("clash"), encoding="utf-8")
    with pytest.raises(CodebookError, match="cannot be put together") as caught:
        load_codebook("other+clash+small+small", [tmp_path])
    assert caught.value.faults == (
        "code X stands in other@1.0.0 and in clash@1.0.0",
        "code TSI stands in small@1.0.0 and in small@1.0.0",
        "code SUPP stands in small@1.0.0 and in small@1.0.0",
    )


@pytest.mark.parametrize(
    ("codebook", "code", "home"),
    [
        ("small@1.0.0", "TSI", "small"),
        ("small@0.9.0", "TSI", "small"),  # another version is the same codebook
        ("small", "GONE", "small"),  # to be found faulty
        ("other@1.0.0", "X", "other"),
        ("other@1.0.0", "TSI", "other"),  # what it says counts
        ("unheard", "TSI", "unheard"),
        (None, "TSI", "small"),
        (None, "X", "other"),  # a code that another codebook here has
        (None, "GONE", "small"),
    ],
)
def test_labels_belong_to_the_codebook_that_they_name_or_whose_code_they_carry(
    tmp_path: Path, codebook: str | None, code: str, home: str
) -> None:
    (tmp_path / "small.yaml").write_text(BOOK, encoding="utf-8")
    (tmp_path / "other.yaml").write_text(using("other"), encoding="utf-8")
    label = Span("S", 1, 0, 1, "a", code, codebook)
    found = split_labels([label], load_codebook("small", [tmp_path]), [tmp_path])
    assert found.spans == ([label] if home == "small" else [])
    assert found.others == ({} if home == "small" else {home: 1})
    assert found.sessions == ({"S"} if home == "small" or codebook is None else set())
    both = split_labels([label], load_codebook("small+other", [tmp_path]), [tmp_path])
    assert both.spans == ([label] if home in ("small", "other") else [])


def test_labels_of_others_are_counted(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(BOOK, encoding="utf-8")
    labels = [Span("S", 1, 0, 1, "a", "X", name) for name in ("b@1.0.0", "b@2.0.0", "a@1.0.0", "small@1.0.0")]
    found = split_labels(labels, load_codebook("small", [tmp_path]), [tmp_path])
    assert found.others_in_words == "3 label(s) of other codebooks (a 1, b 2)"
    assert len(found.spans) == 1


@pytest.mark.parametrize(
    ("pattern", "expanded"),
    [
        ("sad", [{"LOWER": "sad"}]),
        ("Sad|glad", [{"LOWER": {"IN": ["glad", "sad"]}}]),
        ("sad?", [{"LOWER": "sad", "OP": "?"}, {"LOWER": "x"}]),
        ("!sad", [{"LOWER": {"NOT_IN": ["sad"]}, "IS_PUNCT": False}]),
        ("?", [{"LOWER": "?"}]),
    ],
)
def test_short_patterns(pattern: str, expanded: list[dict[str, object]]) -> None:
    text = pattern + " x" if len(expanded) == 2 else pattern
    assert expand_pattern(text, {}) == expanded
