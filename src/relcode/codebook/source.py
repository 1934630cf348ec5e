"""A codebook's YAML as it was written: its values, and the line of each place, so that faults can name it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from relcode.errors import CodebookError

Place = tuple[str | int, ...]
_DEEPEST = 12
_HEAD = ("id", "version", "title")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # in C where PyYAML brings it
    """As YAML 1.2 has it: `yes`, `no`, `on`, `off` are words (lexicons are full of them), and so are dates. A key that
    stands twice in one mapping is an error, where YAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key is no word", key.start_mark)
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} stands twice", key.start_mark
                )
            seen.add(key.value)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("true|false"), list("tf"))


def read_source(path: Path) -> dict[str, Any]:
    """The values of a YAML file that holds one mapping.

    Raises
    ------
    CodebookError
        It cannot be read, is not UTF-8, not YAML, or holds something else.
    """
    return parse_source(path, read_text(path))


def read_text(path: Path) -> bytes:
    """The file as it is, for `parse_source`.

    Raises
    ------
    CodebookError
        It cannot be read.
    """
    with _faults_of_reading(path):
        return path.read_bytes()


def parse_source(path: Path, text: bytes) -> dict[str, Any]:
    """As `read_source`, of a file that was read; `path` is named where it is refused."""
    with _faults_of_reading(path):
        raw = yaml.load(text, Loader=_Loader)
    if not isinstance(raw, dict):
        raise CodebookError(f"{path} holds no codebook: expected keys such as id, version, title, codes.")
    return raw


@contextlib.contextmanager
def _faults_of_reading(path: Path) -> Iterator[None]:
    """Say in words why a file cannot be read as YAML."""
    try:
        yield
    except OSError as error:
        raise CodebookError(
            f"Cannot read the codebook {path}: {error.strerror}. `relcode codebook list` names those that are here."
        ) from error
    except yaml.reader.ReaderError as error:
        raise CodebookError(f"{path} is not valid YAML: it is no UTF-8 text; save it as UTF-8.") from error
    except (ValueError, RecursionError) as error:  # such as the date 2024-99-99
        raise CodebookError(
            f"{path} is not valid YAML: a value in it cannot be read ({type(error).__name__})."
        ) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}," if mark else ""
        problem = getattr(error, "problem", None) or "it breaks off"
        raise CodebookError(f"{path}{place} is not valid YAML: {problem}.") from error


class Head(NamedTuple):
    """What stands first in a codebook's file, and how many codes it has."""

    id: str
    version: str
    title: str
    codes: int


def read_head(path: Path) -> Head:
    """Read a codebook's head alone, in a tenth of the time that the whole takes; what is wrong further below is not seen.

    Raises
    ------
    CodebookError
        It cannot be read, is not UTF-8, not YAML, or has no id, version or title.
    """
    words: dict[str, str] = {}
    with _faults_of_reading(path):
        codes = _read_head(yaml.parse(path.read_bytes(), Loader=_Loader), words)
    if missing := [name for name in _HEAD if name not in words]:
        raise CodebookError(f"The codebook {path} has no {missing[0]}.")
    return Head(words["id"], words["version"], words["title"], codes)


def _read_head(events: Iterator[yaml.Event], words: dict[str, str]) -> int:
    """Put the plain values of the outermost mapping into `words`; count the entries of the list `codes`."""
    depth = codes = 0
    key: str | None = None  # of the outermost mapping, while its value is read
    for event in events:
        if isinstance(event, yaml.CollectionStartEvent):
            codes += depth == 2 and key == "codes"
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
            key = None if depth == 1 else key
        elif depth == 1 and isinstance(event, yaml.NodeEvent):
            value = event.value if isinstance(event, yaml.ScalarEvent) else ""  # else a reference to what stood before
            if key is None:
                key = value
            else:
                words[key], key = value, None
    return codes


class Lines:
    """Where each place of a YAML file stands."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._line: dict[Place, int] = {}
        root = yaml.compose(path.read_bytes(), Loader=_Loader)
        if root is not None:
            self._note(root, ())

    def where(self, place: Place) -> str:
        """`FILE:LINE` of a place, or of the nearest one around it."""
        while place and place not in self._line:
            place = place[:-1]
        return f"{self._path}:{self._line.get(place, 1)}"

    def _note(self, node: yaml.Node, place: Place) -> None:
        self._line.setdefault(place, node.start_mark.line + 1)
        if len(place) > _DEEPEST:  # deeper than any codebook: an alias that stands in what it names
            return
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                inner = (*place, str(key.value))
                self._line[inner] = key.start_mark.line + 1
                self._note(value, inner)
        elif isinstance(node, yaml.SequenceNode):
            for number, value in enumerate(node.value):
                self._note(value, (*place, number))
