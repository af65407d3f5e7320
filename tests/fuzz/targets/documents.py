"""What is read from the files of a run: the model, the last state, rows of metrics.jsonl, and parts of documents."""

import contextlib
import json
import random
import struct
import tempfile
from copy import deepcopy
from functools import cache
from pathlib import Path

from chargru import run, run_curves, run_summary
from chargru.documents import parse
from chargru.errors import ChargruError, RunError
from chargru.insight.gradient import untrained
from chargru.insight.proof.provenance import check_record
from chargru.model import MODEL, TRAINING, read_model
from chargru.show.formats import show
from chargru.text.source import Source
from chargru.text.vocabulary import Vocabulary
from chargru.training import begin, record
from chargru.training.metrics import Metrics
from chargru.training.progress import Progress
from chargru.training.settings import Budget, Settings
from tests.fuzz.command import environment
from tests.fuzz.target import Target

TEXT = "the cat sat on the mat, and the dogs sat on the cats.\n" * 12
SMALL = {"batch_size": 3, "window": 8, "threads": 1, "hidden_size": 4}
RAW = {
    "\0digits": "9" * 5000,
    "\0infinite": "1e999",
    "\0nan": "NaN",
    "\0deep": "[" * 100_000,
    "\0nested": "[" * 500 + "]" * 500,
}
"""What JSON says that Python's writer does not; it stands in for these strings."""

NASTY = (
    *(None, "", [], {}, True, False, 0, -1, 1, 1.5, -0.0, 1e308, 2**31, 2**63 - 1, 2**63, 2**70, 10**19),
    *("\ud800", "\0", "\n\x1b[31m", "a" * 10**5, "../../x", "x", "after", "before", [None], [[]], [[1.0]], {"a": {}}),
    *([0.5] * 9, [-1], ["a", "a"], [None, None], *RAW),
)
TYPES = ("F32", "F64", "F16", "BF16", "F8_E4M3", "F8_E5M2", "F4", "I32", "I64", "U8", "BOOL", "C64", "x", 3)


@cache
def files() -> dict[str, bytes]:
    """The files of two runs of a few updates, one of two layers that reset before the product and hold a gate."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / "text.txt"
        text.write_text(TEXT)
        for name, more in (("one", {}), ("two", {"layers": 2, "reset": "before", "force": ("r=1",)})):
            settings = Settings(**SMALL, **more)
            path = begin.start([str(text)], settings=settings, budget=Budget("updates", 3), out=f"{folder}/{name}")
            for file in path.iterdir():
                found[f"{name}/{file.name}"] = at_home(file.read_bytes(), folder)
    return found


def at_home(data: bytes, folder: str) -> bytes:
    """A file whose text is the one that the run keeps."""
    if data[8:9] != b"{":
        return data
    header, rest = split(data)
    written = header["__metadata__"]["chargru"].replace(json.dumps(f"{folder}/text.txt"), json.dumps(run.KEPT_TEXT))
    header["__metadata__"]["chargru"] = written
    return joined(json.dumps(header), rest)


def split(data: bytes) -> tuple[dict, bytes]:
    """The header of a safetensors file and what follows it."""
    size = struct.unpack("<Q", data[:8])[0]
    return json.loads(data[8 : 8 + size]), data[8 + size :]


def joined(header: str, rest: bytes) -> bytes:
    """A safetensors file again."""
    written = header.encode("utf-8", "surrogatepass")
    return struct.pack("<Q", len(written)) + written + rest


def raw(document: object) -> str:
    """JSON, with what only raw text can say."""
    written = json.dumps(document)
    for name, text in RAW.items():
        written = written.replace(json.dumps(name), text)
    return written


def change_json(source: random.Random, document: object) -> object:
    """The document with one of its values, at any depth, replaced, removed, moved or doubled."""
    places = list(containers(document))
    if not places:
        return deepcopy(source.choice(NASTY))
    one = source.choice(places)
    keys = list(one) if isinstance(one, dict) else list(range(len(one)))
    if not keys:
        return document
    key, kind = source.choice(keys), source.random()
    if kind < 0.2:
        del one[key]
    elif kind < 0.3:
        one[key] = deepcopy(one[source.choice(keys)])
    elif kind < 0.4 and isinstance(one[key], int | float):
        one[key] = source.choice((one[key] + 1, -one[key], one[key] * 2**40, str(one[key]), float(one[key])))
    else:
        one[key] = deepcopy(source.choice(NASTY))
    return document


def containers(document: object):
    """Every list and object of a document, itself too."""
    if isinstance(document, dict | list):
        yield document
        for child in document.values() if isinstance(document, dict) else document:
            yield from containers(child)


def change_file(source: random.Random, data: bytes) -> bytes:
    """A safetensors file with something changed in its document, or in what its header says of a tensor."""
    try:
        header, rest = split(data)
        document = json.loads(header["__metadata__"]["chargru"])
    except (ValueError, KeyError, TypeError, AttributeError, struct.error, RecursionError):
        return data
    names = [name for name, entry in header.items() if name != "__metadata__" and isinstance(entry, dict)]
    if source.random() < 0.7 or not names:
        for _ in range(source.choice((1, 1, 1, 2, 5))):
            document = change_json(source, document)
        header["__metadata__"]["chargru"] = raw(document)
        return joined(json.dumps(header), rest)
    name, kind = source.choice(names), source.randrange(5)
    if kind == 0:
        del header[name]
    elif kind == 1:
        header[f"{name}x"] = header.pop(name)
    elif kind == 2:
        header[name]["dtype"] = source.choice(TYPES)
    elif kind == 3:
        shape = header[name].get("shape") or [2]
        shapes = (shape[::-1], [*shape, 1], [0, *shape], [2**62, 0], [2**63, 2**63], [], [-1], [1e3], shape[:1])
        header[name]["shape"] = source.choice(shapes)
    else:
        start, end = header[name].get("data_offsets") or (0, 4)
        offsets = ([end, start], [0, 0], [start, end + 4], [2**62, 2**63], [start, start], [-1, 3], None)
        header[name]["data_offsets"] = source.choice(offsets)
    return joined(raw(header), rest)


def change_text(source: random.Random, data: bytes) -> bytes:
    """JSON, one document or several in lines, with a value changed."""
    lines = data.split(b"\n")
    at = source.randrange(len(lines))
    try:
        lines[at] = raw(change_json(source, json.loads(lines[at]))).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):
        return data
    return b"\n".join(lines)


def written(folder: Path, name: str, data: bytes) -> Path:
    """A run that has this file, and its text."""
    path = folder / "run"
    path.mkdir()
    (path / run.KEPT_TEXT).write_text(TEXT)
    (path / name).write_bytes(data)
    return path


def feed_model(data: bytes, folder: Path) -> None:
    """Read a model, and all that is told of it."""
    path = written(folder, MODEL, data)
    run_summary.summary(path)
    found = run_summary.describe(path)
    show(found, "json"), str(found), repr(found)
    model = read_model(path)
    str(model), repr(model), model.document_sha256()
    untrained(model)
    if "text" in model.trained:
        Source.from_document(model.trained["text"])


def feed_record(data: bytes, folder: Path) -> None:
    """Check what a model records of itself."""
    check_record(read_model(written(folder, MODEL, data)))


def feed_state(data: bytes, folder: Path) -> None:
    """Go on with a last state up to the first update; before, read it as a model."""
    path = written(folder, TRAINING, data)
    run_summary.summary(path)
    str(run_summary.describe(path)), read_model(path)
    state = record.read_state(path)
    with environment():
        trainer, _ = begin._trainer(state, state.source.read(home=path), Progress())
        trainer.load_tensors(state.tensors)


def feed_metrics(data: bytes, folder: Path) -> None:
    """Read the rows of a run's metrics, go on writing them, and plot them."""
    (folder / run.METRICS).write_bytes(data)
    run_curves.curve(folder)
    Metrics(folder, 2, 2)
    assert run_curves.curve(folder) is not None
    with contextlib.suppress(RunError):  # no loss at all
        found = run_curves.curves(folder)
        str(found), show(found, "html"), show(found, "json")


def feed_parts(data: bytes, folder: Path) -> None:
    """Read what a document says of its text, its settings, its budget and its vocabulary."""
    del folder
    try:
        found = parse(data.decode("utf-8", "surrogatepass"))
    except ValueError:  # what `tensorfile` puts in words
        return
    for reader in (Source.from_document, Settings.from_document, Budget.from_document, Vocabulary.from_document):
        try:
            reader(found)
        except ChargruError:
            continue


def named(name: str):
    """The seeds of one kind."""
    return lambda: [data for path, data in files().items() if path.endswith(name)]


def parts() -> list[bytes]:
    """Parts of a last state."""
    document = json.loads(split(files()["one/training.safetensors"])[0]["__metadata__"]["chargru"])
    found = [document[name] for name in ("text", "settings", "budget", "vocabulary")]
    return [json.dumps(one).encode() for one in found]


TARGETS = (
    Target("model", named(MODEL), feed_model, change_file),
    Target("record", named(MODEL), feed_record, change_file),
    Target("state", named(TRAINING), feed_state, change_file),
    Target("metrics", named(run.METRICS), feed_metrics, change_text),
    Target("parts", parts, feed_parts, change_text),
)
