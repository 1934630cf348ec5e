"""Suggesters of other packages: entry points of the group `relcode.suggesters`.

An entry point gives a function `(sessions, codebook, options) -> spans`: `options` is what the user writes behind the name
(`--suggester name:options`). Source and codebook of the spans are set here, and each span is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from relcode.codebook import Codebook
from relcode.plugins import Point, running
from relcode.records import MACHINES, Session, Span
from relcode.suggesters.checking import Suggested, checked

Suggester = Callable[[Sequence[Session], Codebook, str], Iterable[Span]]
PLUGINS: Point[Suggester] = Point(
    "suggester",
    MACHINES,
    "function of sessions, codebook and options",
    lambda _, given: callable(given),
)


def suggest_by_plugin(sessions: Sequence[Session], codebook: Codebook, named: str) -> Suggested:
    """Suggest by a plug-in, named as `name` or `name:options`.

    Raises
    ------
    PluginError
        It is not here, or failed.
    """
    name, _, options = named.partition(":")
    plugin = PLUGINS.plugin(name)
    suggest = PLUGINS.load(name)
    source = f"suggester:{name}@{plugin.version}"
    with running(plugin):
        found = list(suggest(sessions, codebook, options))
    spans, left_out = checked(found, sessions, codebook, source)
    settings = {
        "codebook": codebook.reference,
        "suggester": name,
        "package": plugin.package,
        "version": plugin.version,
        "options": options,
    }
    return Suggested(source, spans, left_out, settings=settings)
