"""The case of the words that were there, given to the words that replace them."""

from __future__ import annotations


def in_case_of(model: str, words: str) -> str:
    """`words` in lower or upper case where `model` is, with a first capital where `model` has one, else as they are."""
    if model.islower():
        return words.lower()
    if model.isupper() and sum(character.isalpha() for character in model) > 1:
        return words.upper()
    return words[:1].upper() + words[1:] if model[:1].isupper() else words
