"""Settings that a peer has on every material."""

from __future__ import annotations

from typing import Any


def words_and_regression() -> tuple[Any, Any]:
    """TF-IDF of words and punctuation, one and two, seen twice; logistic regression, classes weighted evenly."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    words = TfidfVectorizer(token_pattern=r"\w+|[^\w\s]", ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    return words, LogisticRegression(C=1.0, class_weight="balanced", max_iter=300)
