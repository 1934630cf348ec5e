"""Print the versions of this environment as constraints for pip. Run it (`make constraints`) after `make test` has passed."""

from __future__ import annotations

import platform
from importlib.metadata import distributions

from packaging.utils import canonicalize_name

NOT_OF_RELCODE = {"pip", "relcode", "setuptools", "wheel"}


def main() -> None:
    versions = {canonicalize_name(each.name): each.version for each in distributions()}
    print(
        f"# The versions with which the tests passed (Python {platform.python_version()}); `make constraints` writes this file."
    )
    print("# pip install relcode --constraint constraints.txt")
    for name in sorted(versions.keys() - NOT_OF_RELCODE):
        print(f"{name}=={versions[name]}")


if __name__ == "__main__":
    main()
