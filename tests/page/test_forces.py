"""What the page takes as a gate held is what `--force` takes, and is written as it writes it."""

from dataclasses import asdict

import carried
import drawn
import numpy as np
import pytest

from chargru.errors import ChargruError
from chargru.gru import forcing

pytestmark = pytest.mark.slow

MODEL = drawn.model(units=12, layers=2)
PARSE = """data.written.map((written) => {
    const network = Network.read(data.network, data.weights);
    try {
        const force = parseForce(written, network, data.steps ?? undefined);
        return [force, writeForce(force)];
    } catch (error) {
        return error.message;
    }
})"""

GOOD = [
    "r=1",
    "z=0.25",
    "z[7]=1",
    "z[0,3,5-9]=0",
    "z[ 0, 3 ]=0",
    "z[9,2,2-4,3]=.5",
    "2:z[7]=1@20-34",
    "r=0@20",
    "r=0@1-last",
    "r=0@1-1",
    "  1:r = 1e-7 @20-last ",
    "z=1_0e-1_0",
    "z=-0",
    "z=1.",
    "z=+0.30000000000000004",
    "z=1.25e-3@002",
]
BAD = [
    "n=1", "gamma_u=1", "Z=1", "z", "", "z=", "z=1@", "z=1@3@4", "z[1]]=1",
    "z=2", "z=-0.1", "z=nan", "z=inf", "z=much", "z=0x1", "z=1__0", "z=.", "z=1e", "z=1,r=1",
    "3:z=1", "0:z=1", "-1:z=1", " 1 :z=1",
    "z[12]=1", "z[3-40]=1", "z[]=1", "z[9-5]=1", "z[-1]=1", "z[3-last]=1",
    "z=1@0-3", "z=1@-2", "z=1@9-5", "z=1@x", "z=1@5-", "z=1@1.5",
]  # fmt: skip


@pytest.fixture
def parse(modules):
    run = modules("run.js")
    return lambda *written, steps=None: run(PARSE, carried.network(MODEL) | {"written": written, "steps": steps})


def test_what_can_be_written_is_read_alike(parse):
    for written, (found, again) in zip(GOOD, parse(*GOOD), strict=True):
        (force,) = forcing.parse([written], MODEL.architecture)
        expected = asdict(force) | {"layer": None if force.layer is None else force.layer - 1}
        indices = None if found["indices"] is None else tuple(found["indices"])
        assert found | {"indices": indices} == expected, written
        assert again == str(force)


def test_random_values_are_written_with_their_shortest_digits(parse):
    drawn_values = np.random.default_rng(0)
    values = [*drawn_values.uniform(size=300), *(10.0 ** drawn_values.uniform(-300, 0, 300)), 5e-324, 1 - 2**-53]
    written = [f"z={value!r}" for value in map(float, values)]
    expected = [str(force) for force in forcing.parse(written, MODEL.architecture)]
    assert [again for _, again in parse(*written)] == expected


def test_what_cannot_be_is_refused_alike_in_one_sentence(parse):
    for written, message in zip(BAD, parse(*BAD), strict=True):
        assert isinstance(message, str), (written, message)
        with pytest.raises(ChargruError) as error:
            forcing.parse([written], MODEL.architecture)
        same = error.value.message.replace('"', "'")
        assert message.startswith(same) or message.split(",")[0].split(":")[0] in same, (message, same)
        assert "\n" not in message


def test_a_step_beyond_the_text_is_refused_where_its_length_is_known(parse):
    assert parse("z=1@20-34", steps=30) == ["'z=1@20-34' names a step that is not there: the text has 30 steps"]
    assert [again for _, again in parse("z=1@20-34", "r=0@34-last", steps=34)] == ["z=1@20-34", "r=0@34-last"]
