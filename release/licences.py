"""Check the licences of all that relcode installs, by what the installed packages say of themselves.

    python release/licences.py                    # in the environment to be checked: relcode and what it needs
    python release/licences.py --extra doccano    # and what an extra needs

Exit status 1 where a licence is copyleft, or not known, and is not explained below.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# What may be passed on under any conditions but notice of the authors.
PERMISSIVE = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python",
    "ISC", "MIT", "MIT-0", "PSF-2.0", "Zlib",
}  # fmt: skip
# What stands in metadata that is older than SPDX expressions, or beside them.
SPELLINGS = {
    "3-clause bsd license": "BSD-3-Clause",
    "apache 2.0": "Apache-2.0",
    "apache license": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd 3-clause": "BSD-3-Clause",
    "bsd 3-clause license": "BSD-3-Clause",
    "bsd license": "BSD",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "psfl": "PSF-2.0",
    "python software foundation license": "PSF-2.0",
}
# Not in the list above, and yet all right: the licence, and why. A package that changes its licence is asked about again.
EXPLAINED = {
    "certifi": ("MPL-2.0", "copyleft of its own files alone, which relcode does not change"),
    "skops": ("OSI Approved", "MIT by the LICENSE file in its wheel; its metadata names none"),
    "tqdm": ("MPL-2.0 AND MIT", "copyleft of its own files alone, which relcode does not change"),
}
_TEXT_OF_APACHE = "apache license version 2.0, january 2004"
_LONGEST = 60  # characters of a licence's name; what is longer is its text


class Finding(NamedTuple):
    """A package, its licence as it names it, and why it is not all right (None: it is)."""

    name: str
    version: str
    licence: str
    fault: str | None


def licence_of(metadata: Distribution) -> str:
    """The licence as a package names it: an SPDX expression, its classifiers, or the first line of a text."""
    fields = metadata.metadata
    expression = fields.get("License-Expression")
    if expression:
        return str(expression)
    classifiers = [
        each.rsplit(" :: ", 1)[1] for each in fields.get_all("Classifier", []) if each.startswith("License ::")
    ]
    if classifiers and classifiers != ["OSI Approved"]:
        return " AND ".join(_spdx(each) for each in classifiers)
    text = " ".join(str(fields.get("License") or "").split())
    if text.casefold().startswith(_TEXT_OF_APACHE):
        return "Apache-2.0"
    return _spdx(text[:_LONGEST]) or " AND ".join(classifiers) or "none named"


def is_permissive(licence: str) -> bool:
    """Whether all parts that are joined by AND, and one at least of those joined by OR, are permissive."""
    choices = re.split(r"\s+OR\s+", licence)  # brackets would make a part unknown, and so a person look
    return any(all(part.strip() in PERMISSIVE for part in re.split(r"\s+AND\s+", choice)) for choice in choices)


def _spdx(name: str) -> str:
    return SPELLINGS.get(name.casefold(), name)


def check(root: str, extras: Sequence[str] = ()) -> list[Finding]:
    """A finding for each package that `root` with these extras needs here, by name."""
    return [_finding(each) for each in sorted(_needed(root, extras), key=lambda each: canonicalize_name(each.name))]


def _finding(package: Distribution) -> Finding:
    name, licence = canonicalize_name(package.name), licence_of(package)
    if is_permissive(licence) or EXPLAINED.get(name, ("",))[0] == licence:
        return Finding(name, package.version, licence, None)
    fault = "not known to be permissive; look, then add it to PERMISSIVE, SPELLINGS or EXPLAINED, or do without it"
    return Finding(name, package.version, licence, fault)


def _needed(root: str, extras: Iterable[str]) -> Iterator[Distribution]:
    """The installed packages that a package needs, with those that they need; `root` itself too."""
    seen: set[tuple[str, frozenset[str]]] = set()
    given: set[str] = set()
    waiting = [(canonicalize_name(root), frozenset(extras))]
    while waiting:
        name, wanted = waiting.pop()
        if (name, wanted) in seen:
            continue
        seen.add((name, wanted))
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue  # for another platform, or an extra that is not installed here
        if name not in given:
            given.add(name)
            yield found
        for line in found.requires or []:
            requirement = Requirement(line)
            if _applies(requirement, wanted):
                waiting.append((canonicalize_name(requirement.name), frozenset(requirement.extras)))


def _applies(requirement: Requirement, extras: Iterable[str]) -> bool:
    return requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in ("", *extras))


def main() -> int:
    parser = argparse.ArgumentParser(description="Check the licences of relcode's dependencies.")
    parser.add_argument("--extra", action="append", default=[], help="an extra of relcode; may be repeated")
    findings = check("relcode", parser.parse_args().extra)
    for finding in findings:
        why = f"  ({EXPLAINED[finding.name][1]})" if finding.name in EXPLAINED and finding.fault is None else ""
        print(f"{finding.name} {finding.version}: {finding.licence}{why}")
    faults = [
        f"{finding.name} {finding.version}: {finding.licence}: {finding.fault}" for finding in findings if finding.fault
    ]
    print(f"{len(findings)} packages, {len(faults)} fault(s)")
    print("\n".join(faults), file=sys.stderr, end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
