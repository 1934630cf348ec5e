"""What the adjudicator reads of each dispute."""

from __future__ import annotations

from relcode.adjudication import compare
from relcode.codebook import load_codebook
from relcode.doccano.consensus import with_reasons
from relcode.doccano.dispute_lines import dispute_lines, draw_numbers
from relcode.doccano.pages import build_page
from relcode.doccano.projects import label_keys
from relcode.ledger import REASONS
from relcode.records import Session, Span, Turn

WORDS = "I notice I feel a bit worried that I pushed you too hard"


def span(turn: int, words: str, code: str) -> Span:
    at = WORDS.index(words)
    return Span("S1", turn, at, at + len(words), words, code)


def test_each_dispute_stands_under_its_turn_with_what_each_coder_gave() -> None:
    labels = {
        "ana": [span(1, WORDS, "TSI"), span(3, "I feel", "TSI"), span(4, "I notice", "HN")],
        "ben": [span(1, "I feel a bit worried", "TSD"), span(4, "I notice", "HN")],
        "cem": [],
    }
    coded = {"ana": {1, 2, 3, 4}, "ben": {1, 2, 4}, "cem": {3}}
    disputed = [finding for finding in compare(labels, coded=coded) if finding.disputed]
    lines = dispute_lines(["ben", "cem", "ana"], disputed)
    assert lines == {
        1: ["    ▸ decide 1 of 2   coder 1: TSD “I feel a bit worried”   |   coder 3: TSI “I notice I … you too hard”"],
        3: ["    ▸ decide 2 of 2   coder 2: none   |   coder 3: TSI “I feel”"],
    }


def test_labels_that_do_not_overlap_are_disputes_of_their_own() -> None:
    labels = {"ana": [span(1, "I notice", "TSI")], "ben": [span(1, "pushed you", "TSI")]}
    lines = dispute_lines(["ana", "ben"], compare(labels))[1]
    assert [line.partition("   coder")[0] for line in lines] == ["    ▸ decide 1 of 2", "    ▸ decide 2 of 2"]


def test_a_line_under_a_turn_moves_no_offset() -> None:
    session = Session("S1", (Turn(1, "T", "one"), Turn(2, "C", "two")))
    page = build_page(session, (1, 2), None, batch="1", coder="consensus", session_sha256="0", notes={1: ["  note"]})
    assert page.text == "[1] T: one\n  note\n[2] C: two"
    assert [page.turn_text(turn) for turn in page.turns] == ["one", "two"]
    assert list(page.pieces(page.text.index("note"), page.text.index("note") + 4)) == []


def test_numbers_are_drawn_anew_unless_recorded_for_the_same_coders() -> None:
    coders = ["ana", "ben", "cem"]
    assert draw_numbers(coders, ["cem", "ana", "ben"]) == ["cem", "ana", "ben"]
    assert {tuple(draw_numbers(["ana", "ben"])) for _ in range(60)} == {("ana", "ben"), ("ben", "ana")}
    assert sorted(draw_numbers(coders, ["ana", "ben"])) == coders


def test_reasons_have_keys_of_their_own_and_take_none_of_the_codebooks() -> None:
    core, protocol = load_codebook("relational-core"), load_codebook("relational-protocol")
    keys = label_keys(with_reasons(core))
    assert [keys[f"why.{name}"] for name in REASONS] == ["1", "2", "3", "4", "5", "6", "7"]
    own = {code.id: code.key for code in protocol.codes if code.key}
    keys = label_keys(with_reasons(protocol))
    assert own.items() <= keys.items()
    assert len(set(keys.values())) == len(keys)
