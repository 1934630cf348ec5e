"""What a card says in sentences, on the page and in a terminal alike."""

from __future__ import annotations

from typing import Any

from relcode.learning.standing import gain_of_card


def data_in_words(card: dict[str, Any]) -> list[str]:
    """From what the model learned."""
    training = card["training"]
    sessions = training["sessions"]
    said = [f"{len(sessions)} sessions of {len({entry['dyad'] for entry in sessions})} dyads."]
    partly = [entry for entry in sessions if "coded_turns" in entry]
    if partly:
        coded, turns = (sum(entry[name] for entry in partly) for name in ("coded_turns", "turns"))
        said.append(
            f"{len(partly)} of them are coded in part ({coded} of {turns} turns); what was not coded, and what is in "
            "dispute, neither teaches nor counts. Disputed turns are the hard ones: without them the figures are a little "
            "too good."
        )
    teacher = card.get("teacher")
    if teacher:
        said.append(
            f"Taught by {teacher['id']} on {len(teacher['sessions'])} sessions without labels."
            + (
                f" The teacher had learned from {teacher['knew_dyads']} of the dyads by which this model is judged, so the "
                "figures are too good; sessions held out from both tell more."
                if teacher["knew_dyads"]
                else ""
            )
        )
    parent = card.get("parent")
    if parent:
        said.append(
            f"Begun from the weights of {parent['id']}, which learned from {len(parent['trained_on'])} sessions of other dyads."
            if parent["used"]
            else f"Not begun from {parent['id']}: {parent['why']}."
        )
    needed = [f"{each['name']} ({each['package']} {each['version']})" for each in card.get("plugins", ())]
    return [*said, f"Its cues need the plug-ins {', '.join(needed)}; without them it is refused."] if needed else said


def protocol_in_words(card: dict[str, Any]) -> list[str]:
    """How the figures came about."""
    training = card["training"]
    said = [
        f"Figures from {training['folds']}-fold cross-validation in which no dyad is split (seed {training['seed']}); "
        "intervals are 95 % over sessions."
    ]
    if training.get("nested"):
        said.append("Calibration and thresholds of each fold were chosen without it (nested folds).")
    elif "nested" in training:
        said.append(
            "Calibration and thresholds of a fold come from the scores of the other folds, whose models had seen it: "
            "figures may be a little too good."
        )
    if training.get("codebook_fitted_to"):
        said.append(
            f"The codebook's weights had been fitted to {training['codebook_fitted_to']} of the sessions, so the figures are "
            "too good."
        )
    return said


def more_in_words(card: dict[str, Any]) -> str:
    """Whether more coding pays; empty where the card has no learning curve."""
    gain = gain_of_card(card)
    return "" if gain is None else f"{gain.in_words[0].upper()}{gain.in_words[1:]}."


def threshold_in_words(threshold: float) -> str:
    """A threshold with three digits; one that is never reached in a word."""
    return "never" if threshold > 1 else f"{threshold:.3f}"
