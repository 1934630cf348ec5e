"""What goes into a model's card: data, protocol, codes, figures, environment. Ids, hashes and numbers; no words."""

from __future__ import annotations

import platform
from collections import Counter
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import msgspec
import numpy as np

from relcode import __version__
from relcode.learning.evaluate import Evaluation
from relcode.learning.held_out import LEAST_FOLDS_NESTED, Ground, Judged
from relcode.learning.labels import fitted_before, known_sessions
from relcode.learning.learning_curve import LearningCurve
from relcode.learning.material import Material
from relcode.learning.model import Model
from relcode.learning.recipe import Recipe
from relcode.provenance import hash_session
from relcode.records import Session

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
            "sessions": [_session(session, material, ground) for session in sessions],
            "labels": dict(sorted(Counter(_source(span.source) for span in material.spans_of(sessions)).items())),
            "folds": ground.folds,
            "nested": recipe.is_thorough and ground.folds >= LEAST_FOLDS_NESTED,
            "codebook_fitted_to": fitted_before(model.codebook, sessions),
            "seed": recipe.seed,
        },
        "codes": _codes(model, ground, judged),
        **_teacher(material),
        "environment": {
            "relcode": __version__,
            "python": platform.python_version(),
            **{name: found for name in (*_LIBRARIES, *_OF_KIND.get(recipe.kind, ())) if (found := _version(name))},
        },
    }


def figures_of(cross: Evaluation, curve: LearningCurve | None) -> dict[str, Any]:
    """The figures of held-out dyads, and the learning curve where one was drawn."""
    found = {"cross_validation": msgspec.to_builtins(cross)}
    if curve is not None:
        found["learning_curve"] = msgspec.to_builtins(curve.points)
        found["gain_of_ten_sessions"] = msgspec.to_builtins(curve.gain)
    return found


def held_out_of(found: Evaluation, material: Material) -> dict[str, Any]:
    """The figures of sessions that were kept out of training, and which these are."""
    sessions = [
        {"session_id": session.session_id, "dyad": session.dyad, "sha256": hash_session(session)}
        for session in material.held_out
    ]
    return {**msgspec.to_builtins(found), "sessions": sessions, "sessions_judged": len(sessions)}


def _session(session: Session, material: Material, ground: Ground) -> dict[str, Any]:
    entry = {"session_id": session.session_id, "dyad": session.dyad, "sha256": hash_session(session)}
    turns = material.covered[session.session_id]
    return entry if turns is None else {**entry, "coded_turns": len(turns), "turns": len(session.turns)}


def _source(source: str) -> str:
    """`accepted`, `accepted:single` ...; of coders without their names."""
    return "coder" if source.startswith("coder") else source or "not said"


def _codes(model: Model, ground: Ground, judged: Judged) -> dict[str, Any]:
    dyads = np.array([session.dyad for session in ground.table.sessions])[ground.table.segment_session]
    return {
        code: {
            "learned": bool(model.learned[number]),
            "threshold": round(float(model.thresholds[number]), 6),
            "segments": int(ground.marks[:, number].sum()),
            "dyads": len(set(dyads[ground.marks[:, number]])),
            "learned_in_folds": int(judged.learned_in[number]),
        }
        for number, code in enumerate(model.codebook.code_ids)
    }


def _teacher(material: Material) -> dict[str, Any]:
    """The teacher, the sessions that it spoke of, and how many of the dyads it knew by which the student is judged."""
    if material.lesson is None:
        return {}
    teacher = material.lesson.teacher
    trained_on = known_sessions(teacher.card)
    known = {entry["dyad"] for entry in trained_on}
    return {
        "teacher": {
            "id": teacher.id,
            "sessions": [
                {"session_id": session.session_id, "sha256": hash_session(session)}
                for session in material.lesson.sessions
            ],
            "trained_on": [{name: entry[name] for name in ("session_id", "dyad", "sha256")} for entry in trained_on],
            "knew_dyads": len(known & {session.dyad for session in material.sessions}),
        }
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
