"""What stands in the place of each identifier of a dyad: a tag, or an invented one of the same kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from typing import Literal

from relcode.deid.date_shift import DateShift, header_date, names_day_first
from relcode.deid.detect import Finding
from relcode.deid.invented_names import diminutives, invented_names, sex_of_first_name
from relcode.deid.invented_numbers import (
    HOST_LABELS,
    NUMBER_LABELS,
    as_written,
    invented_host,
    invented_number,
    plain_address,
    plain_number,
    without_extension,
)
from relcode.deid.invented_places import invented_place
from relcode.deid.key import Key, Person
from relcode.deid.letter_case import in_case_of
from relcode.deid.mentions import Mention, read_mention
from relcode.deid.people import FAMILY, People
from relcode.deid.relations import OF_ANOTHER, relation_beside, sex_of_relation
from relcode.records import Session, Turn

Mode = Literal["tag", "surrogate"]
_TAG = re.compile(r"\[([A-Z]+(?:_[A-Z]+)*)_(\d{1,6})\]")
_WORD = re.compile(r"[^\W\d_]+")
_POSSESSIVE = re.compile(r"['’]s$")
_TITLE_REACH = 16
_ALIKE = 3  # letters at the beginning
_POOLS = {"f": ("female",), "m": ("male",), "": ("neutral", "female", "male")}


class Replacements:
    """The replacements of one dyad. `learn` all its sessions first, then ask for each finding in the order of the text.

    Parameters
    ----------
    key
        Read, so that what has a replacement keeps it, and extended.
    sessions
        The dyad's sessions: no surrogate is a word of theirs, and tags that stand in them already are not given again.
    """

    def __init__(self, dyad: str, key: Key, mode: Mode, sessions: Collection[Session]) -> None:
        self._dyad, self._key, self._mode = dyad, key, mode
        self._of_dyad = key.of_dyad(dyad)
        self._people = People(self._of_dyad)
        self._day_first = False
        self._pools: dict[str, list[str]] = {}
        self._taken: set[str] = set()
        for session in sessions:
            for turn in session.turns:
                self._read(turn.text)
        self._taken |= {word for person in self._of_dyad.people for form in person.forms for word in form.split()}
        self._taken |= {person.invented_first.lower() for person in self._of_dyad.people}
        self._taken |= {name.lower() for name in self._of_dyad.names.values()}

    def _read(self, text: str) -> None:
        if "[" in text:
            for label, number in _TAG.findall(text):
                self._of_dyad.reserve(label, int(number))
        if self._mode == "surrogate":
            self._taken.update(_WORD.findall(text.lower()))

    def learn(self, session: Session, findings: Iterable[Finding]) -> None:
        """Take in the people named in a session, and how its dates are written."""
        turns = {turn.turn: turn for turn in session.turns}
        named = [(finding, turns[finding.turn]) for finding in findings if finding.label == "NAME"]
        mentions = [_mention(finding, turn) for finding, turn in named]
        self._people.learn(mention for mention in mentions if mention.words)
        for (finding, turn), mention in zip(named, mentions, strict=True):
            if mention.words:
                _relate(self._people.person(mention), finding, turn)
        self._day_first |= any(names_day_first(finding.text) for finding in findings if finding.label == "DATE")

    def date_shift(self, session: Session) -> DateShift:
        """What moves the dates of a session."""
        today = next((day for value in session.metadata.values() if (day := header_date(value))), None)
        return DateShift(self._key.shift_days(self._dyad), self._day_first, today)

    def replacement(self, finding: Finding, turn: Turn, dates: DateShift) -> str:
        """What stands in the place of a finding."""
        mention = _mention(finding, turn) if finding.label == "NAME" else None
        if self._mode == "surrogate":
            surrogate = self._named(mention, finding.text) if mention else self._other(finding, dates)
            if surrogate is not None:
                return surrogate
        if mention is not None and mention.words:
            return self._people.tag(mention)
        return self._tag(finding.label, _plain(finding.label, finding.text))

    def relations(self, session: Session, findings: Iterable[Finding]) -> dict[str, str]:
        """Who the people named in a session are, as far as its words say so: replacement -> relation. No secret."""
        turns = {turn.turn: turn for turn in session.turns}
        said: dict[str, str] = {}
        for finding in findings:
            mention = _mention(finding, turns[finding.turn]) if finding.label == "NAME" else None
            if mention is None or not mention.words:
                continue
            person = self._people.person(mention)
            if person.relation and person.relation != FAMILY:
                said[self._name_of(person)] = person.relation
        return said

    def _name_of(self, person: Person) -> str:
        if self._mode == "tag":
            return person.tag
        return person.invented_first or self._of_dyad.names.get(person.surname, "") or person.tag

    def _named(self, mention: Mention, text: str) -> str | None:
        if not mention.words or any(character.isdigit() for character in text):
            return None
        return self._people.surrogate(mention, text, self._first_name, lambda: self._choose("surnames"))

    def _other(self, finding: Finding, dates: DateShift) -> str | None:
        label, text = finding.label, finding.text
        if label == "DATE":
            return dates.shifted(text)
        if label == "AGE":
            return "90 or over" if text[:1].isdigit() else in_case_of(text, "ninety or over")
        if label in NUMBER_LABELS:
            return self._number(label, text)
        if label in HOST_LABELS:
            return self._kept(
                label,
                _plain(label, text),
                lambda: invented_host(label, text, self._of_dyad.next_number(f"{label} given")),
            )
        return self._place(label, text) if label in ("LOCATION", "ORG") else None

    def _number(self, label: str, text: str) -> str | None:
        """A number's surrogate is kept without its separators, so that it is the same written and spoken."""
        kind = "PHONE" if label == "FAX" else label
        text, extension = without_extension(text) if kind == "PHONE" else (text, "")
        plain = plain_number(text)
        known = self._of_dyad.surrogates.get(kind, {})
        longer = next((new for old, new in known.items() if len(plain) > 2 and old.endswith(plain)), None)
        if plain not in known and longer is not None:  # "the last four" of a number that was given in full
            return as_written(text, longer[-len(plain) :])

        def invent() -> str | None:
            new = invented_number(label, text, self._of_dyad.next_number(f"{kind} given"))
            return new if new is None or _is_handle(new) else plain_number(new)

        new = self._kept(kind, plain, invent)
        written = new if new is None or _is_handle(new) else as_written(text, new)
        return None if written is None else written + extension

    def _place(self, label: str, text: str) -> str | None:
        possessive = _POSSESSIVE.search(text)
        bare = text[: possessive.start()] if possessive else text
        model = bare.title() if bare.islower() or (bare.isupper() and " " in bare) else bare

        def invent() -> str | None:
            number = self._of_dyad.next_number(f"{label} given")
            seed = self._key.bytes_for("places", self._dyad)
            return invented_place(model, lambda: self._choose("towns"), number, seed)

        new = self._kept(label, _plain(label, bare), invent)
        if new is None:
            return None
        new = in_case_of(bare, new) if bare.islower() or model != bare else new
        return new + (possessive.group() if possessive else "")

    def _kept(self, kind: str, plain: str, invent: Callable[[], str | None]) -> str | None:
        """The surrogate that an identifier has, or a new one."""
        known = self._of_dyad.surrogates.setdefault(kind, {})
        if plain not in known:
            new = invent()
            if new is None:
                return None
            known[plain] = new
        return known[plain]

    def _tag(self, label: str, plain: str) -> str:
        known = self._of_dyad.tags.setdefault(label, {})
        if plain not in known:
            known[plain] = f"[{label}_{self._of_dyad.next_number(label)}]"
        return known[plain]

    def _first_name(self, person: Person) -> str | None:
        short = "short" in person.forms.values()
        for pool in _POOLS[person.sex]:
            name = self._choose(pool, short=short) or self._choose(pool)
            if name is not None:
                return name
        return None

    def _choose(self, kind: str, *, short: bool = False) -> str | None:
        """A name of a pool that is nobody's and no word of these sessions; `short`: one that has a short form.

        Names that begin like one of the sessions' (Sara for Sarah) come last: they would look like one left in.
        """
        if kind not in self._pools:
            real = {word[:_ALIKE] for person in self._of_dyad.people for form in person.forms for word in form.split()}
            names = self._key.shuffled(invented_names(kind), kind, self._dyad)
            self._pools[kind] = sorted(names, key=lambda name: name[:_ALIKE].lower() in real)
        for name in self._pools[kind]:
            forms = {name.lower(), *diminutives(name.lower())[:1]}
            if forms & self._taken or (short and len(forms) == 1):
                continue
            self._taken |= forms
            return name
        return None


def _mention(finding: Finding, turn: Turn) -> Mention:
    return read_mention(finding.text, turn.text[max(0, finding.start - _TITLE_REACH) : finding.start])


def _relate(person: Person, finding: Finding, turn: Turn) -> None:
    """Note a person's relation; one to the speakers goes before one to somebody else, else the first said stays."""
    relation = relation_beside(turn.text, finding.start, finding.end, turn.speaker)
    if relation is None or person.relation == FAMILY:
        return
    if not person.relation or (person.relation.endswith(OF_ANOTHER) and not relation.endswith(OF_ANOTHER)):
        person.relation = relation
    person.sex = person.sex or sex_of_first_name(person.first) or sex_of_relation(relation)


def _plain(label: str, text: str) -> str:
    if label in NUMBER_LABELS:
        return plain_number(text)
    return plain_address(text) if label in HOST_LABELS else " ".join(_POSSESSIVE.sub("", text).lower().split())


def _is_handle(text: str) -> bool:
    return text.startswith("@") or "_" in text
