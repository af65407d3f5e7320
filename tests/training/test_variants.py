"""What `ablate --retrain` trains: loss and gradients of every variant against equations written out here in float64."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sessions import SMALL

from chargru.engine.layer import gru_layer
from chargru.errors import SettingError
from chargru.gru.weights import Architecture
from chargru.text.batches import Batches
from chargru.training.settings import Settings
from chargru.training.trainer import Trainer
from chargru.training.variants import PLAIN, place, variants

V, UNITS, STEPS, LANES = 7, 5, 12, 3
SHAPES = [(1, "after"), (1, "before"), (2, "after"), (2, "before")]
IDS = np.random.default_rng(3).integers(V, size=400)
NAMES = [one.name for one in variants("after", plain_gru=True)]

CHANGES = {
    "as it is": {},
    "r = 1": {"r_is": 1.0},
    "r = 0": {"r_is": 0.0},
    "z = 0": {"z_is": 0.0},
    "r = 1, z = 0": {"r_is": 1.0, "z_is": 0.0},
    "z one constant a unit": {"z_constant": True},
    "W_hn = 0": {"W_hn": False},
    "reset before": {"other": True},
    "reset after": {"other": True},
    "as it is *": {},
    "h = (1 - z) n *": {"carry": False},
    "n with ReLU *": {"activation": lambda a: torch.clamp(a, min=0)},
    "n with identity *": {"activation": lambda a: a},
}
"""What each one changes in `states` below."""


def states(p, x, h, reset, change):
    """All states (T, B, H) of one layer; p has float64 blocks by their names in the equations."""
    activation, found = change.get("activation", torch.tanh), []
    r_is, z_is = change.get("r_is"), change.get("z_is")
    for x_t in x:
        r, z = (
            torch.sigmoid(x_t @ p[f"W_i{g}"].T + p[f"b_i{g}"] + h @ p[f"W_h{g}"].T + p[f"b_h{g}"]) for g in ("r", "z")
        )
        r = r if r_is is None else torch.full_like(r, r_is)
        z = torch.sigmoid(p["b_iz"]).expand_as(z) if change.get("z_constant") else z
        z = z if z_is is None else torch.full_like(z, z_is)
        W_hn = p["W_hn"] if change.get("W_hn", True) else torch.zeros_like(p["W_hn"])
        inner = r * (h @ W_hn.T + p["b_hn"]) if reset == "after" else (r * h) @ W_hn.T + p["b_hn"]
        n = activation(x_t @ p["W_in"].T + p["b_in"] + inner)
        h = (1 - z) * n + (z * h if change.get("carry", True) else 0)
        found.append(h)
    return torch.stack(found)


def loss_of(blocks, head, inputs, targets, reset, change):
    """The mean of -ln p over a window from h_0 = 0."""
    x = torch.nn.functional.one_hot(inputs, V).double()
    for p in blocks:
        x = states(p, x, torch.zeros(inputs.shape[1], UNITS, dtype=torch.float64), reset, change)
    logits = x @ head[0].T + head[1]
    return -torch.log_softmax(logits, -1).gather(-1, targets[..., None]).mean()


def cut(tensors, architecture):
    """Every layer's blocks, and the head, float64 leaves."""
    prefix = "gru" if architecture.reset == "after" else "gru_before"
    kinds = (("W_i", "weight_ih"), ("W_h", "weight_hh"), ("b_i", "bias_ih"), ("b_h", "bias_hh"))
    layers = [
        {
            f"{kind}{gate}": torch.tensor(tensors[f"{prefix}.{name}_l{layer}"][at * UNITS : (at + 1) * UNITS]).double()
            for kind, name in kinds
            for at, gate in enumerate("rzn")
        }
        for layer in range(architecture.layers)
    ]
    head = [torch.tensor(tensors[name]).double() for name in ("head.weight", "head.bias")]
    for leaf in (*head, *(block for layer in layers for block in layer.values())):
        leaf.requires_grad_()
    return layers, head


def made(name, layers, reset, **changes):
    """A variant and its trainer, ready for the first update."""
    (variant,) = (one for one in variants(reset, plain_gru=True) if one.name == name)
    base = Settings(hidden_size=UNITS, layers=layers, reset=reset, batch_size=LANES, window=STEPS, threads=1,
                    dropout=0.0, weight_drop=0.0, precision="fp32", seed=4, **changes)  # fmt: skip
    settings = variant.settings(base)
    architecture = Architecture(V, UNITS, layers, settings.reset)
    batches = Batches(IDS, V, lanes=LANES, window=STEPS, seed=4)
    trainer = Trainer(architecture, settings, batches)
    variant.prepare(trainer)
    return variant, trainer


def of(name, reset):
    other = {"after": "before", "before": "after"}[reset]
    return f"reset {other}" if name.startswith("reset") else name


def move_biases(variant, trainer):
    """Biases other than the first ones, which are mostly 0; those that are held or stay 0 do."""
    architecture, tensors = trainer.architecture, trainer.model.export()
    generator = np.random.default_rng(8)
    for layer in range(architecture.layers):
        for block in sorted({f"b_{kind}{gate}" for kind in "ih" for gate in "rzn"} - variant.idle(architecture.reset)):
            name, where = place(architecture, layer, block)
            tensors[name][where] += 0.5 * generator.normal(size=UNITS)
    trainer.model.load(tensors)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("layers", "reset"), SHAPES)
def test_loss_and_gradients_are_those_of_the_equations(name, layers, reset):
    variant, trainer = made(of(name, reset), layers, reset)
    move_biases(variant, trainer)
    blocks, head = cut(trainer.model.export(), trainer.architecture)
    window = trainer.batches.window_at(0, 0)
    inputs, targets = torch.tensor(window.inputs_TB), torch.tensor(window.targets_TB)
    loss = loss_of(blocks, head, inputs, targets, trainer.architecture.reset, CHANGES[variant.name])
    assert abs(float(trainer.forward_backward(window)) - float(loss.detach())) < 1e-5
    leaves = [*head, *(block for layer in blocks for block in layer.values())]
    expected = dict(zip(map(id, leaves), torch.autograd.grad(loss, leaves, allow_unused=True), strict=True))
    gradients = {name: parameter.grad.numpy() for name, parameter in trainer.model.named_parameters()}
    theirs, their_head = cut(gradients, trainer.architecture)
    compared = [*zip(their_head, head, strict=True), *(
        (theirs[layer][block], blocks[layer][block]) for layer in range(layers) for block in blocks[layer]
    )]  # fmt: skip
    for ours, leaf in compared:
        wanted = expected[id(leaf)]
        wanted = torch.zeros_like(leaf) if wanted is None else wanted
        assert float((ours - wanted).detach().abs().max()) < 1e-5
    assert max(float(leaf.abs().max()) for leaf in expected.values() if leaf is not None) > 1e-2


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("layers", "reset"), SHAPES)
def test_the_parameters_that_count_are_those_that_change_the_output(name, layers, reset):
    """Those whose gradient is not 0 at random weights, in the equations above."""
    variant, trainer = made(of(name, reset), layers, reset)
    architecture, moved = trainer.architecture, None
    for seed in range(6):
        generator = np.random.default_rng(seed)
        drawn = {tensor: generator.normal(size=shape) for tensor, shape in architecture.shapes().items()}
        blocks, head = cut(drawn, architecture)
        ids = torch.tensor(generator.integers(V, size=(30, 4)))
        loss = loss_of(blocks, head, ids[:-1], ids[1:], architecture.reset, CHANGES[variant.name])
        leaves = [*head, *(block for layer in blocks for block in layer.values())]
        gradients = torch.autograd.grad(loss, leaves, allow_unused=True)
        now = [
            np.zeros(leaf.shape, bool) if g is None else g.numpy() != 0
            for leaf, g in zip(leaves, gradients, strict=True)
        ]
        moved = now if moved is None else [one | more for one, more in zip(moved, now, strict=True)]
    assert variant.effective_parameters(architecture) == sum(int(one.sum()) for one in moved)


@pytest.mark.parametrize("name", ["z one constant a unit", "W_hn = 0"])
@pytest.mark.parametrize("reset", ["after", "before"])
def test_what_stays_0_stays_0_and_the_rest_learns(name, reset):
    variant, trainer = made(name, 2, reset, weight_decay=0.5)
    before, _ = cut(trainer.model.export(), trainer.architecture)
    for _ in range(8):
        trainer.update(0.3)
    after, _ = cut(trainer.model.export(), trainer.architecture)
    idle = variant.idle(reset)
    for layer in range(2):
        for block, value in after[layer].items():
            if block in variant.zero:
                assert not value.any(), block
            elif block not in idle:
                assert float((value - before[layer][block]).detach().abs().max()) > 1e-4, block
    assert {*variant.zero} <= idle


def test_the_plain_gru_is_the_fast_one():
    """Under one number of updates they learn the same; so plain rows can be compared where updates are equal."""
    _, plain = made("as it is *", 2, "after")
    _, fast = made("as it is", 2, "after")
    assert plain.model.recurrent.layer is not gru_layer
    assert fast.model.recurrent.layer is gru_layer
    losses = np.array([[one.update(0.3).nats for _ in range(10)] for one in (plain, fast)])
    assert np.abs(losses[0] - losses[1]).max() < 1e-4
    assert np.abs(losses[:, 0] - losses[:, -1]).min() > 1e-2


def test_who_trains_is_said():
    engines = {name: made(name, 1, "after") for name in ("as it is", "W_hn = 0", "n with ReLU *")}
    said = {name: variant.engine(trainer) for name, (variant, trainer) in engines.items()}
    assert said["n with ReLU *"] == PLAIN
    assert said["as it is"] == said["W_hn = 0"] != PLAIN


def test_without_minutes_the_plain_gru_need_not_be_trained():
    assert [one.name for one in variants("after", plain_gru=False)] == [name for name in NAMES if name != "as it is *"]
    assert all(one.plain == one.name.endswith("*") for one in variants("before", plain_gru=True))


def test_a_variant_keeps_every_other_setting():
    base = replace(SMALL, layers=2, seed=9)
    for one in variants("after", plain_gru=True):
        settings = one.settings(base)
        assert replace(settings, force=(), reset="after") == base
    with pytest.raises(SettingError):
        replace(base, reset="nowhere")
