"""What the commands let through to the terminal."""

import subprocess
import sys

import pytest

WARN = "from chargru.cli import terminal; import warnings; terminal.prepare(); warnings.warn({!r}, RuntimeWarning)"


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("invalid value encountered in matmul", False),
        ("overflow encountered in matmul", False),
        ("invalid value encountered in divide", True),
    ],
)
def test_numpys_false_alarms_of_products_are_not_shown(message, shown):
    done = subprocess.run([sys.executable, "-c", WARN.format(message)], capture_output=True, text=True, check=True)
    assert (message in done.stderr) == shown
