"""Who is meant: the mentions of a dyad's sessions put together to people, and what stands in their place.

A full name and its parts, diminutives (of a list), spelled names and other spellings of one name are one person. A
mention that the key knows already stays whose it was. A surname that several people bear and that nothing more is said
with is nobody's in particular: it stands for the family.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from relcode.deid.invented_names import diminutives, sex_of_first_name
from relcode.deid.key import DyadKey, Person
from relcode.deid.lists import words
from relcode.deid.mentions import Mention, rewritten, sound

FAMILY = "family"
InventFirst = Callable[[Person], str | None]
InventSurname = Callable[[], str | None]


class People:
    """The people of a dyad. `learn` all mentions first, then ask for the replacement of each in the order of the text."""

    def __init__(self, dyad_key: DyadKey) -> None:
        self._key = dyad_key
        self._by_form = {form: person for person in dyad_key.people for form in person.forms}

    def learn(self, mentions: Iterable[Mention]) -> None:
        """Put mentions together to people: full names first, so that a name alone finds whose it is."""
        new = list(dict.fromkeys(mention for mention in mentions if mention.form not in self._by_form))
        for mention in new:
            if len(mention.words) > 1:
                self._hold(self._of_full_name(mention), mention, "full")
        surname_known = [mention for mention in new if len(mention.words) == 1 and mention.titled]
        for mention in surname_known + [m for m in new if len(m.words) == 1 and not m.titled]:
            if mention.form not in self._by_form:
                self._hold(*self._of_one_word(mention))

    def person(self, mention: Mention) -> Person:
        """Who is meant by a mention that was learnt."""
        return self._by_form[mention.form]

    def tag(self, mention: Mention) -> str:
        """`[NAME_3]`; numbers are given in the order of the first replacement."""
        person = self.person(mention)
        if not person.tag:
            person.tag = f"[NAME_{self._key.next_number('NAME')}]"
        return person.tag

    def surrogate(
        self, mention: Mention, text: str, invent_first: InventFirst, invent_surname: InventSurname
    ) -> str | None:
        """The mention with invented names, written as `text` is; None where there is no name left to invent.

        Parameters
        ----------
        invent_first, invent_surname
            Give a name that nobody in the dyad has.
        """
        person = self.person(mention)
        self.tag(mention)  # numbers are given in either mode, so that a later run may choose the other
        role = person.forms[mention.form]
        new: list[str] = []
        for position, word in enumerate(mention.words):
            part = _part(role, position, len(mention.words))
            if part == "first":
                person.invented_first = person.invented_first or invent_first(person) or ""
                name = person.invented_first
            elif part == "middle":
                name = self._shared(word, lambda: invent_first(person))
            elif part == "plural":
                name = _plural(self._shared(person.surname, invent_surname))
            else:
                name = self._shared(_spelled_out(word, person.surname), invent_surname)
            if not name:
                return None
            new.append(name[0] if len(word) == 1 else name)
        if role == "short":
            short = diminutives(new[0].lower())
            new = [short[0].capitalize()] if short else new
        return rewritten(text, new)

    def _shared(self, word: str, invent: InventSurname) -> str:
        """The invented name of a word that several people may bear; of each part of a double name."""
        pieces = []
        for piece in word.split("-"):
            known = next((name for name in self._key.names if sound(name) == sound(piece)), piece)
            if not self._key.names.get(known):
                self._key.names[known] = invent() or ""
            pieces.append(self._key.names[known])
        return "-".join(pieces) if all(pieces) else ""

    def _hold(self, person: Person, mention: Mention, role: str) -> None:
        person.forms[mention.form] = role
        self._by_form[mention.form] = person
        if not person.sex:
            person.sex = mention.sex or sex_of_first_name(person.first)

    def _of_full_name(self, mention: Mention) -> Person:
        first, surname = mention.words[0], mention.words[-1]
        same = [p for p in self._key.people if _same(p.surname, surname) and _akin(p.first, first)]
        same += [p for p in self._key.people if not p.surname and _same(p.first, first)]
        if same:
            same[0].surname = same[0].surname or surname
            return same[0]
        return self._new(first=first, surname=surname)

    def _of_one_word(self, mention: Mention) -> tuple[Person, Mention, str]:
        word = mention.words[0]
        bearers = [p for p in self._key.people if _bears(p, word)]
        called = [p for p in self._key.people if _same(p.first, word)]
        if called and not (mention.titled and bearers):
            return _of_sex(called, mention.sex)[0], mention, "first"
        if bearers:
            return self._of_surname(bearers, mention.sex, word), mention, "last"
        for ending in ("s", "es"):
            one = word.removesuffix(ending)
            if one != word and any(_bears(person, one) for person in self._key.people):
                return self._family(one), mention, "plural"
        akin = [p for p in self._key.people if p.first and _akin(p.first, word)]
        if len(akin) == 1 and not mention.titled:
            return akin[0], mention, "short" if word in diminutives(akin[0].first) else "first"
        if mention.titled:
            return self._new(surname=word), mention, "last"
        return self._new(first=word), mention, "first"

    def _of_surname(self, bearers: Sequence[Person], sex: str, surname: str) -> Person:
        fitting = _of_sex([person for person in bearers if person.relation != FAMILY], sex) or list(bearers)
        return fitting[0] if len(fitting) == 1 else self._family(surname)

    def _family(self, surname: str) -> Person:
        family = [p for p in self._key.people if p.relation == FAMILY and _same(p.surname, surname)]
        return family[0] if family else self._new(surname=surname, relation=FAMILY)

    def _new(self, **fields: str) -> Person:
        person = Person(**fields, forms={})
        self._key.people.append(person)
        return person


def _same(one: str, other: str) -> bool:
    """Whether two names are one: but for accents and doubled letters, or the initial of the other."""
    if not one or not other:
        return False
    if len(one) == 1 or len(other) == 1:
        return one[0] == other[0]
    return sound(one) == sound(other)


def _akin(one: str, other: str) -> bool:
    """Whether two first names are one, or one is a short form of the other; two short forms of one name are not."""
    return _same(one, other) or other in diminutives(one) or one in diminutives(other)


def _bears(person: Person, word: str) -> bool:
    """Whether a word is a person's surname, a part of it, or one of two surnames."""
    if not person.surname:
        return False
    full = [form.split() for form, role in person.forms.items() if role == "full"]
    others = {name for form in full for name in form[1:-1] if name not in words("first_names")}
    return any(sound(name) == sound(word) for name in {person.surname, *person.surname.split("-"), *others})


def _plural(name: str) -> str:
    return name + ("es" if name.endswith(("s", "x", "z", "ch", "sh")) else "s") if name else ""


def _spelled_out(word: str, surname: str) -> str:
    """The surname that an initial stands for."""
    return surname if len(word) == 1 and surname.startswith(word) else word


def _of_sex(people: Sequence[Person], sex: str) -> list[Person]:
    fitting = [person for person in people if sex and person.sex == sex]
    return fitting or [person for person in people if not sex or person.sex in ("", sex)] or list(people)


def _part(role: str, position: int, length: int) -> str:
    if role == "full":
        return "first" if position == 0 else "last" if position == length - 1 else "middle"
    return "first" if role == "short" else role
