"""Whether a model may speak of sessions: it has the codebook that is asked for, and their language."""

from __future__ import annotations

from collections.abc import Iterable

from relcode.codebook import Codebook
from relcode.errors import ModelError
from relcode.learning.model import Model
from relcode.learning.plugins import other_versions
from relcode.records import Session


def check_suits(model: Model, codebook: Codebook, sessions: Iterable[Session]) -> list[str]:
    """Refuse a model of another codebook or language; give what is to be said of one of another version.

    `language` in a session's header counts as English where it begins with `en`, and so on; most headers have none.

    Raises
    ------
    ModelError
        The codebook is another, it has lost codes that the model gives, or sessions are in another language. All faults
        are listed.
    """
    if model.codebook.id != codebook.id:
        raise ModelError(
            f"The model {model.id} is for the codebook {model.codebook.id}, not for {codebook.id}. Name the codebook that "
            f"is meant (--codebook {model.codebook.id}), or a model of {codebook.id}."
        )
    gone = [code for code in model.codebook.code_ids if code not in codebook.by_id]
    faults = [f"{code} is not in {codebook.reference}" for code in gone]
    language = model.codebook.language
    for session in sessions:
        said = str(session.metadata.get("language") or language)
        if not said.casefold().startswith(language):
            faults.append(f"session {session.session_id}: its header names another language than {language!r}")
    if faults:
        raise ModelError(f"The model {model.id} ({model.codebook.reference}) cannot be used here:", faults)
    notes = other_versions(model.card)
    if model.codebook.reference == codebook.reference:
        return notes
    new = [code for code in codebook.code_ids if code not in model.codebook.by_id]
    lacking = f"; it does not know {', '.join(new)}" if new else ""
    return [
        *notes,
        f"{model.id} was trained with {model.codebook.reference}, and the codebook is {codebook.reference}{lacking}",
    ]
