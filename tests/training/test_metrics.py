"""metrics.jsonl: what a run that goes on does with the rows it finds."""

import pytest
from sessions import rows, train

from chargru import run, run_curves, run_summary
from chargru.training import begin
from chargru.training.metrics import Metrics
from chargru.training.settings import Budget


def test_rows_beyond_the_saved_state_are_dropped(tmp_path, text):
    out = tmp_path / "run"
    train(text, out, 5)
    with (out / run.METRICS).open("a") as file:
        file.write('{"update": 6, "val_bpc": 0.1}\n{"update": 7, "va')
    begin.resume(str(out), budget=Budget("updates", 9))
    assert [row["update"] for row in rows(out)] == sorted({row["update"] for row in rows(out)})
    assert all(row["val_bpc"] != 0.1 for row in rows(out))


def test_damaged_metrics_do_not_stop_a_run(text, tmp_path):
    train(text, "run")
    with (tmp_path / "run" / run.METRICS).open("ab") as file:
        file.write(b"\xff\xfe\n")
    assert run_summary.report(begin.resume("run", budget=Budget("updates", 6))).updates == 6


@pytest.mark.parametrize(
    "bad",
    [
        b'{"update": Infinity}',
        b'{"update": 1e999}',
        b"[" * 100_000,
        b'{"update": ' + b"9" * 5000 + b"}",
        b'{"update": 3.0}',
        b'{"update": -1}',
        b'{"update": 1, "val_bpc": "x"}',
        b'{"update": 1, "pad": "' + b"a" * 10**6 + b'"}',
        b"x" * run_curves.LONGEST_ROW + b'{"update": 1}',
        bytes(range(256)),
    ],
)
def test_a_row_that_cannot_be_read_is_left_out(tmp_path, bad):
    good = b'{"update": 1, "val_bpc": 2.5}'
    (tmp_path / run.METRICS).write_bytes(b"\n".join([good, bad, b'{"update": 2}']))
    assert run_curves.curve(tmp_path).update == (1, 2)
    assert Metrics(tmp_path, 2).validations == [2.5]
    assert (tmp_path / run.METRICS).read_bytes() == good + b'\n{"update": 2}\n'
