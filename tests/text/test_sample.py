"""A sample is a `str` in every respect, and knows its prime."""

import copy
import json
import pickle

import chargru
from chargru.text.sample import Sample


def test_it_is_the_text():
    made = Sample(" sat.\n", "The cat")
    assert (made, hash(made), repr(made), str(made), f"{made}") == (
        " sat.\n",
        hash(" sat.\n"),
        "' sat.\\n'",
        " sat.\n",
        " sat.\n",
    )
    assert (made[1:4], made.prime + made, json.dumps([made])) == ("sat", "The cat sat.\n", '[" sat.\\n"]')
    assert type(made[1:4]) is str
    assert made in {" sat.\n": 1}


def test_it_goes_to_other_processes():
    made = Sample("a\nb", "prime")
    for other in (*(pickle.loads(pickle.dumps(made, version)) for version in range(6)), copy.deepcopy(made)):
        assert (type(other), other, other.prime) == (Sample, "a\nb", "prime")


def test_the_library_returns_one():
    made = chargru.sample(chargru.load("cats"), prime="The cat", length=22, temperature=0)
    assert (type(made), made, made.prime) == (Sample, " was full.\nThe cats we", "The cat")
    assert chargru.show(made) == "The cat was full.\nThe cats we"
