"""The ONNX graph: the same numbers as torch's BERT, and nothing in the file that an encoder has no need of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from relcode.errors import ModelError
from relcode.learning.encoder.base import read_base
from relcode.learning.encoder.onnx_file import check_graph

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")


@pytest.fixture(scope="module")
def graphs(base: Path) -> dict[str, bytes]:
    """The tiny encoder as a graph of floats and in int8."""
    from safetensors.numpy import load_file

    from relcode.learning.encoder.graph import write_graph

    weights = load_file(base / "model.safetensors")
    return {kind: write_graph(read_base(base), weights, int8=kind == "int8") for kind in ("float", "int8")}


def run(graph: bytes, pieces: Any, mask: Any) -> Any:
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    return session.run(["states"], {"pieces": pieces, "mask": mask})[0]


def test_it_gives_what_torch_gives(graphs: dict[str, bytes], base: Path) -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("transformers")
    from relcode.learning.encoder.network import load_bert

    pieces = np.random.default_rng(0).integers(0, 60, (3, 20))
    mask = (np.arange(20)[None, :] < np.array([20, 7, 1])[:, None]).astype(np.int64)
    with torch.no_grad():
        bert = load_bert(read_base(base))
        expected = bert(
            input_ids=torch.as_tensor(pieces), attention_mask=torch.as_tensor(mask)
        ).last_hidden_state.numpy()
    shown = mask == 1
    assert np.abs(run(graphs["float"], pieces, mask) - expected)[shown].max() < 1e-4
    apart = np.abs(run(graphs["int8"], pieces, mask) - expected)[shown]
    assert 0 < apart.mean() < 0.05


def test_what_is_masked_changes_nothing(graphs: dict[str, bytes]) -> None:
    pieces = np.random.default_rng(0).integers(0, 60, (1, 12))
    mask = (np.arange(12) < 8).astype(np.int64)[None, :]
    other = np.where(mask == 1, pieces, 3)
    assert np.allclose(run(graphs["float"], pieces, mask)[:, :8], run(graphs["float"], other, mask)[:, :8], atol=1e-6)


def test_rounding_to_int8_is_by_column() -> None:
    from relcode.learning.encoder.graph import quantized

    matrix = np.array([[1.0, 100.0], [-0.5, 50.0]], dtype=np.float32)
    whole, scale = quantized(matrix, axis=0)
    assert whole.tolist() == [[127, 127], [-64, 64]]
    assert np.allclose(whole * scale, matrix, atol=scale.max())
    assert quantized(np.zeros((2, 2), np.float32), axis=1)[0].tolist() == [[0, 0], [0, 0]]


def test_its_own_graphs_pass(graphs: dict[str, bytes]) -> None:
    check_graph(graphs["float"])
    check_graph(graphs["int8"])


def external(model: Any) -> None:
    constant = model.graph.initializer[0]
    constant.ClearField("raw_data")
    constant.data_location = onnx.TensorProto.EXTERNAL
    constant.external_data.add(key="location", value="/etc/passwd")


def foreign(model: Any) -> None:
    model.graph.node[0].domain = "org.example"


def foreign_set(model: Any) -> None:
    model.opset_import.append(onnx.helper.make_opsetid("org.example", 1))


def other_operator(model: Any) -> None:
    model.graph.node[0].op_type = "StringNormalizer"


def inner_graph(model: Any) -> None:
    model.graph.node[0].attribute.append(onnx.helper.make_attribute("then_branch", model.graph))


def inner_tensor(model: Any) -> None:
    model.graph.node[0].attribute.append(onnx.helper.make_attribute("value", model.graph.initializer[0]))


def own_function(model: Any) -> None:
    model.functions.add(name="f", domain="")


def sparse_constant(model: Any) -> None:
    model.graph.sparse_initializer.add()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (external, "further files"),
        (foreign, "no need of"),
        (foreign_set, "another library"),
        (other_operator, "no need of"),
        (inner_graph, "within nodes"),
        (inner_tensor, "within nodes"),
        (own_function, "functions"),
        (sparse_constant, "sparse"),
    ],
)
def test_a_graph_that_holds_more_is_refused(
    change: Callable[[Any], None], expected: str, graphs: dict[str, bytes]
) -> None:
    model = onnx.load_from_string(graphs["int8"])
    change(model)
    with pytest.raises(ModelError, match=expected):
        check_graph(model.SerializeToString())


@pytest.mark.parametrize("data", [b"", b"no graph at all", b"\xff" * 40, b"\x3a\xff\xff\xff\xff\x0f"])
def test_what_is_no_onnx_file_is_refused(data: bytes) -> None:
    with pytest.raises(ModelError, match="no ONNX file"):
        check_graph(data)


def test_a_file_cut_short_is_refused(graphs: dict[str, bytes]) -> None:
    with pytest.raises(ModelError):
        check_graph(graphs["int8"][:-40])


def test_a_graph_of_other_inputs_is_refused() -> None:
    from relcode.learning.encoder.runtime import Runtime

    made = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1]) for name in ("x", "y")]
    node = onnx.helper.make_node("Identity", ["x"], ["y"])
    graph = onnx.helper.make_graph([node], "g", made[:1], made[1:])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 20)], ir_version=10)
    check_graph(model.SerializeToString())
    with pytest.raises(ModelError, match="no encoder of relcode's"):
        Runtime(model.SerializeToString())
