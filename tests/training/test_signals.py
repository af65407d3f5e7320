"""Signals: the first asks to stop, the second stops at once; afterwards they do what they did before."""

import os
import signal
import threading

import pytest

from chargru.training.signals import Stop, sigterm_as_ctrl_c

NUMBERS = (signal.SIGINT, signal.SIGTERM)


def handlers():
    return [signal.getsignal(number) for number in NUMBERS]


@pytest.mark.parametrize("number", NUMBERS)
def test_the_first_signal_is_remembered_and_the_second_raises(number):
    before = handlers()
    with Stop() as stop:
        assert not stop.requested
        os.kill(os.getpid(), number)
        assert stop.requested
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
    assert handlers() == before


def test_a_signal_that_came_too_late_for_one_stops_the_one_around_it():
    with Stop() as outer:
        with Stop() as inner:
            os.kill(os.getpid(), signal.SIGINT)
        assert (inner.requested, outer.requested) == (True, True)
        with Stop() as late:
            assert late.requested
    with Stop() as outer:
        with Stop():
            pass
        assert not outer.requested


def test_sigterm_is_ctrl_c_inside_only():
    before = handlers()
    with pytest.raises(KeyboardInterrupt), sigterm_as_ctrl_c():
        os.kill(os.getpid(), signal.SIGTERM)
    assert handlers() == before


@pytest.mark.parametrize("catches", [Stop, sigterm_as_ctrl_c])
def test_another_thread_changes_no_handler(catches):
    """Only the main thread may; `signal.signal` raises ValueError elsewhere."""
    before, during = handlers(), []

    def run():
        with catches():
            during.append(handlers())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert during == [before]
