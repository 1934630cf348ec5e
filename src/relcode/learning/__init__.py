"""Learning from accepted labels: features, classifier, cross-validation, evaluation, the model folder and its card."""

from relcode.learning.evaluate import Evaluation, evaluate
from relcode.learning.model import Model
from relcode.learning.store import load_model, save_model
from relcode.learning.train import train

__all__ = ["Evaluation", "Model", "evaluate", "load_model", "save_model", "train"]
