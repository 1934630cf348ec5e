"""Coefficients of other packages: entry points of the group `relcode.coefficients`, computed beside relcode's own.

An entry point gives a function of `Sums` with any leading axes to one number for each (NaN: undefined), as relcode's own
are: so every coefficient gets its interval from the same resamples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from relcode.errors import PluginError
from relcode.plugins import Point, running
from relcode.reliability.coefficients import COEFFICIENTS, Floats, Sums

_OF_DOSES = ("icc", "icc_k", "icc_rate", "icc_rate_k", "alpha_counts")
_OF_SCALES = ("alpha_nominal", "alpha_ordinal", "alpha_interval", "alpha_ratio")
PLUGINS: Point[Callable[[Sums], Floats]] = Point(
    "coefficient",
    (*COEFFICIENTS, *_OF_SCALES, *_OF_DOSES, "gamma"),
    "function from Sums to numbers",
    lambda _, given: callable(given),
)


def further_coefficients() -> dict[str, Callable[[Sums], Floats]]:
    """The coefficients of plug-ins that load, by name; each raises PluginError where it fails."""
    return {name: _guarded(name, function) for name, function in PLUGINS.load_all()[0].items()}


def sources_of(names: Iterable[str]) -> dict[str, str]:
    """Those of the names that are coefficients of plug-ins, with package and version."""
    plugins = {plugin.name: plugin for plugin in PLUGINS.plugins() if plugin.fault is None}
    return {name: f"{plugins[name].package} {plugins[name].version}" for name in names if name in plugins}


def notes_on_plugins() -> list[str]:
    """Which coefficients are of plug-ins, and which plug-ins cannot be used."""
    usable, faults = PLUGINS.load_all()
    named = [f"{name} ({source})" for name, source in sources_of(usable).items()]
    return ([f"Coefficients of plug-ins: {', '.join(named)}."] if named else []) + faults


def _guarded(name: str, function: Callable[[Sums], Floats]) -> Callable[[Sums], Floats]:
    def run(sums: Sums) -> Floats:
        plugin = PLUGINS.plugin(name)
        with running(plugin):
            found = np.asarray(function(sums), dtype=np.float64)
        if found.shape != sums.paired.shape:
            raise PluginError(f"{plugin} gave the axes {found.shape} for {sums.paired.shape}")
        return found

    return run
