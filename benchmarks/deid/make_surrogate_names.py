"""Write the lists of names with their sex, and of names to invent people from, in `src/relcode/deid/data/`.

Run by hand in an environment with `names` (MIT; lists of the US Census Bureau, public domain) and `Faker` (MIT), after
`make_lists.py`, whose lists of words, towns and names that are words are read.

    python benchmarks/deid/make_surrogate_names.py
"""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import names
from faker import Faker

DATA = Path(__file__).parents[2] / "src" / "relcode" / "deid" / "data"
LOCALES = ["en_US", "en_GB", "en_AU", "en_IE", "en_IN", "es_ES", "es_MX", "fr_FR", "de_DE", "it_IT", "pl_PL", "pt_BR"]
LOCALES += ["nl_NL", "tr_TR", "sv_SE", "fi_FI", "ga_IE", "tw_GH", "yo_NG", "zu_ZA", "id_ID", "cs_CZ", "ro_RO", "hr_HR"]
WORD = re.compile(r"[a-zà-ÿ][a-zà-ÿ'’-]+")
CLEAR = 20  # a name is one sex's where that sex bears it this many times as often
TOWN_STARTS = (
    "Alder Amble Arling Bram Brackle Brindle Calder Carrow Cawder Coldle Cropple Darrow Dunnock Elder Ember "
    "Fallow Farrow Gannet Garrow Hallow Harble Hazle Kestle Lambe Larrow Linnet Marrow Merrow Ottle Pellow "
    "Pinnock Quarle Rackle Rimble Sallow Sorrel Tallow Tamble Thistle Tindle Varrow Wrenn Yarrow"
)
TOWN_ENDS = "bourne bury combe cote dale den field gate holme hurst leigh mere ridge shaw stead stoke wick worth"
FIRST_NAMES, LAST_NAMES = 220, 500  # to invent people from, of each sex


def main() -> None:
    female, male = (census(f"dist.{sex}.first") for sex in ("female", "male"))
    only_female = {name for name, share in female.items() if share >= CLEAR * male.get(name, 0)}
    only_male = {name for name, share in male.items() if share >= CLEAR * female.get(name, 0)}
    for locale in LOCALES:
        provider = next((p for p in Faker(locale).get_providers() if hasattr(p, "first_names_female")), None)
        if provider is not None:
            only_female |= {name for name in map(str.lower, provider.first_names_female) if WORD.fullmatch(name)}
            only_male |= {name for name in map(str.lower, provider.first_names_male) if WORD.fullmatch(name)}
    both = (only_female & only_male) | {
        name for name in female.keys() & male.keys() if name not in only_female and name not in only_male
    }
    only_female, only_male = only_female - both, only_male - both
    write("female_names.txt", sorted(only_female))
    write("male_names.txt", sorted(only_male))
    other = read("words") | read("name_words") | read("not_names") | read("places")
    surnames = census("dist.all.last")
    for kind, shares, clear in (("female", female, only_female), ("male", male, only_male)):
        usual = [n for n in shares if n in clear and n not in other and surnames.get(n, 0) < 0.005 and 4 <= len(n) <= 9]
        write(f"invented_{kind}.txt", usual[:FIRST_NAMES])
    firsts = female.keys() | male.keys()
    usual = [name for name in surnames if name not in other | firsts and 5 <= len(name) <= 10]
    write("invented_surnames.txt", usual[:LAST_NAMES])
    real = other | surnames.keys() | firsts
    towns = (f"{start}{end}".lower() for start, end in itertools.product(TOWN_STARTS.split(), TOWN_ENDS.split()))
    write("invented_towns.txt", [town for town in towns if town not in real])


def census(file: str) -> dict[str, float]:
    """Name -> share of its bearers in percent, the most frequent first."""
    lines = (Path(names.__file__).parent / file).read_text().splitlines()
    return {line.split()[0].lower(): float(line.split()[1]) for line in lines if line.strip()}


def read(name: str) -> set[str]:
    return set((DATA / f"{name}.txt").read_text(encoding="utf-8").split())


def write(name: str, entries: list[str]) -> None:
    (DATA / name).write_text("\n".join(entries) + "\n", encoding="utf-8")
    print(name, len(entries))


if __name__ == "__main__":
    main()
