"""metrics.jsonl: what a run that goes on does with the rows it finds."""

from sessions import rows, train

from chargru import run, run_summary
from chargru.training import begin
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
