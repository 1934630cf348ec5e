"""How codes look: told apart without colour, letters that can be read, the same for a family."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from relcode.audit.looks import looks_of, style_of
from relcode.codebook import Code, load_codebook

SHIPPED = "relational-core+ccrt+client-process+rupture-repair+relational-protocol"


def codes(*ids: str, mode: bool = False) -> list[Code]:
    return [Code(id=i, name=i, speakers=["T"], definition="x", prior=0.1, mode=mode) for i in ids]


def contrast(one: str, other: str) -> float:
    """WCAG 2.1, contrast ratio: 1 to 21."""

    def _luminance(color: str) -> float:
        parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_no_two_families_of_the_shipped_codebooks_look_the_same() -> None:
    book = load_codebook(SHIPPED)
    looks = looks_of(book.codes)
    dresses: dict[tuple[str, str], set[str]] = {}
    for code in book.codes:
        if not code.mode:
            dresses.setdefault((looks[code.id].color, looks[code.id].form), set()).add(code.id.partition(".")[0])
    assert [families for families in dresses.values() if len(families) > 1] == []
    assert len({look.letters for look in looks.values()}) == len(book.codes)


def test_letters_stand_out_from_what_they_stand_on() -> None:
    for look in looks_of(load_codebook(SHIPPED).codes).values():
        assert contrast(look.ink, look.color if look.form == "full" else "#FFFFFF") >= 4.5, look


def test_ruptures_and_repairs_look_the_same_whatever_else_the_codebook_has() -> None:
    alone, among = looks_of(codes("RUP.withdrawal", "REP")), looks_of(codes("A", "B", "REP", "RUP.withdrawal"))
    for code in ("RUP.withdrawal", "REP"):
        assert (alone[code].color, alone[code].form) == (among[code].color, among[code].form)


def test_a_family_shares_its_dress_and_modes_are_grey() -> None:
    looks = looks_of([*codes("INT.genetic", "INT.dynamic", "TSI"), *codes("QUEST", mode=True)])
    assert looks["INT.genetic"].color == looks["INT.dynamic"].color != looks["TSI"].color
    assert [looks[code].letters for code in ("INT.genetic", "INT.dynamic", "TSI")] == ["INg", "INd", "TSI"]
    channels = [int(looks["QUEST"].color[at : at + 2], 16) for at in (1, 3, 5)]
    assert max(channels) - min(channels) < 16


@given(st.lists(st.from_regex(r"[A-C]{1,4}(\.[a-c]{1,3})?", fullmatch=True), unique=True, max_size=60))
def test_letters_are_never_shared_and_at_most_four(ids: list[str]) -> None:
    looks = looks_of(codes(*ids))
    assert len({look.letters for look in looks.values()}) == len(ids)
    assert all(1 <= len(look.letters) <= 4 for look in looks.values())


def test_each_code_has_a_rule_of_its_own_in_the_style() -> None:
    looks = list(looks_of(codes("A", "B")).values())
    assert style_of(looks).splitlines() == [
        f".k{row} {{ --c: {look.color}; --i: {look.ink}; }}" for row, look in enumerate(looks)
    ]
