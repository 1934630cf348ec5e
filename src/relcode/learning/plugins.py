"""The plug-ins that a model's card names: without one of them the model is refused; of another version something is said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from relcode.codebook.features import FEATURES, feature_fault
from relcode.errors import ModelError


def check_plugins(card: Mapping[str, Any]) -> None:
    """Refuse a model whose plug-ins are not here.

    Raises
    ------
    ModelError
        Naming every package that is missing or broken.
    """
    faults = [
        f"the {each['kind']} {each['name']} of the package {each['package']} {each['version']}: {fault}"
        for each in card.get("plugins", ())
        if (fault := feature_fault(each["name"]))
    ]
    if faults:
        raise ModelError(
            f"The model {card['id']} was trained with plug-ins that cannot be used here. Install them "
            "(`relcode plugins` lists those that are installed):",
            faults,
        )


def other_versions(card: Mapping[str, Any]) -> list[str]:
    """What is to be said of plug-ins that are of another package or version than those in training."""
    said = []
    for each in card.get("plugins", ()):
        here = FEATURES.plugin(each["name"])
        if (here.package, here.version) != (each["package"], each["version"]):
            said.append(
                f"{card['id']} was trained with the {each['kind']} {each['name']} of {each['package']} {each['version']}; "
                f"installed is {here.package} {here.version}"
            )
    return said
