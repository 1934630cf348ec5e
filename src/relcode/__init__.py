"""relcode: annotate and code therapy-session transcripts for relational markers.

What stands here is the library: the work of each command as a plain function, imported when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from relcode.audit import audit as audit
    from relcode.codebook import load_codebook as load_codebook
    from relcode.cues import preannotate as preannotate
    from relcode.learning.evaluate import evaluate as evaluate
    from relcode.learning.load import load_model as load_model
    from relcode.learning.save import save_model as save_model
    from relcode.learning.train import train as train
    from relcode.reliability import agreement as agreement
    from relcode.reliability import read_codings as read_codings
    from relcode.scoring.files import score as score
    from relcode.scoring.read import read_scores as read_scores
    from relcode.shipped import shipped_model as shipped_model
    from relcode.spans import read_labels as read_labels
    from relcode.transcripts import read_sessions as read_transcripts

    __version__: str

# name -> (module, its name there); the imports above are the same for editors and type checkers
_PUBLIC = {
    "__version__": ("relcode.version", "VERSION"),
    "agreement": ("relcode.reliability", "agreement"),
    "evaluate": ("relcode.learning.evaluate", "evaluate"),
    "load_codebook": ("relcode.codebook", "load_codebook"),
    "load_model": ("relcode.learning.load", "load_model"),
    "preannotate": ("relcode.cues", "preannotate"),
    "read_codings": ("relcode.reliability", "read_codings"),
    "read_labels": ("relcode.spans", "read_labels"),
    "read_scores": ("relcode.scoring.read", "read_scores"),
    "read_transcripts": ("relcode.transcripts", "read_sessions"),
    "save_model": ("relcode.learning.save", "save_model"),
    "score": ("relcode.scoring.files", "score"),
    "shipped_model": ("relcode.shipped", "shipped_model"),
    "train": ("relcode.learning.train", "train"),
}
__all__ = [
    "__version__",
    "agreement",
    "audit",
    "evaluate",
    "load_codebook",
    "load_model",
    "preannotate",
    "read_codings",
    "read_labels",
    "read_scores",
    "read_transcripts",
    "save_model",
    "score",
    "shipped_model",
    "train",
]


def __getattr__(name: str) -> Any:
    """Import what is offered here when it is first asked for: the command line starts without the heavy libraries."""
    if name == "audit":  # the package of that name, which can be called
        return import_module("relcode.audit")
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _PUBLIC[name]
    value = globals()[name] = getattr(import_module(module), attribute)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
