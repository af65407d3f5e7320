"""What a page carries of a model, and of a text that it reads, for tests of the page's modules alone."""

import base64

import numpy as np


def base64_of(values, dtype="<f8"):
    return base64.b64encode(np.ascontiguousarray(values, dtype).tobytes()).decode()


def network(model, precision="float32"):
    """The arguments of Network.read."""
    architecture, named = model.architecture, list(model.weights.named())
    characters = list(model.vocabulary.characters)
    data = {
        "vocabulary": characters,
        "shown": [character or "" for character in characters],
        "hidden_size": architecture.hidden_size,
        "layers": architecture.layers,
        "reset": architecture.reset,
        "head": architecture.head,
        "forced": list(model.forced),
        "precision": precision,
        "tensors": [{"name": name, "shape": list(value.shape)} for name, value in named],
    }
    numbers = np.concatenate([value.ravel() for _, value in named])
    return {"network": data, "weights": base64_of(numbers, {"float32": "<f4", "float16": "<f2"}[precision])}


def reading(model, text=None, force=(), **more):
    """What `READ` below needs: a network, a text (the model's own if None) and the gates that the page holds."""
    return {**network(model), "text": list(text or model.trace_text), "force": list(force), **more}


READ = """(async () => {
    const network = Network.read(data.network, data.weights);
    const forces = data.force.map((written) => parseForce(written, network));
    return await computeRun(network, network.encode(data.text), forces);
})()"""
"""The run over what `reading` says."""
