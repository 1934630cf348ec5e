"""Learning from accepted labels: features, classifier, cross-validation, evaluation, the model folder and its card, the
store of models and which of them is promoted. Nothing is imported here: who reads a card needs no classifier."""
