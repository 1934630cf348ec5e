"""Two versions of a codebook: what changed, and which labels must be seen again."""

from __future__ import annotations

from typing import Any

import pytest

from relcode.codebook import Code, Codebook, Condition, Cue, Examples, Rule, compose_codebooks, load_codebook
from relcode.codebook.diff import Change, CodebookDiff, diff_codebooks

DEFINITION = "The client moves away from the therapist or the work."


def code(code_id: str = "RUP", **fields: Any) -> Code:
    given: dict[str, Any] = {"name": code_id, "speakers": ["C"], "definition": f"{code_id}: {DEFINITION}", "prior": 0.1}
    return Code(**{"id": code_id, **given, **fields})


def book(*codes: Code, version: str = "1.0.0", **fields: Any) -> Codebook:
    return Codebook(
        **{"id": "small", "version": version, "title": "Small", "authors": ["A"], "codes": [*codes], **fields}
    )


def compare(old: list[Code], new: list[Code]) -> CodebookDiff:
    return diff_codebooks(book(*old), book(*new, version="1.1.0"))


def said(diff: CodebookDiff) -> list[tuple[str, str, str]]:
    return [(change.kind, change.says, change.consequence) for change in diff.changes]


HIT = Examples(hit=["one"], miss=["two"])
CUE = Cue(id="own", weight=2.0, patterns=["i feel"])
# fields before, fields after, (kind, sentence, consequence) of the one change, or None where nothing changed
FIELDS: list[tuple[dict[str, Any], dict[str, Any], tuple[str, str, str] | None]] = [
    ({}, {}, None),
    (
        {"definition": "a b c d"},
        {"definition": "a b c e"},
        ("definition", "RUP: definition reworded (75% of the words kept)", "review"),
    ),
    ({"definition": "Says “a”, b\n c"}, {"definition": 'says "a", b c '}, None),
    ({"include": ["a"]}, {"include": ["a", "b"]}, ("include", "RUP: include: 1 added", "review")),
    ({"include": ["a", "b"]}, {"include": ["b", "a"]}, None),
    (
        {"exclude": ["not at the end of it", "x"]},
        {"exclude": ["not at the start of it"]},
        ("exclude", "RUP: exclude: 1 dropped, 1 reworded", "review"),
    ),
    (
        {"rules": [Rule(against="COOP", ask="away?")]},
        {"rules": [Rule(against="COOP", ask="away or up?")]},
        ("rule", "RUP: rule against COOP reworded", "review"),
    ),
    ({}, {"rules": [Rule(against="COOP", ask="away?")]}, ("rule", "RUP: rule against COOP added", "review")),
    ({"rules": [Rule(against="COOP", ask="away?")]}, {}, ("rule", "RUP: rule against COOP dropped", "review")),
    ({"rules": [Rule(against="COOP", ask="away?")]}, {"rules": [Rule(against="COOP", ask="Away? ")]}, None),
    ({}, {"examples": HIT}, ("example", "RUP: examples: 2 added", "none")),
    ({"examples": HIT}, {"examples": Examples(near_hit=["One"], near_miss=["two"])}, None),
    (
        {"examples": HIT},
        {"examples": Examples(hit=["one", "two"])},
        ("example", "RUP: 1 example(s) now on the other side of the line between hit and miss", "review"),
    ),
    ({}, {"cues": [CUE]}, ("cue", "RUP: cue own: added, weight +2", "none")),
    ({"cues": [CUE]}, {}, ("cue", "RUP: cue own: dropped", "none")),
    ({"cues": [CUE]}, {"cues": [CUE]}, None),
    (
        {"cues": [CUE]},
        {"cues": [Cue(id="mine", weight=2.0, patterns=["i feel"])]},
        ("cue", "RUP: cue mine: renamed, it was own", "none"),
    ),
    (
        {"cues": [CUE]},
        {"cues": [Cue(id="own", weight=1.5, patterns=["i felt"], when=Condition(question=False), in_="turn")]},
        (
            "cue",
            "RUP: cue own: weight +2 to +1.5; patterns 1 added, 1 dropped; condition changed; "
            "looked for in the turn, not the segment",
            "none",
        ),
    ),
    ({}, {"prior": 0.2}, ("prior", "RUP: prior changed (0.1 to 0.2)", "none")),
    ({}, {"offer_at": 0.3}, ("threshold of offer", "RUP: threshold of offer changed (0.5 to 0.3)", "none")),
    ({"speakers": ["T", "C"]}, {}, ("speakers", "RUP: the therapist may no longer carry it", "recode")),
    (
        {},
        {"speakers": ["C", "T"]},
        ("speakers", "RUP: the therapist may now carry it; such turns have not been coded for it yet", "recode"),
    ),
    ({"speakers": ["T", "C"]}, {"speakers": ["C", "T"]}, None),
    ({}, {"parent": "COOP"}, ("parent", "RUP: parent changed (none to COOP)", "none")),
    ({}, {"beats": ["COOP"]}, ("precedence", "RUP: precedence changed (goes before COOP)", "review")),
    (
        {"exclusive": "client"},
        {},
        ("exclusivity", "RUP: exclusivity changed (client to none)", "review"),
    ),
    ({}, {"mode": True}, ("mode", "RUP: now an ordinary mode", "review")),
    ({}, {"name": "Rupture"}, ("name", "RUP: name changed (RUP to Rupture)", "none")),
    ({"color": "#aaaaaa"}, {"color": "#bbbbbb"}, ("colour", "RUP: colour changed (#AAAAAA to #BBBBBB)", "none")),
    ({"color": "#aaaaaa"}, {"color": "#AAAAAA"}, None),
    ({}, {"key": "r"}, ("key", "RUP: key changed (none to r)", "none")),
]


@pytest.mark.parametrize(("before", "after", "expected"), FIELDS)
def test_a_change_of_a_code_is_said_with_its_consequence(
    before: dict[str, Any], after: dict[str, Any], expected: tuple[str, str, str] | None
) -> None:
    diff = compare([code(**before), code("COOP")], [code(**after), code("COOP")])
    assert said(diff) == ([] if expected is None else [expected])
    assert ("RUP" in diff.review) == (expected is not None and expected[2] == "review")
    assert ("RUP" in diff.recode) == (expected is not None and expected[2] == "recode")


def test_every_field_of_a_code_is_compared_or_is_known_to_be_no_change() -> None:
    import msgspec

    compared = {name for before, after, expected in FIELDS if expected for name in (*before, *after)}
    fields = {field.name for field in msgspec.structs.fields(Code)}
    assert fields - compared == {"id", "was", "origin"}


def test_wording_is_given_before_and_after() -> None:
    (change,) = compare([code(definition="a b", include=["x"])], [code(definition="a c", include=["x"])]).changes
    assert (change.before, change.after) == ("a b", "a c")


def test_codes_confused_with_a_reworded_one_are_seen_again_and_others_are_not() -> None:
    rules = [Rule(against="INT", ask="?"), Rule(against="ELSEWHERE", ask="?")]
    others = [code("INT.genetic"), code("INT.dynamic"), code("COOP")]
    diff = compare([code(rules=rules), *others], [code(rules=rules, definition="another"), *others])
    assert diff.changes[0].also == ("INT.genetic", "INT.dynamic")
    assert diff.review == ("RUP", "INT.genetic", "INT.dynamic")
    assert diff.reasons["INT.dynamic"][0].startswith("may be confused with RUP; RUP: definition reworded")


# old codes, new codes, (kind, sentence, consequence), carried
DESCENT: list[tuple[list[Code], list[Code], list[tuple[str, str, str]], dict[str, str]]] = [
    (
        [code("A")],
        [code("B", was=["A"], definition=code("A").definition, name="A")],
        [("renamed", "A renamed to B", "none")],
        {"A": "B"},
    ),
    (
        [code("INT")],
        [code("INT.genetic", was=["INT"]), code("INT.dynamic", was=["INT"])],
        [("split", "INT split into INT.genetic, INT.dynamic", "recode")],
        {},
    ),
    (
        [code("INT")],
        [code("INT"), code("INT.genetic", was=["INT"])],
        [("split", "INT split into INT, INT.genetic", "recode")],
        {},
    ),
    (
        [code("A"), code("B")],
        [code("C", was=["A", "B"])],
        [("merged", "A, B merged into C", "none")],
        {"A": "C", "B": "C"},
    ),
    ([code("A"), code("B")], [code("B", was=["A"])], [("merged", "B, A merged into B", "none")], {"A": "B", "B": "B"}),
    # history that the old version knew already
    ([code("B", was=["A"])], [code("B", was=["A"])], [], {"B": "B"}),
    ([code("A"), code("B", was=["A"])], [code("A"), code("B", was=["A"])], [], {"A": "A", "B": "B"}),
    # an exchange of ids cannot be told from a split, and so nothing is carried over
    (
        [code("A"), code("B")],
        [code("A", was=["B"]), code("B", was=["A"])],
        [
            ("split", "A split into A, B", "recode"),
            ("split", "B split into A, B", "recode"),
            ("merged", "A, B merged into A", "none"),
            ("merged", "B, A merged into B", "none"),
        ],
        {},
    ),
    ([code("A", speakers=["T"])], [], [("removed", "A removed", "recode")], {}),
    (
        [],
        [code("B", was=["Z"])],
        [("added", "B added; it was Z, which the old version has not; no turn has been coded for it yet", "recode")],
        {},
    ),
]


@pytest.mark.parametrize(("old", "new", "expected", "carried"), DESCENT)
def test_descent_of_codes(
    old: list[Code], new: list[Code], expected: list[tuple[str, str, str]], carried: dict[str, str]
) -> None:
    diff = compare(old, new)
    assert said(diff) == expected
    assert diff.carried == carried


@pytest.mark.parametrize(
    ("definition", "speakers", "guessed"),
    [
        ("one two three four five six", ["C"], True),
        ("one two three four five other", ["C"], True),
        ("one two other words are here", ["C"], False),
        ("one two three four five six", ["T"], False),
    ],
)
def test_a_removed_and_an_added_code_of_like_definition_are_a_guess_and_no_more(
    definition: str, speakers: list[str], guessed: bool
) -> None:
    diff = compare(
        [code("A", definition="one two three four five six")], [code("B", definition=definition, speakers=speakers)]
    )
    kinds = [change.kind for change in diff.changes]
    assert kinds == ["removed", "added", "guess"] if guessed else kinds == ["removed", "added"]
    assert diff.carried == {}
    if guessed:
        assert "a guess" in diff.changes[-1].says
        assert "`was: [A]` at B" in diff.changes[-1].says


def test_a_rename_is_no_change_where_other_codes_name_it() -> None:
    def around(name: str) -> list[Code]:
        return [
            code("COOP", rules=[Rule(against=name, ask="?")], beats=[name], parent=name) if name else code("COOP"),
            code("TSI", cues=[Cue(id="a", weight=1, when=Condition(after=[name])), Cue(use=f"{name}/own", weight=1)]),
        ]

    old = [code("A"), *around("A")]
    new = [code("B", was=["A"], name="A", definition=code("A").definition), *around("B")]
    assert [change.kind for change in compare(old, new).changes] == ["renamed"]
    assert (
        len(compare(old, [code("B", was=["A"], name="A", definition=code("A").definition), *around("A")]).changes) > 3
    )


def test_a_new_code_calls_for_a_second_look_at_those_it_may_be_confused_with() -> None:
    diff = compare([code("A"), code("C")], [code("A"), code("C"), code("B", rules=[Rule(against="A", ask="?")])])
    assert diff.review == ("A",)
    assert diff.recode == ("B",)


def test_a_lexicon_says_which_cues_it_touches_through_other_lexicons_too() -> None:
    cues = [Cue(id="sad", weight=1, patterns=["i feel <feeling>"]), Cue(id="no", weight=1, patterns=["<other>"])]
    tokens = Cue(id="dict", weight=1, patterns=[[{"LEX": "low"}]])
    parts = [code("A", cues=cues), code("B", cues=[tokens])]

    def with_words(low: list[str], extra: dict[str, list[str]]) -> Codebook:
        return book(*parts, version="1.1.0", lexicons={"feeling": ["<low>"], "low": low, "other": ["x"], **extra})

    diff = diff_codebooks(with_words(["sad"], {}), with_words(["blue", "low"], {"new": ["y", "z"]}))
    assert [change.says for change in diff.changes[1:]] == [
        "lexicon low: 2 word(s) added, 1 word(s) dropped; it touches 2 cue(s): A/sad, B/dict",
        "lexicon new: added, 2 word(s); no cue names it",
    ]
    assert diff.review == diff.recode == ()


def test_words_of_a_codebook_that_is_used_count_where_a_cue_names_them() -> None:
    def using(words: list[str]) -> Codebook:
        shared = Codebook(id="shared", version="1.0.0", title="", authors=[], lexicons={"low": words, "high": words})
        return book(code("A", cues=[Cue(id="sad", weight=1, patterns=["<low>"])]), version="1.1.0", used=[shared])

    diff = diff_codebooks(using(["sad"]), using(["sad", "blue"]))
    assert [change.says for change in diff.changes[1:]] == ["lexicon low: 1 word(s) added; it touches 1 cue(s): A/sad"]


def test_the_head_of_the_codebook_is_compared() -> None:
    old = book(code("A"), code("B"), sources=["x"], uses=["c@1.0.0"])
    new = book(code("B"), code("A"), version="2.0.0", title="Other", sources=["x", "y"], uses=["c@1.1.0"])
    assert [change.says for change in diff_codebooks(old, new).changes] == [
        "title changed",
        "sources: 1 added",
        "codebooks used: 1 added, 1 dropped",
        "the order of the codes changed",
    ]
    assert "raise it" in diff_codebooks(old, book(code("A"))).changes[0].says
    assert diff_codebooks(old, old).changes == ()


def test_codebooks_put_together_are_compared_code_by_code() -> None:
    one, other = book(code("A")), book(code("B"), id="other")
    newer = book(code("A", prior=0.3), version="1.1.0")
    diff = diff_codebooks(compose_codebooks([one, other]), compose_codebooks([newer, other]))
    assert [change.kind for change in diff.changes] == ["codebook", "prior"]
    assert diff.changes[0] == Change(
        code="",
        kind="codebook",
        says="codebooks put together: 1 added, 1 dropped",
        before="small@1.0.0",
        after="small@1.1.0",
    )


@pytest.mark.parametrize("name", ["relational-core", "rupture-repair", "annomi"])
def test_a_shipped_codebook_is_like_itself(name: str) -> None:
    diff = diff_codebooks(load_codebook(name), load_codebook(name))
    assert diff.changes == ()
    assert all(old == new for old, new in diff.carried.items())
