"""What changed in the cues and word lists between two versions. Labels stand; suggestions and models change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from relcode.codebook.changes import Change
from relcode.codebook.lineage import Lineage
from relcode.codebook.schema import Code, Codebook, Cue

_NAMED = re.compile(r"<([^<>|\s]+)>")


def cue_changes(old: Code, new: Code, lineage: Lineage) -> Iterator[Change]:
    """A change for each cue of a code that was added, dropped, renamed or altered."""
    before = {cue.name: cue for cue in (_under_new_names(cue, lineage) for cue in old.cues)}
    after = {cue.name: cue for cue in new.cues}
    gone = [name for name in before if name not in after]
    for name, cue in after.items():
        if name in before:
            said = _altered(before[name], cue)
        else:
            same = next((other for other in gone if not _altered(before[other], cue)), None)
            if same is not None:
                gone.remove(same)
            said = f"renamed, it was {same}" if same is not None else f"added, weight {cue.weight:+g}"
        if said:
            yield Change(code=new.id, kind="cue", says=f"{new.id}: cue {name}: {said}")
    for name in gone:
        yield Change(code=new.id, kind="cue", says=f"{new.id}: cue {name}: dropped")


def lexicon_changes(old: Codebook, new: Codebook) -> Iterator[Change]:
    """A change for each word list that differs: the codebook's own, and those of other codebooks that its cues name."""
    before, after = _lexicons(old), _lexicons(new)
    own = {name for book in (old, new) for part in (book, *book.members) for name in part.lexicons}
    users = _users(new, after)
    for name in dict.fromkeys([*before, *after]):
        was, now = set(before.get(name, ())), set(after.get(name, ()))
        cues = users.get(name, [])
        if was == now or not (name in own or cues):
            continue
        counts = {"added": len(now - was), "dropped": len(was - now)}
        said = ", ".join(f"{count} word(s) {what}" for what, count in counts.items() if count)
        if name not in before or name not in after:
            said = f"{'added' if name in after else 'dropped'}, {len(was | now)} word(s)"
        yield Change(code="", kind="lexicon", says=f"lexicon {name}: {said}; {_touched(cues)}")


def _under_new_names(cue: Cue, lineage: Lineage) -> Cue:
    """A cue of the old version with the codes that it names as they are called now."""
    use = cue.use
    if use is not None:
        code_id, slash, cue_id = use.partition("/")
        use = f"{lineage.home(code_id)}{slash}{cue_id}"
    when = msgspec.structs.replace(
        cue.when,
        after=cue.when.after and [lineage.home(name) for name in cue.when.after],
        with_=cue.when.with_ and [lineage.home(name) for name in cue.when.with_],
    )
    return msgspec.structs.replace(cue, use=use, when=when)


def _altered(old: Cue, new: Cue) -> str:
    """In words, what differs between two cues but the name."""
    said = []
    if old.weight != new.weight:
        said.append(f"weight {old.weight:+g} to {new.weight:+g}")
    was, now = {_text(pattern) for pattern in old.patterns}, {_text(pattern) for pattern in new.patterns}
    if was != now:
        counts = {"added": len(now - was), "dropped": len(was - now)}
        said.append("patterns " + ", ".join(f"{count} {what}" for what, count in counts.items() if count))
    if old.when != new.when:
        said.append("condition changed")
    if old.in_ != new.in_:
        said.append(f"looked for in the {new.in_}, not the {old.in_}")
    if old.use != new.use:
        said.append("another cue taken over")
    if old.note != new.note:
        said.append("note changed")
    return "; ".join(said)


def _text(pattern: Any) -> str:
    """A pattern as one string that can be compared and searched."""
    if isinstance(pattern, str):
        return pattern
    return " ".join(f"<{token['LEX']}>" if "LEX" in token else "" for token in pattern) + (
        msgspec.json.encode(pattern, order="sorted").decode()
    )


def _lexicons(book: Codebook) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for part in (book, *book.all_used):
        for name, entries in part.lexicons.items():
            found.setdefault(name, entries)
    return found


def _users(book: Codebook, lexicons: dict[str, list[str]]) -> dict[str, list[str]]:
    """The cues that a lexicon touches, through other lexicons too: lexicon -> `CODE/cue`."""
    found: dict[str, list[str]] = {}
    for code in book.codes:
        for cue in code.cues:
            waiting = [name for pattern in cue.patterns for name in _NAMED.findall(_text(pattern))]
            seen: set[str] = set()
            while waiting:
                name = waiting.pop()
                if name not in seen:
                    seen.add(name)
                    found.setdefault(name, []).append(f"{code.id}/{cue.name}")
                    waiting += [inner for entry in lexicons.get(name, ()) for inner in _NAMED.findall(entry)]
    return found


def _touched(cues: list[str]) -> str:
    if not cues:
        return "no cue names it"
    shown = ", ".join(cues[:5])
    return f"it touches {len(cues)} cue(s): {shown}{', ...' if len(cues) > 5 else ''}"
