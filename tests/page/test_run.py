"""Reading a text in slices: what is copied, what is computed anew, and how it is cancelled."""

import carried
import drawn
import pytest

pytestmark = pytest.mark.slow

BEGIN = """(async () => {
    const network = Network.read(data.network, data.weights);
    const force = (...written) => written.map((one) => parseForce(one, network));
    const ids = network.encode(data.text);
    const plain = await computeRun(network, ids);
    const numbers = (run) => JSON.stringify([run.layers, [...run.bits]]);
    const equal = (one, other) => numbers(one) === numbers(other);
"""


@pytest.fixture
def run(modules):
    return modules("run.js")


def begin(run, then, model=None):
    return run(f"{BEGIN}{then}\n}})()", carried.reading(model or drawn.model(layers=2)))


@pytest.mark.parametrize("options", ["{ base: plain }", "{ base: plain, from: 12 }", "{ base: plain, from: 4 }"])
def test_a_replay_equals_the_whole_run(run, options):
    assert begin(run, f"""
        const forces = force("z[2]=0.9@12", "r=0@14-last");
        const whole = await computeRun(network, ids, forces);
        const replayed = await computeRun(network, ids, forces, {options});
        return [equal(whole, replayed), equal(whole, plain)];
    """) == [True, False]  # fmt: skip


def test_what_is_before_the_replay_is_copied_from_the_base(run):
    assert begin(run, """
        plain.layers[0].h[0] = 42;
        const first = async (forces, options) =>
            (await computeRun(network, ids, forces, { base: plain, ...options })).layers[0].h[0] === 42;
        return [await first(force("z=1@12")), await first(force("z=1@2"), { from: 2 }), await first(force("z=1@1"))];
    """) == [True, True, False]  # fmt: skip


def test_another_text_is_read_from_its_first_difference(run):
    assert begin(run, """
        const other = ids.slice(0, 20);
        other[9] = other[9] ? 0 : 1;
        const whole = await computeRun(network, other);
        return [equal(whole, await computeRun(network, other, [], { base: plain })), plain.T - whole.T > 0];
    """) == [True, True]  # fmt: skip


def test_forces_that_are_let_go_are_no_longer_in_the_run(run):
    assert begin(run, """
        const held = await computeRun(network, ids, force("z=1@5-6"));
        return [equal(plain, held), equal(plain, await computeRun(network, ids, [], { base: held }))];
    """) == [False, True]  # fmt: skip


def test_a_long_run_lets_the_page_work_in_between(run):
    model = drawn.model(drawn.TEXT * 60, units=96)
    turns = begin(run, """
        let turns = 0;
        let done = false;
        const turn = () => { turns += 1; if (!done) setTimeout(turn); };
        setTimeout(turn);
        const again = await computeRun(network, ids);
        done = true;
        return [turns, equal(plain, again)];
    """, model)  # fmt: skip
    assert turns[0] >= 2
    assert turns[1] is True


def test_a_run_is_cancelled_within_a_slice(run):
    model = drawn.model(drawn.TEXT * 60, units=96)
    reason, steps, T = begin(run, """
        const work = new AbortController();
        let steps = 0;
        const progress = (done) => { steps = done; work.abort(new Error("enough")); };
        try {
            await computeRun(network, ids, [], { signal: work.signal, progress });
        } catch (error) {
            return [error.message, steps, ids.length];
        }
    """, model)  # fmt: skip
    assert reason == "enough"
    assert 0 < steps < T


def test_a_run_that_is_cancelled_before_it_begins_does_nothing(run):
    with pytest.raises(Exception, match="aborted"):
        begin(run, "await computeRun(network, ids, [], { signal: AbortSignal.abort() });")
