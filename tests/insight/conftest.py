"""The networks of these tests are small: one thread is quicker."""

import pytest


@pytest.fixture(autouse=True)
def _one_thread(one_thread):
    pass
