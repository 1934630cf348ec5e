"""Plug-ins: what other installed packages add, found by their entry points, loaded when used.

A part that can be extended has a `Point`: its kind, the names that relcode itself has there, and what an entry point
has to give. A plug-in never takes a built-in name, nor one that two packages claim; one that is broken is named, and the
others go on.
"""

from __future__ import annotations

import contextlib
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Generic, TypeVar

from relcode.errors import PluginError, RelcodeError

Given = TypeVar("Given")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass(frozen=True)
class Plugin:
    """An entry point of an installed package. `value`: its module and attribute; `fault`: why it is not offered."""

    kind: str
    name: str
    package: str
    version: str
    value: str
    fault: str | None = None

    def __str__(self) -> str:
        return f"the {self.kind} {self.name} of the package {self.package} {self.version} ({self.value})"


@dataclass(frozen=True)
class Point(Generic[Given]):
    """Something that plug-ins can extend.

    Attributes
    ----------
    kind
        `reader`, `suggester` ...; the group of its entry points is `relcode.<kind>s`.
    built_in
        The names that relcode has there itself.
    expected
        What an entry point has to give, in words.
    fits
        Whether what an entry point gives, under its name, is that.
    """

    kind: str
    built_in: tuple[str, ...]
    expected: str
    fits: Callable[[str, Any], bool]

    @property
    def group(self) -> str:
        """The group of entry points."""
        return f"relcode.{self.kind}s"

    def plugins(self) -> tuple[Plugin, ...]:
        """All that packages offer, by name, also what cannot be used."""
        found = sorted((_plugin(self.kind, entry) for entry in _entries(self.group, tuple(sys.path))), key=_order)
        return tuple(replace(plugin, fault=self._fault(plugin, found)) for plugin in found)

    def names(self) -> tuple[str, ...]:
        """The names of plug-ins that may be asked for; whether they load is seen when they are."""
        return tuple(plugin.name for plugin in self.plugins() if plugin.fault is None)

    def plugin(self, name: str) -> Plugin:
        """The plug-in of a name.

        Raises
        ------
        PluginError
            There is none, or it is not offered.
        """
        named = [plugin for plugin in self.plugins() if plugin.name == name]
        usable = [plugin for plugin in named if plugin.fault is None]
        if usable:
            return usable[0]
        if named:
            raise PluginError(f"{_capital(str(named[0]))} is not offered: {named[0].fault}.")
        known = ", ".join(self.names()) or "none"
        raise PluginError(
            f"No installed package has a {self.kind} {name!r}; installed are: {known}. `relcode plugins` lists all."
        )

    def load(self, name: str) -> Given:
        """What the plug-in of a name gives; its module is imported.

        Raises
        ------
        PluginError
            There is none, it cannot be imported, or it gives something else.
        """
        plugin = self.plugin(name)
        with running(plugin, "cannot be imported"):
            given = _loaded(plugin, tuple(sys.path))
        if not self.fits(name, given):
            raise PluginError(f"{_capital(str(plugin))} cannot be used: it gives no {self.expected}.")
        return given  # type: ignore[no-any-return]

    def load_all(self) -> tuple[dict[str, Given], list[str]]:
        """All that can be used, by name; and what is wrong with each of the others."""
        usable: dict[str, Given] = {}
        faults = []
        for plugin in self.plugins():
            try:
                usable[plugin.name] = self.load(plugin.name)
            except PluginError as error:
                faults.append(error.message)
        return usable, list(dict.fromkeys(faults))

    def _fault(self, plugin: Plugin, found: list[Plugin]) -> str | None:
        if not _NAME.fullmatch(plugin.name):
            return "its name is not of small letters, digits, dash and underscore"
        if plugin.name in self.built_in:
            return f"relcode itself has a {self.kind} of that name"
        others = sorted({other.package for other in found if other.name == plugin.name})
        return f"{' and '.join(others)} both claim that name; uninstall one" if len(others) > 1 else None


@contextlib.contextmanager
def running(plugin: Plugin, what: str = "failed") -> Iterator[None]:
    """Run code of a plug-in: what it raises becomes an error that names it and the place, without the words of the message.

    Raises
    ------
    PluginError
        The code raised something that is no error of relcode's.
    """
    try:
        yield
    except RelcodeError:
        raise
    except (Exception, SystemExit) as error:
        raise PluginError(
            f"{_capital(str(plugin))} {what}: {_place(error)}. Tell its authors, or uninstall {plugin.package}."
        ) from error


def _place(error: BaseException) -> str:
    """What was raised and where; its message may hold words of a transcript. That of a failed import names modules."""
    said = f" ({error})" if isinstance(error, ImportError) else ""
    frames = traceback.extract_tb(error.__traceback__)
    here = [frame for frame in frames if not frame.filename.startswith("<frozen")]
    where = f" in {Path(here[-1].filename).name}, line {here[-1].lineno}" if here else ""
    return f"{type(error).__name__}{said}{where}"


@lru_cache(maxsize=32)
def _entries(group: str, path: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    """Searched once for each state of `sys.path`."""
    return tuple(entry_points(group=group))


@lru_cache(maxsize=128)
def _loaded(plugin: Plugin, path: tuple[str, ...]) -> Any:
    return EntryPoint(plugin.name, plugin.value, f"relcode.{plugin.kind}s").load()


def _plugin(kind: str, entry: EntryPoint) -> Plugin:
    package = entry.dist
    name, version = ("unknown", "0") if package is None else (package.name, package.version)
    return Plugin(kind, entry.name, name, version, entry.value)


def _order(plugin: Plugin) -> tuple[str, str]:
    return plugin.name, plugin.package


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
