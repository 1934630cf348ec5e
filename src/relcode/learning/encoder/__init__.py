"""The encoder: a small sentence encoder fine-tuned on accepted labels, run in int8 by onnxruntime."""

from relcode.learning.encoder.classifier import EncoderClassifier

__all__ = ["EncoderClassifier"]
