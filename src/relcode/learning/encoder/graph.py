"""The encoder as an ONNX graph: word pieces in, a row of numbers a piece out; as floats, or with int8 weights.

The graph is written out by hand from the weights: BERT's layers are few and fixed, so neither a tracer nor its version
stands between what was trained and what runs. In int8 each output column of a matrix has a scale of its own (per
channel), and so has each word piece's row; what runs through is quantised as it comes (dynamically).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from relcode.learning.encoder.base import Base

OPSET, IR_VERSION = 20, 10  # what onnxruntime 1.18 reads
TOP = 127  # the largest number of int8, the same on both sides of 0
Weights = Mapping[str, npt.NDArray[np.float32]]


def write_graph(base: Base, weights: Weights, *, int8: bool) -> bytes:
    """The bytes of an ONNX file. `weights`: by BERT's names, such as `encoder.layer.0.output.dense.weight`.

    Inputs `pieces`, `mask` (int64, axes (window, place); 1 where there is a piece); output `states` (float, axes
    (window, place, width)).
    """
    graph = _Graph(base, weights, int8)
    states = graph.embed()
    for layer in range(base.layers):
        states = graph.layer(f"encoder.layer.{layer}", states)
    graph.node("Identity", [states], out="states")
    shape = ["window", "place"]
    body = helper.make_graph(
        graph.nodes,
        "encoder",
        [helper.make_tensor_value_info(name, TensorProto.INT64, shape) for name in ("pieces", "mask")],
        [helper.make_tensor_value_info("states", TensorProto.FLOAT, [*shape, base.width])],
        graph.constants,
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(body, opset_imports=opsets, ir_version=IR_VERSION, producer_name="relcode")
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))


class _Graph:
    """Nodes and constants as they are added; `node` and `constant` give back the name of what they made."""

    def __init__(self, base: Base, weights: Weights, int8: bool) -> None:
        self.base, self.weights, self.int8 = base, weights, int8
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._mask = self.node("Cast", ["mask"], to=TensorProto.INT32)

    def node(self, operator: str, inputs: list[str], *, outputs: int = 1, out: str = "", **attributes: Any) -> Any:
        names = [out or f"{operator}{len(self.nodes)}.{place}" for place in range(outputs)]
        self.nodes.append(helper.make_node(operator, inputs, names, **attributes))
        return names[0] if outputs == 1 else names

    def constant(self, array: npt.NDArray[Any]) -> str:
        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def embed(self) -> str:
        """What the layers start from: the sum of what a piece, its place and the one segment type stand for."""
        words = self._rows(self.weights["embeddings.word_embeddings.weight"])
        places = self.weights["embeddings.position_embeddings.weight"]
        places = places + self.weights["embeddings.token_type_embeddings.weight"][0]
        shape = self.node("Shape", ["pieces"], start=1, end=2)
        starts = [self.constant(np.array([number], dtype=np.int64)) for number in (0, 0)]
        by_place = self.node("Slice", [self.constant(places), starts[0], shape, starts[1]])
        return self._normed("embeddings.LayerNorm", self.node("Add", [words, by_place]))

    def layer(self, name: str, states: str) -> str:
        """One layer: attention over the window, then two matrices with a bend between."""
        own = f"{name}.attention.self"
        parts = self._linear([f"{own}.query", f"{own}.key", f"{own}.value"], states)
        query, key, value = self.node("Split", [parts], outputs=3, axis=-1, num_outputs=3)
        attended = self.node(
            "MultiHeadAttention",
            [query, key, value, "", self._mask],
            num_heads=self.base.heads,
            domain="com.microsoft",
        )
        output = self._linear([f"{name}.attention.output.dense"], attended)
        states = self._normed(f"{name}.attention.output.LayerNorm", self.node("Add", [output, states]))
        bent = self.node("Gelu", [self._linear([f"{name}.intermediate.dense"], states)])
        output = self._linear([f"{name}.output.dense"], bent)
        return self._normed(f"{name}.output.LayerNorm", self.node("Add", [output, states]))

    def _normed(self, name: str, states: str) -> str:
        scale, offset = (self.constant(self.weights[f"{name}.{part}"]) for part in ("weight", "bias"))
        found: str = self.node("LayerNormalization", [states, scale, offset], axis=-1, epsilon=self.base.epsilon)
        return found

    def _linear(self, names: list[str], states: str) -> str:
        """Matrices side by side, with their biases."""
        matrix = np.concatenate([self.weights[f"{name}.weight"] for name in names]).T
        bias = self.constant(np.concatenate([self.weights[f"{name}.bias"] for name in names]))
        if not self.int8:
            product = self.node("MatMul", [states, self.constant(matrix)])
        else:
            whole, scale = quantized(matrix, axis=0)
            data, by, zero = self.node("DynamicQuantizeLinear", [states], outputs=3)
            none = self.constant(np.zeros(matrix.shape[1], dtype=np.int8))
            counted = self.node("MatMulInteger", [data, self.constant(whole), zero, none])
            counted = self.node("Cast", [counted], to=TensorProto.FLOAT)
            product = self.node("Mul", [counted, self.node("Mul", [by, self.constant(scale[0])])])
        found: str = self.node("Add", [product, bias])
        return found

    def _rows(self, table: npt.NDArray[np.float32]) -> str:
        """The rows of a table that `pieces` name."""
        rows: str
        if not self.int8:
            rows = self.node("Gather", [self.constant(table), "pieces"])
            return rows
        whole, scale = quantized(table, axis=1)
        counted = self.node("Cast", [self.node("Gather", [self.constant(whole), "pieces"])], to=TensorProto.FLOAT)
        rows = self.node("Mul", [counted, self.node("Gather", [self.constant(scale), "pieces"])])
        return rows


def quantized(matrix: npt.NDArray[np.float32], *, axis: int) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Whole numbers from -127 to 127, and the scale (what one of them stands for) along the other axis than `axis`."""
    scale = np.maximum(np.abs(matrix).max(axis=axis, keepdims=True), 1e-12) / TOP
    return np.rint(matrix / scale).astype(np.int8), scale.astype(np.float32)
