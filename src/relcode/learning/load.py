"""Load a model folder, only if every file is what was written."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import yaml

from relcode.codebook import load_codebook
from relcode.errors import CodebookError, ModelError
from relcode.learning.boundaries import Boundaries
from relcode.learning.domain import Domain
from relcode.learning.kinds import classifier_class
from relcode.learning.model import Model
from relcode.learning.model_folder import CARD, CODEBOOKS, WEIGHTS, check_sums, read_yaml
from relcode.learning.plugins import check_plugins
from relcode.learning.weights import read_weights

BY_CODE = ("slopes", "offsets", "thresholds", "learned")  # the arrays of the model itself
_BOUNDARIES = "where"  # an array of theirs; models made before relcode learned them, or from few spans, are without
_NO_ARRAYS = (AttributeError, TypeError, ValueError)  # of what stands where an array is expected; also no UTF-8


def load_model(folder: Path) -> Model:
    """Load a model folder.

    Raises
    ------
    ModelError
        It is no model folder, a file was changed since it was written, the file asks for types beyond arrays, or its
        weights are for features of another version of relcode.
    """
    check_sums(folder)
    try:
        arrays = read_weights(folder / WEIGHTS)
        card = read_yaml(folder / CARD)
        check_plugins(card)
        codebook = load_codebook(str(card["codebook"]), [folder / CODEBOOKS])
        classifier = classifier_class(str(card["kind"])).read(folder, arrays, codebook)
        by_code = {name: arrays[name] for name in BY_CODE}
        boundaries = Boundaries.read(arrays, codebook) if _BOUNDARIES in arrays else None
        domain = Domain.read(arrays)
        model = Model(codebook, classifier, card=card, boundaries=boundaries, domain=domain, **by_code)
    except (CodebookError, zipfile.BadZipFile, yaml.YAMLError, LookupError, *_NO_ARRAYS) as error:
        raise ModelError(f"The model in {folder} cannot be used: {error}") from error
    if odd := [name for name in BY_CODE if np.shape(arrays[name]) != (len(codebook.codes),)]:
        raise ModelError(f"The model in {folder} cannot be used: not one number a code: {', '.join(odd)}.")
    return model
