"""Learning from accepted labels: features, classifier, cross-validation, evaluation, the model folder and its card, the
store of models and which of them is promoted."""

from relcode.learning.comparison import Comparison, compare
from relcode.learning.evaluate import Evaluation, evaluate
from relcode.learning.model import Model
from relcode.learning.model_store import ModelStore
from relcode.learning.promoting import promote, rollback
from relcode.learning.store import load_model, save_model
from relcode.learning.train import train

__all__ = [
    "Comparison",
    "Evaluation",
    "Model",
    "ModelStore",
    "compare",
    "evaluate",
    "load_model",
    "promote",
    "rollback",
    "save_model",
    "train",
]
