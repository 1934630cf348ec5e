"""What goes into a model's card: data, protocol, codes, figures, environment. Ids, hashes and numbers; no words."""

from __future__ import annotations

import platform
from collections import Counter
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from relcode.codebook.features import feature_plugins
from relcode.learning.held_out import LEAST_FOLDS_NESTED, Ground, Judged
from relcode.learning.labels import dyads_known, fitted_before, known_sessions
from relcode.learning.material import Material
from relcode.learning.model import Model
from relcode.learning.recipe import Recipe
from relcode.learning.thresholds import never_offered
from relcode.provenance import hash_session
from relcode.records import Session
from relcode.version import VERSION

_LIBRARIES = ("numpy", "scipy", "scikit-learn", "spacy", "skops")
_OF_KIND = {"encoder": ("torch", "onnxruntime"), "spacy": ("thinc",)}


def card_of(model: Model, material: Material, recipe: Recipe, ground: Ground, judged: Judged) -> dict[str, Any]:
    """What the card says of the model, its data and how it was trained; figures come beside it."""
    sessions = material.sessions
    return {
        "id": model.id,
        "kind": recipe.kind,
        "codebook": model.codebook.reference,
        "synthetic": all(session.metadata.get("note") == "synthetic" for session in sessions),
        "training": {
            "sessions": [_session(session, material) for session in sessions],
            "labels": dict(sorted(Counter(_source(span.source) for span in material.spans_of(sessions)).items())),
            "folds": ground.folds,
            "nested": recipe.is_thorough and ground.folds >= LEAST_FOLDS_NESTED,
            "codebook_fitted_to": fitted_before(model.codebook, sessions),
            "seed": recipe.seed,
        },
        "threshold_rule": str(recipe.rule),
        "codes": _codes(model, recipe, ground, judged),
        **_plugins(model),
        **_teacher(material),
        **_parent(recipe, material),
        "environment": {
            "relcode": VERSION,
            "python": platform.python_version(),
            **{name: found for name in (*_LIBRARIES, *_OF_KIND.get(recipe.kind, ())) if (found := _version(name))},
        },
    }


def _session(session: Session, material: Material) -> dict[str, Any]:
    entry = {"session_id": session.session_id, "dyad": session.dyad, "sha256": hash_session(session)}
    turns = material.covered[session.session_id]
    return entry if turns is None else {**entry, "coded_turns": len(turns), "turns": len(session.turns)}


def _source(source: str) -> str:
    """`accepted`, `accepted:single` ...; of coders without their names."""
    return "coder" if source.startswith("coder") else source or "not said"


def _codes(model: Model, recipe: Recipe, ground: Ground, judged: Judged) -> dict[str, Any]:
    dyads = np.array([session.dyad for session in ground.table.sessions])[ground.table.segment_session]
    never = never_offered(model.codebook.code_ids, model.thresholds, recipe.rule)
    return {
        code: {
            "learned": bool(model.learned[number]),
            "threshold": round(float(model.thresholds[number]), 6),
            "segments": int(ground.marks[:, number].sum()),
            "dyads": len(set(dyads[ground.marks[:, number]])),
            "learned_in_folds": int(judged.learned_in[number]),
            **({"never": never[code]} if code in never else {}),
        }
        for number, code in enumerate(model.codebook.code_ids)
    }


def _plugins(model: Model) -> dict[str, Any]:
    """The plug-ins that its cues need: without them the model is refused (`learning.plugins`)."""
    found = feature_plugins(model.codebook)
    named = [{"kind": each.kind, "name": each.name, "package": each.package, "version": each.version} for each in found]
    return {"plugins": named} if named else {}


def _teacher(material: Material) -> dict[str, Any]:
    """The teacher, the sessions that it spoke of, and how many of the dyads it knew by which the student is judged."""
    if material.lesson is None:
        return {}
    teacher = material.lesson.teacher
    return {
        "teacher": {
            "id": teacher.id,
            "sessions": [
                {"session_id": session.session_id, "sha256": hash_session(session)}
                for session in material.lesson.sessions
            ],
            "trained_on": _trained_on(teacher),
            "knew_dyads": len(dyads_known(teacher.card, material.sessions)),
        }
    }


def _parent(recipe: Recipe, material: Material) -> dict[str, Any]:
    """The model that was begun from; or why it was not, though it was named."""
    parent = recipe.parent
    if parent is None:
        return {}
    known = len(dyads_known(parent.card, material.sessions))
    if known:
        why = f"it had learned from {known} of the dyads, which it would be judged by; all was learned anew"
        return {"parent": {"id": parent.id, "used": False, "why": why}}
    return {"parent": {"id": parent.id, "used": True, "trained_on": _trained_on(parent)}}


def _trained_on(model: Model) -> list[dict[str, str]]:
    return [{name: entry[name] for name in ("session_id", "dyad", "sha256")} for entry in known_sessions(model.card)]


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
