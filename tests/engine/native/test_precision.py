"""Products in bfloat16: what a layer computes with them, where they can be had, and what "auto" takes."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from layers import DOUBLE, differences, forced, make, make_input, states_and_gradients

from chargru.engine import layer
from chargru.engine.engines import choose
from chargru.engine.layer import gru_layer
from chargru.engine.native import build, kernels, precision
from chargru.engine.window import C, N, R, Weights, Z
from chargru.errors import SettingError

needs_units = pytest.mark.skipif(not precision.has_bf16(), reason=precision.why_not())
resets = pytest.mark.parametrize("reset", ["after", "before"])
SIZES = [(1, 1, 1), (3, 5, 7), (17, 1, 12), (65, 19, 9), (48, 40, 30), (176, 9, 4)]  # H, B, T


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def forget():
    """What this process has found out about compiler and processor is found out anew, and again afterwards."""
    for found in (build.build, precision.why_not):
        found.cache_clear()
    yield
    for found in (build.build, precision.why_not):
        found.cache_clear()


@pytest.fixture(scope="module")
def tiles(tmp_path_factory):
    """AMX's tiles, emulated in C, in place of the processor's own units, as long as a test's module runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        emulated = ("-DREAL=float", "-DBFLOAT16", "-DEMULATE_TILES", f"-I{Path(__file__).parent}")
        patch.setitem(build.REAL_FLAGS, "bfloat16", emulated)
        yield build.build.__wrapped__("bfloat16")


@pytest.fixture(params=["processor", "tiles"])
def unit(request, monkeypatch):
    """Products by what this processor has, then by emulated tiles."""
    if request.param == "tiles":
        built = request.getfixturevalue("tiles")
        assert built.library.tiles() == 1, built.reason
        assert built.library.ready() == 1
        found = build.library
        monkeypatch.setattr(build, "library", lambda real: built.library if real == "bfloat16" else found(real))


def cpuinfo(monkeypatch, path, flags):
    path.write_text(f"processor\t: 0\nmodel name\t: a processor\nflags\t\t: {flags}\n", encoding="utf-8")
    monkeypatch.setattr(precision, "PROCESSOR", path)


def each_unit(test):
    return needs_units(pytest.mark.usefixtures("unit")(test))


def rounded(x):
    return x.detach().float().bfloat16().double()


def run_both_ways(reset, hidden, lanes, steps):
    """One window through the kernels: what the forward pass kept, the gradients, all as float64, and W_hh."""
    weights = [w.detach() for w in make(hidden, 7)]
    x, h_0 = make_input(hidden, lanes, steps, 7)
    run = layer._Run(reset == "before", choose("compiled", x.float()), "bf16")
    window = layer._forward(x, h_0.detach(), Weights(*weights), run, keep=True)
    kept = window.rows[..., :hidden].double()
    d_h, d_last = torch.randn(steps, lanes, hidden), torch.randn(lanes, hidden)
    d_0, _ = kernels.backward(window, d_h, d_last)
    d_hh = layer._state_weight_gradient(window, run).double()
    d_h[-1] += d_last
    h_old = torch.cat((h_0.detach()[None], window.h[:-1])).double()
    from_input = torch.nn.functional.one_hot(x, 7).double() @ weights[0].double().t() + weights[2]
    return SimpleNamespace(
        kept=kept, gradients=window.rows[..., :hidden].double(), d_h=d_h.double(), d_0=d_0.double(), d_hh=d_hh,
        h_old=h_old, h=window.h.double(), from_input=from_input, w_hh=rounded(weights[1]), b_hh=weights[3].double(),
    )  # fmt: skip


def close(ours, reference):
    """To rounding errors of float32; of bfloat16 they are 1e-3."""
    return (ours - reference).abs().max() < 2e-6 * reference.abs().max().clamp_min(1)


def states(w, reset):
    """r, z, n, the candidate's product and h of every step, each from the step's own h_{t-1}."""
    x_r, x_z, x_n = w.from_input.chunk(3, -1)
    W_hr, W_hz, W_hn = w.w_hh.chunk(3)
    b_hr, b_hz, b_hn = w.b_hh.chunk(3)
    h = rounded(w.h_old)
    r, z = torch.sigmoid(x_r + h @ W_hr.t() + b_hr), torch.sigmoid(x_z + h @ W_hz.t() + b_hz)
    product = (h if reset == "after" else rounded(w.kept[:, :, C])) @ W_hn.t() + b_hn
    n = torch.tanh(x_n + (r * product if reset == "after" else product))
    return r, z, n, product if reset == "after" else r * w.h_old, (1 - z) * n + z * w.h_old


@each_unit
@resets
@pytest.mark.parametrize(("hidden", "lanes", "steps"), SIZES)
def test_states_follow_the_equations_with_rounded_operands(reset, hidden, lanes, steps):
    w = run_both_ways(reset, hidden, lanes, steps)
    r, z, n, product, h = states(w, reset)
    assert all(close(w.kept[:, :, slot], value) for slot, value in ((R, r), (Z, z), (N, n), (C, product)))
    assert close(w.h, h)


@each_unit
@resets
@pytest.mark.parametrize(("hidden", "lanes", "steps"), SIZES)
def test_gradients_follow_the_equations_with_rounded_operands(reset, hidden, lanes, steps):
    w = run_both_ways(reset, hidden, lanes, steps)
    n, r, z, product = w.kept.unbind(2)
    d_n, d_r, d_z, d_c = w.gradients.unbind(2)
    W_hr, W_hz, W_hn = w.w_hh.chunk(3)
    through_gates = rounded(d_r) @ W_hr + rounded(d_z) @ W_hz
    through_candidate = rounded(d_c if reset == "after" else d_n) @ W_hn
    back = through_gates + (through_candidate if reset == "after" else through_candidate * r)
    d_h = w.d_h.clone()
    for t in reversed(range(1, steps)):
        d_h[t - 1] += d_h[t] * z[t] + back[t]
    assert close(w.d_0, d_h[0] * z[0] + back[0])
    assert close(d_n, d_h * (1 - z) * (1 - n * n))
    assert close(d_z, d_h * (w.h_old - n) * z * (1 - z))
    arriving = d_n * product if reset == "after" else through_candidate * w.h_old
    assert close(d_r, arriving * r * (1 - r))


@each_unit
@resets
@pytest.mark.parametrize(("hidden", "lanes", "steps"), [*SIZES, (20, 37, 29)])
def test_weight_gradient_sums_rounded_operands(reset, hidden, lanes, steps):
    w = run_both_ways(reset, hidden, lanes, steps)
    d_n, d_r, d_z, d_c = (rounded(slot).flatten(0, 1) for slot in w.gradients.unbind(2))
    h = rounded(w.h_old).flatten(0, 1)
    last = d_c.t() @ h if reset == "after" else d_n.t() @ d_c
    assert close(w.d_hh, torch.cat((d_r.t() @ h, d_z.t() @ h, last)))


@each_unit
@resets
@pytest.mark.parametrize("dense", [False, True])
def test_layer_is_near_the_one_in_float32(reset, dense):
    weights = make(70, 6)
    x, h_0 = make_input(70, 21, 12, 6, dense=dense)
    ours, exact = (
        states_and_gradients(lambda *a, p=p: gru_layer(*a, reset=reset, precision=p), x, h_0, weights)
        for p in ("bf16", "fp32")
    )
    apart = differences(ours[0] + ours[1], exact[0] + exact[1])
    assert 1e-4 < min(apart) <= max(apart) < 6e-3


@each_unit
@resets
def test_lane_does_not_depend_on_batch_or_threads(reset):
    weights = make(70, 5)
    x, h_0 = make_input(70, 19, 6, 5)

    def run(*a):
        return gru_layer(*a, reset=reset, precision="bf16")

    results = []
    for count in (1, 2, 3):
        torch.set_num_threads(count)
        results.append(states_and_gradients(run, x, h_0, weights))
    for (h, _), (d_h_0, _, d_hh, *_) in results:
        assert torch.equal(h, results[0][0][0])
        assert torch.equal(d_h_0, results[0][1][0])
        assert torch.equal(d_hh, results[0][1][2])
    alone, _ = run(x[:, 7:8], h_0[7:8], *weights)
    assert torch.equal(alone[:, 0], results[0][0][0][:, 7])


@each_unit
@resets
def test_update_gate_forced_to_one_keeps_the_state(reset):
    x, h_0 = make_input(21, 5, 4, 2)
    h, _ = gru_layer(x, h_0, *forced(21, z=1e4), reset=reset, precision="bf16")
    assert torch.equal(h, h_0.expand_as(h))


@each_unit
@resets
def test_forced_gate_has_no_gradient(reset):
    weights = forced(21, r=1e4, z=-1e4)
    h, _ = gru_layer(*make_input(21, 5, 4, 2), *weights, reset=reset, precision="bf16")
    for gradient in torch.autograd.grad(h.sum(), weights):
        assert torch.count_nonzero(gradient[:42]) == 0


@each_unit
@resets
def test_not_a_number_is_not_hidden(reset):
    x, h_0 = make_input(17, 4, 3, 4)
    h_0 = h_0.detach().clone()
    h_0[2, 5] = torch.nan
    h, _ = gru_layer(x, h_0, *make(17, 4), reset=reset, precision="bf16")
    assert h[0, 2].isnan().all()
    assert h[:, [0, 1, 3]].isfinite().all()


@each_unit
@resets
def test_without_gradients_states_are_the_same(reset):
    weights, (x, h_0) = make(33, 7), make_input(33, 9, 6, 7)
    h, _ = gru_layer(x, h_0, *weights, reset=reset, precision="bf16")
    with torch.no_grad():
        again, _ = gru_layer(x, h_0, *weights, reset=reset, precision="bf16")
    assert torch.equal(h, again)


AUTO = [
    ("GenuineIntel", "6", 4096, "fp32"),
    ("AuthenticAMD", "25", 4096, "fp32"),
    ("AuthenticAMD", "26", 95, "fp32"),
    ("AuthenticAMD", "26", 96, "bf16"),
]


@pytest.mark.skipif(precision.has_bf16() and precision.unit() == "amx_bf16", reason="tiles have a rule of their own")
@needs_units
@pytest.mark.parametrize(("vendor", "family", "hidden", "expected"), AUTO)
def test_auto_takes_vectors_where_they_were_measured_faster(monkeypatch, tmp_path, vendor, family, hidden, expected):
    cpuinfo(monkeypatch, tmp_path / "cpuinfo", f"avx512_bf16\nvendor_id\t: {vendor}\ncpu family\t: {family}")
    assert precision.resolve("auto", hidden) == expected


@needs_units
def test_auto_takes_tiles_from_256_on(monkeypatch, tiles):
    monkeypatch.setattr(build, "build", lambda _: tiles)
    assert [precision.resolve("auto", hidden) for hidden in (255, 256)] == ["fp32", "bf16"]


@needs_units
@pytest.mark.parametrize("hidden", [31, 260])
def test_auto_is_one_of_the_two_bit_for_bit(hidden):
    weights, (x, h_0) = make(hidden, 5), make_input(hidden, 2, 3, 5)
    auto, fp32, bf16 = (gru_layer(x, h_0, *weights, precision=p)[0] for p in ("auto", "fp32", "bf16"))
    assert torch.equal(auto, bf16 if precision.resolve("auto", hidden) == "bf16" else fp32)
    assert not torch.equal(fp32, bf16)


@needs_units
@pytest.mark.parametrize(("dtype", "engine"), [(DOUBLE, "auto"), (torch.float32, "torch")])
def test_what_cannot_multiply_in_bfloat16(dtype, engine):
    weights, (x, h_0) = make(300, 4, dtype), make_input(300, 2, 3, 4, dtype)
    with pytest.raises(SettingError, match="need the compiled layer and float32"):
        gru_layer(x, h_0, *weights, precision="bf16", engine=engine)
    auto, exact = (gru_layer(x, h_0, *weights, precision=p, engine=engine)[0] for p in ("auto", "fp32"))
    assert torch.equal(auto, exact)


@pytest.mark.usefixtures("forget")
def test_processor_without_units(monkeypatch, tmp_path):
    cpuinfo(monkeypatch, tmp_path / "cpuinfo", "fpu sse avx512f")
    with pytest.raises(SettingError) as error:
        precision.resolve("bf16", 512)
    assert error.value.message == "this processor has no bfloat16 units"
    assert "fp32" in error.value.hint
    assert precision.resolve("auto", 512) == "fp32"


@pytest.mark.usefixtures("forget")
def test_system_that_does_not_tell():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(precision, "PROCESSOR", Path("/no/such/file"))
        assert precision.why_not() == "this processor has no bfloat16 units"


@pytest.mark.usefixtures("forget")
def test_units_without_a_compiler(monkeypatch, tmp_path):
    cpuinfo(monkeypatch, tmp_path / "cpuinfo", "avx512f avx512_bf16 amx_bf16")
    monkeypatch.setenv(build.VARIABLE, "none")
    with pytest.raises(SettingError, match="switched off by CHARGRU_COMPILER"):
        precision.resolve("bf16", 512)
    assert precision.resolve("auto", 512) == "fp32"


def test_float32_needs_nothing():
    assert precision.resolve("fp32", 4096) == "fp32"


def test_unknown_precision_is_named():
    with pytest.raises(SettingError, match="no precision 'fp16'"):
        precision.resolve("fp16", 512)


def test_resolving_needs_no_torch():
    code = "from chargru.engine.native import precision; precision.resolve('auto', 1)"
    code += "; import sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
