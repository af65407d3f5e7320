"""`chargru prove`, as it is typed."""

import json

from drawn import TEXT, model

from chargru.insight.proof.prove import prove
from chargru.model import read_model, write_model


def test_it_prints_the_proof_of_the_library(chargru, tiny_run):
    result = chargru("prove", "-c", tiny_run)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == f"{prove(read_model(tiny_run))}\n"
    assert result.stderr.splitlines()[:2] == [f"using {tiny_run}", "loading torch ..."]


def test_json(chargru, tiny_run):
    document = json.loads(chargru("prove", "-c", tiny_run, "--format", "json").stdout)
    assert document["schema"] == "chargru.proof/1"
    assert document["checkpoint"] == str(tiny_run)
    assert document["characters"] == len(TEXT)
    assert document["passed"]
    assert document["recorded"] is None
    assert all(one["holds"] and one["difference"] <= one["tolerance"] for one in document["identities"])
    assert [one["visible"] for one in document["contrasts"]] == [True] * 4


def test_a_failed_identity_is_an_error_that_names_it(chargru, tmp_path):
    from dataclasses import replace

    write_model(tmp_path, replace(model(), forced=("z=0",)))
    result = chargru("prove", "-c", tmp_path, "--format", "json")
    assert result.exit_code == 1
    assert "error: not true here: the gates are held as the file says: z=0" in result.stderr
    assert json.loads(result.stdout)["passed"] is False


def test_a_text_of_one_s_own(chargru, tiny_run, tmp_path):
    path = tmp_path / "some.txt"
    path.write_text("The cats were near.")
    shown = chargru("prove", "-c", tiny_run, "--file", path).stdout
    assert shown.startswith("On 19 characters of ")
    again = chargru("prove", "-c", tiny_run, "--text", "The cats were near.").stdout
    assert again.partition("Identities")[2] == shown.partition("Identities")[2]
    refused = chargru("prove", "-c", tiny_run, "--text", "Thé")
    assert refused.exit_code == 1
    assert "--text, line 1, column 3" in refused.stderr


def test_two_texts_are_refused(chargru, tiny_run):
    refused = chargru("prove", "-c", tiny_run, "--text", "The", "--file", "x")
    assert refused.exit_code == 1
    assert refused.stderr.splitlines()[1:] == [
        "error: both --text and a file are given",
        "hint: give only one of them",
    ]
