"""What stands in an ONNX file, read from its bytes before anything runs it, and without the onnx package.

An ONNX file is a protocol buffer: fields with a number, each a number or a run of bytes. Only what an encoder of
relcode's may hold passes: known operators of ONNX and onnxruntime, no graphs within nodes, no data in further files.
"""

from __future__ import annotations

from collections.abc import Iterator

from relcode.errors import ModelError

_GRAPH, _OPSETS, _FUNCTIONS = 7, 8, 25  # of a model
_NODE, _CONSTANT, _SPARSE = 1, 5, 15  # of a graph
_OPERATOR, _ATTRIBUTE, _DOMAIN = 4, 5, 7  # of a node
_INNER = {5, 6, 10, 11, 22, 23}  # of an attribute: a tensor, a graph, several of them, sparse ones
_EXTERNAL, _PLACE = 13, 14  # of a tensor
_DOMAIN_OF_OPSET = 1
OPERATORS = {
    "": {
        *("Add", "Cast", "DynamicQuantizeLinear", "Gather", "Gelu", "Identity", "LayerNormalization", "MatMul"),
        *("MatMulInteger", "Mul", "Shape", "Slice", "Split"),
    },
    "com.microsoft": {"MultiHeadAttention"},
}
Field = tuple[int, int | memoryview]


def check_graph(data: bytes) -> None:
    """Refuse an ONNX file that holds anything that an encoder of relcode's has no need of.

    Raises
    ------
    ModelError
        It is no ONNX file, or asks for other operators, graphs within nodes, or data in further files.
    """
    try:
        faults = list(dict.fromkeys(_model_faults(memoryview(data))))
    except (IndexError, ValueError, UnicodeDecodeError, TypeError) as error:
        raise ModelError("encoder.onnx cannot be used: it is no ONNX file.") from error
    if faults:
        raise ModelError("encoder.onnx is refused: it holds more than an encoder of relcode's:", faults)


def _model_faults(data: memoryview) -> Iterator[str]:
    graphs = 0
    for number, value in _fields(data):
        if number == _GRAPH:
            graphs += 1
            yield from _graph_faults(_bytes(value))
        elif number == _OPSETS:
            domain = _text(dict(_fields(_bytes(value))).get(_DOMAIN_OF_OPSET, memoryview(b"")))
            if domain not in (*OPERATORS, "ai.onnx"):
                yield "operators of another library"
        elif number == _FUNCTIONS:
            yield "functions of its own"
    if graphs != 1:
        raise ValueError


def _graph_faults(data: memoryview) -> Iterator[str]:
    for number, value in _fields(data):
        if number == _NODE:
            yield from _node_faults(_bytes(value))
        elif number == _CONSTANT:
            names = {field for field, _ in _fields(_bytes(value))}
            if names & {_EXTERNAL, _PLACE}:
                yield "data in further files"
        elif number == _SPARSE:
            yield "sparse constants"


def _node_faults(data: memoryview) -> Iterator[str]:
    operator, domain = "", ""
    for number, value in _fields(data):
        if number == _OPERATOR:
            operator = _text(value)
        elif number == _DOMAIN:
            domain = _text(value)
        elif number == _ATTRIBUTE and _INNER & {field for field, _ in _fields(_bytes(value))}:
            yield "graphs or tensors within nodes"
    if operator not in OPERATORS.get("" if domain == "ai.onnx" else domain, ()):
        yield "operators that it has no need of"


def _fields(data: memoryview) -> Iterator[Field]:
    """The fields of a message: number, and what it holds."""
    place = 0
    while place < len(data):
        key, place = _number(data, place)
        kind = key & 7
        if kind == 0:
            value, place = _number(data, place)
            yield key >> 3, value
            continue
        if kind == 2:
            size, place = _number(data, place)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
        else:
            raise ValueError
        if place + size > len(data):
            raise ValueError
        yield key >> 3, data[place : place + size]
        place += size


def _number(data: memoryview, place: int) -> tuple[int, int]:
    """A whole number in groups of seven bits, the low ones first; and the place behind it."""
    value = shift = 0
    while True:
        byte = data[place]
        value |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:
            return value, place
        if shift > 63:
            raise ValueError


def _bytes(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        raise TypeError
    return value


def _text(value: int | memoryview) -> str:
    return bytes(_bytes(value)).decode("utf-8")
