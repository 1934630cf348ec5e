"""Which words of a vocabulary a token dictionary of a pattern matches."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from relcode.transcripts.tokens import Bools, english


def token_column(token: Mapping[str, Any], words: Sequence[str], lower_words: Sequence[str]) -> Bools:
    """By word, as written and in lower case with straight apostrophes: whether it matches; `OP` is passed over.

    Raises
    ------
    ValueError
        An attribute or operator that token arrays do not hold.
    """
    column = np.ones(len(words), dtype=np.bool_)
    for name, value in token.items():
        if name == "LOWER":
            column &= _strings(value, lower_words)
        elif name in ("TEXT", "ORTH"):
            column &= _strings(value, words)
        elif name.startswith(("IS_", "LIKE_")):
            vocab, flag = english().vocab, name.lower()
            column &= np.array([bool(getattr(vocab[word], flag)) == bool(value) for word in words], dtype=np.bool_)
        elif name != "OP":
            raise ValueError(f"the attribute {name} is not among LOWER, TEXT, ORTH, IS_..., LIKE_...")
    return column


def _strings(value: Any, words: Sequence[str]) -> Bools:
    """The words that equal a string, stand in a list (IN, NOT_IN) or match a regular expression (REGEX)."""
    if isinstance(value, str):
        value = {"IN": [value]}
    column = np.ones(len(words), dtype=np.bool_)
    for operator, operand in value.items():
        if operator in ("IN", "NOT_IN"):
            listed = set(operand)
            column &= np.array([(word in listed) == (operator == "IN") for word in words], dtype=np.bool_)
        elif operator == "REGEX":
            search = re.compile(operand).search
            column &= np.array([search(word) is not None for word in words], dtype=np.bool_)
        else:
            raise ValueError(f"the operator {operator} is not among IN, NOT_IN, REGEX")
    return column
