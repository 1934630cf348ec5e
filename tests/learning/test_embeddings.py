"""Sentence embeddings: pooled as the folder says, computed once, kept apart by encoder; what cannot be used is refused."""

from __future__ import annotations

import json
import multiprocessing
import pickle
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from learning.tiny_encoder import WIDTH, WORDS, token_vectors, write_encoder, write_graph
from relcode.errors import ModelError
from relcode.learning.embeddings import SentenceEmbeddings
from relcode.learning.encoder_folder import read_encoder_folder
from relcode.learning.onnx_encoder import OnnxEncoder, Vectors
from relcode.learning.segments import Segments, segments_of
from relcode.learning.vector_cache import VectorCache, text_key
from relcode.records import Session, Turn

pytest.importorskip("onnxruntime")
pytest.importorskip("onnx")

LINES = (
    ("T", "I am moved."),
    ("C", "Thanks. I am sad."),
    ("T", "You am sad?"),
    ("C", "Thanks."),
    ("C", "Rain rain mother."),
)


def spoken(*lines: tuple[str, str], name: str = "s1") -> Session:
    return Session(name, tuple(Turn(n, speaker, text) for n, (speaker, text) in enumerate(lines, start=1)))


def example() -> Segments:
    return segments_of([spoken(*LINES), spoken(("C", "Mother."), ("T", "Thanks."), name="s2")])


def ids_of(text: str) -> list[int]:
    words = text.lower().replace(".", " .").replace("?", " ?").split()
    return [WORDS.index(word) for word in words]


class Counting(OnnxEncoder):
    """Counts the texts that are embedded."""

    texts: list[str]

    def embed(self, texts: Sequence[str], before: Sequence[str] | None = None) -> Vectors:
        self.texts = [*getattr(self, "texts", []), *texts]
        return super().embed(texts, before)


def embedder(folder: Path, **options: object) -> tuple[SentenceEmbeddings, Counting]:
    """A fitted transformer, and its runner, which counts."""
    made = SentenceEmbeddings(folder, **options).fit(example())  # type: ignore[arg-type]
    made._runner = Counting(made.encoder_)
    return made, made._runner


@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_pooling_is_that_of_the_folder(tmp_path: Path, pooling: str, normalize: bool) -> None:
    encoder = OnnxEncoder(read_encoder_folder(write_encoder(tmp_path / "e", pooling=pooling, normalize=normalize)))
    texts = ["I am sad.", "Rain", "You am moved ? mother mother rain"]
    expected = []
    for text in texts:
        tokens = token_vectors([2, *ids_of(text), 3])
        vector = tokens.mean(axis=0) if pooling == "mean" else tokens[0]
        expected.append(vector / np.linalg.norm(vector) if normalize else vector)
    np.testing.assert_allclose(encoder.embed(texts), np.array(expected), atol=1e-5)


def test_a_vector_in_context_is_that_of_the_own_words(tmp_path: Path) -> None:
    encoder = OnnxEncoder(read_encoder_folder(write_encoder(tmp_path / "e")))
    before, text = ids_of("I am sad."), ids_of("Rain mother")
    tokens = token_vectors([2, *before, 3, *text, 3])
    own = tokens[2 + len(before) : 2 + len(before) + len(text)].mean(axis=0)
    np.testing.assert_allclose(encoder.embed(["Rain mother"], ["I am sad."])[0], own, atol=1e-5)


def test_a_text_is_read_up_to_the_longest(tmp_path: Path) -> None:
    encoder = OnnxEncoder(read_encoder_folder(write_encoder(tmp_path / "e", pooling="mean", longest=4)))
    found = encoder.embed(["i am", "i am sad you", "i moved"])
    np.testing.assert_allclose(found[0], found[1], atol=1e-6)
    assert not np.allclose(found[0], found[2])


def test_the_vector_does_not_depend_on_what_is_embedded_beside_it(tmp_path: Path) -> None:
    encoder = OnnxEncoder(read_encoder_folder(write_encoder(tmp_path / "e")))
    texts = [" ".join(["rain"] * length) for length in (1, 40, 3, 17, 2)] * 20
    np.testing.assert_allclose(
        encoder.embed(texts), np.concatenate([encoder.embed([text]) for text in texts]), atol=1e-5
    )


def test_segments_get_their_vectors_in_order_and_views_slice_them(tmp_path: Path) -> None:
    made, runner = embedder(write_encoder(tmp_path / "e"))
    found = made.transform(example())
    texts = ["I am moved.", "Thanks.", "I am sad.", "You am sad?", "Thanks.", "Rain rain mother.", "Mother.", "Thanks."]
    np.testing.assert_allclose(found, OnnxEncoder(made.encoder_).embed(texts), atol=1e-6)
    assert sorted(runner.texts) == sorted(set(texts))  # the same text once
    whole = example()
    np.testing.assert_array_equal(made.transform(whole[np.array([5, 2])]), found[[5, 2]])
    count = len(runner.texts)
    made.transform(whole[np.array([1])])
    assert len(runner.texts) == count  # computed once a table
    assert made.n_features_out_ == WIDTH


def test_the_turn_before_changes_the_vector_but_not_at_the_start(tmp_path: Path) -> None:
    made, runner = embedder(write_encoder(tmp_path / "e"), context="turn-before")
    found = made.transform(example())
    assert not np.allclose(found[1], found[4])  # "Thanks." after another turn
    assert len(runner.texts) == 8
    alone, _ = embedder(write_encoder(tmp_path / "f"), context="none")
    assert np.allclose(alone.transform(example())[1], alone.transform(example())[4])


def test_a_second_use_embeds_nothing(tmp_path: Path) -> None:
    cache = tmp_path / "cache" / "vectors.sqlite"
    folder = write_encoder(tmp_path / "e")
    first = embedder(folder, cache=cache)[0].transform(example())
    made, runner = embedder(folder, cache=cache)
    np.testing.assert_array_equal(made.transform(example()), first)
    assert not hasattr(runner, "texts")
    assert stat.S_IMODE(cache.stat().st_mode) == 0o600
    assert stat.S_IMODE(cache.parent.stat().st_mode) == 0o700


def test_the_cache_holds_no_words(tmp_path: Path) -> None:
    cache = tmp_path / "vectors.sqlite"
    embedder(write_encoder(tmp_path / "e"), cache=cache, context="turn-before")[0].transform(example())
    kept = cache.read_bytes().lower()
    assert not [word for word in ("moved", "thanks", "mother", "rain", "sad") if word.encode() in kept]


@pytest.mark.parametrize("other", [{"seed": 1}, {"pooling": "cls"}, {"pooling": "mean", "normalize": True}])
def test_another_encoder_never_gets_the_cached_vectors(tmp_path: Path, other: dict[str, object]) -> None:
    cache = tmp_path / "vectors.sqlite"
    embedder(write_encoder(tmp_path / "e", pooling="mean"), cache=cache)[0].transform(example())
    folder = write_encoder(tmp_path / "f", **other)  # type: ignore[arg-type]
    made, runner = embedder(folder, cache=cache)
    found = made.transform(example())
    assert len(runner.texts) == 6
    np.testing.assert_array_equal(found, embedder(folder)[0].transform(example()))


def test_the_same_encoder_elsewhere_does_get_them(tmp_path: Path) -> None:
    cache = tmp_path / "vectors.sqlite"
    embedder(write_encoder(tmp_path / "e"), cache=cache)[0].transform(example())
    made, runner = embedder(write_encoder(tmp_path / "moved" / "e"), cache=cache)
    made.transform(example())
    assert not hasattr(runner, "texts")


@pytest.mark.parametrize("damage", ["no database", "cut", "another table", "empty"])
def test_a_damaged_cache_is_made_anew(tmp_path: Path, damage: str) -> None:
    cache, folder = tmp_path / "vectors.sqlite", write_encoder(tmp_path / "e")
    first = embedder(folder, cache=cache)[0].transform(example())
    if damage == "another table":
        import sqlite3

        with sqlite3.connect(cache) as connection:
            connection.execute("DROP TABLE vectors")
            connection.execute("CREATE TABLE vectors (space BLOB)")
    else:
        cut = {"no database": b"words " * 2000, "cut": cache.read_bytes()[:3000], "empty": b""}[damage]
        cache.write_bytes(cut)
    np.testing.assert_array_equal(embedder(folder, cache=cache)[0].transform(example()), first)
    made, runner = embedder(folder, cache=cache)
    np.testing.assert_array_equal(made.transform(example()), first)
    assert not hasattr(runner, "texts")
    assert stat.S_IMODE(cache.stat().st_mode) == 0o600


def test_a_vector_that_changed_on_the_disk_is_computed_again(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path / "vectors.sqlite")
    key, vector = text_key("a"), np.arange(4, dtype=np.float32)
    cache.write(b"s", [key], vector[None])
    np.testing.assert_array_equal(cache.read(b"s", [key], 4)[key], vector)
    assert cache.read(b"s", [key], 5) == {}
    assert cache.read(b"t", [key], 4) == {}
    raw = cache.path.read_bytes()
    assert vector.tobytes() in raw
    cache.path.write_bytes(raw.replace(vector.tobytes(), (vector + 1).tobytes()))
    assert cache.read(b"s", [key], 4) == {}


def test_an_existing_cache_with_open_rights_is_closed(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path / "vectors.sqlite")
    cache.path.touch(0o644)
    cache.write(b"s", [text_key("a")], np.zeros((1, 4), dtype=np.float32))
    assert stat.S_IMODE(cache.path.stat().st_mode) == 0o600


def _write_many(path: Path, number: int) -> None:
    for round_ in range(10):
        keys = [text_key(f"{number} {round_} {place}") for place in range(20)]
        VectorCache(path).write(b"s", keys, np.full((20, 4), number, dtype=np.float32))


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite"
    workers = [multiprocessing.get_context("fork").Process(target=_write_many, args=(path, n)) for n in (1, 2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    keys = [text_key(f"{number} {round_} {place}") for number in (1, 2) for round_ in range(10) for place in range(20)]
    assert len(VectorCache(path).read(b"s", keys, 4)) == 400


def test_keys_tell_texts_and_contexts_apart() -> None:
    keys = {
        text_key("ab"),
        text_key("a"),
        text_key("b", "a"),
        text_key("", "ab"),
        text_key("ab", ""),
        text_key("a", "b"),
    }
    assert len(keys) == 6


def test_vectors_that_are_not_finite_are_refused_by_session_and_turn(tmp_path: Path) -> None:
    folder = write_encoder(tmp_path / "e", poison=WORDS.index("rain"))
    with pytest.raises(ModelError) as caught:
        embedder(folder, cache=tmp_path / "vectors.sqlite")[0].transform(example())
    assert caught.value.faults == ("session s1, turn 5, segment 1",)
    assert "rain" not in str(caught.value).lower()
    assert not (tmp_path / "vectors.sqlite").exists()


def test_a_folder_that_cannot_be_used_is_refused_with_all_faults(tmp_path: Path) -> None:
    folder = write_encoder(tmp_path / "e", pooling="max")
    (folder / "model.onnx").rename(folder / "model.safetensors")
    (folder / "tokenizer.json").unlink()
    modules = json.loads((folder / "modules.json").read_text())
    (folder / "modules.json").write_text(json.dumps([*modules, {"path": "2_Dense", "type": "x.Dense"}]))
    with pytest.raises(ModelError) as caught:
        read_encoder_folder(folder)
    faults = "\n".join(caught.value.faults)
    assert len(caught.value.faults) == 4
    for part in ("pooling by max_tokens", "no module Dense", "models convert", "tokenizer.json: not there"):
        assert part in faults
    with pytest.raises(ModelError, match="no folder"):
        read_encoder_folder(tmp_path / "nowhere")


@pytest.mark.parametrize("damaged", ["model.onnx", "tokenizer.json"])
def test_damaged_files_are_refused(tmp_path: Path, damaged: str) -> None:
    folder = write_encoder(tmp_path / "e")
    (folder / damaged).write_bytes(b"{ no")
    with pytest.raises(ModelError, match="cannot be loaded"):
        OnnxEncoder(read_encoder_folder(folder))


def test_the_hash_is_of_files_and_settings_and_not_of_the_place(tmp_path: Path) -> None:
    first = read_encoder_folder(write_encoder(tmp_path / "a", pooling="mean"))
    assert read_encoder_folder(write_encoder(tmp_path / "b", pooling="mean")).sha256 == first.sha256
    others = [
        write_encoder(tmp_path / "c", pooling="cls"),
        write_encoder(tmp_path / "d", pooling="mean", longest=32),
        write_encoder(tmp_path / "e", pooling="mean", seed=3),
    ]
    assert len({first.sha256, *(read_encoder_folder(folder).sha256 for folder in others)}) == 4
    write_graph(tmp_path / "a" / "model.onnx", seed=5)
    assert read_encoder_folder(tmp_path / "a").sha256 != first.sha256


def test_a_fitted_transformer_travels_to_another_process(tmp_path: Path) -> None:
    made, _ = embedder(write_encoder(tmp_path / "e"))
    again = pickle.loads(pickle.dumps(made))
    np.testing.assert_array_equal(again.transform(example()), made.transform(example()))


@pytest.mark.slow
def test_a_missing_extra_is_one_sentence(tmp_path: Path) -> None:
    folder = write_encoder(tmp_path / "e")
    code = (
        "import sys; sys.modules['onnxruntime'] = None\n"
        "from pathlib import Path\n"
        "from relcode.errors import ModelError\n"
        "from relcode.learning.encoder_folder import read_encoder_folder\n"
        "from relcode.learning.onnx_encoder import OnnxEncoder\n"
        f"try: OnnxEncoder(read_encoder_folder(Path({str(folder)!r})))\n"
        "except ModelError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install 'relcode[embeddings]'" in done.stdout
    assert len(done.stdout.splitlines()) == 1
