"""A model's file: what was written is read; what is damaged, foreign or dangerous is refused with a sentence."""

import hashlib
import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from jieban.language.text import model_file
from jieban.language.text.model_file import BadModel

ARRAYS = {
    "weights": np.arange(6, dtype=np.float32).reshape(2, 3),
    "words": model_file.words_to_array(["煤气", "路灯"]),
}


def written(tmp_path: Path) -> Path:
    path = tmp_path / "a.model"
    model_file.write(path, "classifier", {"classes": ["甲", "乙"]}, ARRAYS)
    return path


def forged(path: Path, header: bytes, packed: bytes, *, number: bytes = b"1") -> Path:
    """A file with a right checksum over anything."""
    body = header + b"\n" + packed
    path.write_bytes(
        b"jieban-model " + number + b" " + hashlib.sha256(body).hexdigest().encode() + b"\n" + body
    )
    return path


def test_what_was_written_is_read(tmp_path: Path) -> None:
    file = model_file.read(written(tmp_path), "classifier")
    assert file.header["classes"] == ["甲", "乙"]
    assert np.array_equal(file.arrays["weights"], ARRAYS["weights"])
    assert model_file.array_to_words(file.arrays["words"]) == ["煤气", "路灯"]
    assert model_file.array_to_words(model_file.words_to_array([])) == []


def test_the_version_names_the_content(tmp_path: Path) -> None:
    first = model_file.write(tmp_path / "a", "classifier", {"threshold": 0.5}, ARRAYS)
    assert model_file.write(tmp_path / "b", "classifier", {"threshold": 0.5}, ARRAYS) == first
    assert model_file.write(tmp_path / "c", "classifier", {"threshold": 0.6}, ARRAYS) != first
    assert model_file.read(tmp_path / "a", "classifier").version == first


def test_every_damaged_byte_is_noticed(tmp_path: Path) -> None:
    path = written(tmp_path)
    whole = path.read_bytes()
    for place in range(0, len(whole), 37):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(BadModel):
            model_file.read(path, "classifier")
    for length in (0, 5, 90, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(BadModel):
            model_file.read(path, "classifier")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "不是接办的模型文件"),
        (b"PK\x03\x04 something", "不是接办的模型文件"),
        (pickle.dumps({"weights": [1]}), "不是接办的模型文件"),
        (b"jieban-model 2 00\n{}", "格式版本不同"),
        (b"jieban-model 1 00\n{}", "已损坏"),
    ],
)
def test_a_foreign_file_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "a.model"
    path.write_bytes(content)
    with pytest.raises(BadModel, match=sentence):
        model_file.read(path, "classifier")


def test_another_kind_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadModel, match="另一种模型"):
        model_file.read(written(tmp_path), "relevance")
    with pytest.raises(BadModel, match="打不开"):
        model_file.read(tmp_path / "none.model", "classifier")
    with pytest.raises(BadModel, match="模型写不到"):
        model_file.write(written(tmp_path) / "inside", "classifier", {}, ARRAYS)


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (Path("/nowhere/evil"),))


def test_pickled_objects_are_never_opened(tmp_path: Path) -> None:
    inside = tmp_path / "evil.npz"
    np.savez(inside, weights=np.array([Evil()], dtype=object))
    header = json.dumps({"kind": "classifier", "version": "x"}).encode()
    path = forged(tmp_path / "a.model", header, inside.read_bytes())
    with pytest.raises(BadModel, match="内容不完整"):
        model_file.read(path, "classifier")


@pytest.mark.parametrize("header", [b"", b"[]", b"{}", b"\xff", b'{"kind": "classifier"}', b"null"])
def test_a_header_that_is_none_is_refused(tmp_path: Path, header: bytes) -> None:
    with pytest.raises(BadModel):
        model_file.read(forged(tmp_path / "a.model", header, b"PK"), "classifier")


def test_what_inflates_beyond_measure_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path)
    monkeypatch.setattr(model_file, "MOST_BYTES", path.stat().st_size)
    model_file.write(path, "classifier", {}, {"zeros": np.zeros(1_000_000)})
    with pytest.raises(BadModel, match="太大"):
        model_file.read(path, "classifier")
