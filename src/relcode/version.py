"""The version of the installed relcode: the tag that it was built from."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

_NOT_INSTALLED = "0.0.0+source"  # imported from a folder of sources that no installer has seen


def installed_version() -> str:
    """The version by the installed package's metadata."""
    try:
        return version("relcode")
    except PackageNotFoundError:
        return _NOT_INSTALLED


VERSION = installed_version()
