"""Organisations: a word of their kind beside a name (`Larkmoor Elementary`, `University of Tennerly`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from relcode.deid.churches import BIBLICAL, SAINTS, church, is_church, saint
from relcode.deid.cues import FUNCTION
from relcode.deid.kind_names import BEGINS, by_kind, generic, stops
from relcode.deid.kinds import GENERIC, HEADS, KINDS
from relcode.deid.lexicon import NEVER, know
from relcode.deid.lists import word_set
from relcode.deid.signboards import is_signboard, on_a_signboard
from relcode.deid.tokens import Token

# Ordinary words oftener than kinds.
_ONLY_CAPITAL = word_set("times works lines plant co press inn plan project network")
# The last word of the names of homes and practices that hold no kind: "at golden meadows", "at cedar valley heart".
HOMES = word_set(
    "meadows shores waters acres pines gardens hills springs oaks terrace villas glen grove ridge heights woods fields "
    "pointe heart eye kidney spine vision hearing smiles"
)


def is_organisation(run: Sequence[Token]) -> bool:
    """Whether a run of capitalised words names an organisation by its kind."""
    plains = [token.plain for token in run]
    if len(run) < 2:
        return False
    if plains[0] in ("our", "the") and plains[1] == "lady":
        return True
    if any(token.gap.strip() == "&" for token in run[1:]):
        return True
    if is_church(plains) or (len(run) == 2 and not run[0].opens and is_signboard(plains)):
        return True
    kinds = [n for n, plain in enumerate(plains) if plain in KINDS]
    if not kinds:
        return False
    named = [p for n, p in enumerate(plains) if n not in kinds and p not in GENERIC and p not in FUNCTION]
    if plains[0] in HEADS and "of" in plains:
        return bool(named)
    # "Folsom Prison Blues" is a song.
    follows = plains[kinds[-1] + 1 : kinds[-1] + 2]
    return kinds[-1] > 0 and bool(named) and follows in ([], ["of"], ["for"])


def organisations_in_small_letters(words: Sequence[Token]) -> Iterator[tuple[int, int, float]]:
    """Organisations in text without capitals: their first and last word, and how sure."""
    at, free = 0, 0
    while at < len(words):
        found = _at_word(words, at, free)
        if found is not None:
            yield found
            at = free = found[1]
        at += 1
        free = max(free, at) if found is not None else free


def _at_word(words: Sequence[Token], at: int, free: int) -> tuple[int, int, float] | None:
    """The organisation that a word of its name gives away, if there is one."""
    plain = words[at].plain
    if plain in HOMES:
        home = _home(words, at, free)
        if home is not None:
            return home
    signboard = on_a_signboard(words, at)
    if signboard is not None:
        return signboard
    if plain == "camp":
        return _camp(words, at)
    if plain in BIBLICAL and at - free > 0:
        return church(words, at, free)
    if plain == "union" and at and words[at - 1].plain == "credit":
        named = _after_union(words, at)
        if named is not None:
            return named
    if plain in KINDS and plain not in _ONLY_CAPITAL:
        return by_kind(words, at, free) or _by_head(words, at)
    if plain in SAINTS:
        return saint(words, at)
    return _by_head(words, at) if plain in HEADS or plain == "lady" else None


def _home(words: Sequence[Token], at: int, free: int) -> tuple[int, int, float] | None:
    """ "at golden meadows": one or two words between "at" and what such names end with."""
    if at + 1 < len(words) and words[at + 1].gap == " " and generic(words[at + 1].plain):
        return None
    for start in range(at - 1, max(free, at - 2) - 1, -1):
        plain = words[start].plain
        if (plain in FUNCTION and plain not in BEGINS) or know(plain).word == 9 or words[start + 1].gap != " ":
            return None
        if start and words[start - 1].plain == "at" and words[start].gap == " ":
            return start, at, 0.6
    return None


def _after_union(words: Sequence[Token], at: int) -> tuple[int, int, float] | None:
    """ "the credit union harbor mariners": two words after it that belong to nothing else."""
    named = words[at + 1 : at + 3]
    if at < 2 or words[at - 2].plain not in ("the", "my", "our", "a") or len(named) < 2:
        return None
    if any(t.gap != " " or stops(t.plain) or generic(t.plain) or know(t.plain).word > 3 for t in named):
        return None
    return at + 1, at + 2, 0.55


def _camp(words: Sequence[Token], at: int) -> tuple[int, int, float] | None:
    """ "at camp sunny ridge"."""
    if at == 0 or words[at - 1].plain not in ("at", "called") or at + 1 == len(words) or words[at + 1].gap != " ":
        return None
    if words[at + 1].plain in FUNCTION or know(words[at + 1].plain).word == 9:
        return None
    longer = at + 2 < len(words) and words[at + 2].gap == " " and words[at + 2].plain in HOMES
    return at, at + 1 + longer, 0.7


def _by_head(words: Sequence[Token], at: int) -> tuple[int, int, float] | None:
    """ "university of tennerly", "our lady of sorrows"."""
    plain = words[at].plain
    following = words[at + 2] if at + 2 < len(words) and words[at + 1].plain == "of" else None
    if plain == "lady" and at and words[at - 1].plain == "our":
        return at - 1, at + 2 if following is not None else at, 0.85
    if plain not in HEADS or following is None or following.plain in FUNCTION:
        return None
    what = know(following.plain)
    named = what.unknown or what.place != NEVER or what.clear or what.word == 9
    return (at, at + 2, 0.8) if named or plain in ("university", "college", "bank") else None
