"""Signals: the first asks to stop, repetitions of it do no more, another wish stops at once; then all is as before."""

import os
import signal
import threading

import pytest

from chargru.errors import Interrupted
from chargru.training import signals
from chargru.training.signals import AGAIN, STOPPING, WRITING, Ends, Stop

NUMBERS = (signal.SIGINT, signal.SIGTERM)


def handlers():
    return [signal.getsignal(number) for number in NUMBERS]


@pytest.fixture
def press(monkeypatch):
    """A signal arrives at that second."""

    def press(second, number=signal.SIGINT):
        monkeypatch.setattr(signals.time, "monotonic", lambda: 1000.0 + second)
        os.kill(os.getpid(), number)

    return press


@pytest.fixture(autouse=True)
def python_s_own_handlers():
    """Also where the tests were started in the background, which ignores Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("number", NUMBERS)
def test_the_first_is_remembered_a_repetition_waits_and_another_wish_raises(number, press):
    before, said = handlers(), []
    with Stop(said.append) as stop:
        assert not stop.requested
        press(0, number)
        assert stop.requested
        press(0.9, number)
        assert said == [STOPPING, AGAIN]
        with pytest.raises(KeyboardInterrupt):
            press(1.3, number)
    assert said == [STOPPING, AGAIN]
    assert handlers() == before


def test_a_key_that_is_held_down_is_one_wish(press):
    said = []
    with Stop(said.append):
        for tenth in range(40):
            press(tenth / 10)
        with pytest.raises(KeyboardInterrupt):
            press(4.3)
    assert said == [STOPPING] + [AGAIN] * 39


def test_what_is_being_written_is_not_interrupted(press):
    said = []
    with Stop(said.append) as stop:
        press(0)
        with stop.writing():
            with stop.writing():
                press(5)
            press(10)
        assert said == [STOPPING, WRITING, WRITING]
        with pytest.raises(KeyboardInterrupt):
            press(15)


def test_a_run_that_is_stopped_at_once_says_what_is_kept(press):
    def twice():
        with Stop(kept=lambda: Interrupted("kept as it was")):
            press(0)
            press(2)

    with pytest.raises(Interrupted, match="kept as it was"):
        twice()


def test_a_signal_that_came_too_late_for_one_stops_the_one_around_it(press):
    with Stop() as outer:
        with Stop() as inner:
            press(0)
        assert (inner.requested, outer.requested) == (True, True)
        with Stop() as late:
            assert late.requested
            press(0.5)
            with pytest.raises(KeyboardInterrupt):
                press(2)
    with Stop() as outer:
        with Stop():
            pass
        assert not outer.requested


@pytest.mark.parametrize("number", NUMBERS)
def test_a_command_ends_once(number, press):
    before = handlers()
    with Ends():
        with pytest.raises(KeyboardInterrupt):
            press(0, number)
        press(0.5, number)
        with pytest.raises(KeyboardInterrupt):
            press(2, number)
    assert handlers() == before


def test_what_a_run_has_heard_does_not_end_the_command_that_tells_of_it(press):
    with Ends():
        with Stop():
            press(0)
        press(0.2)


def test_a_command_that_was_started_to_ignore_ctrl_c_ignores_it(press):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Ends():
        press(0)
        with pytest.raises(KeyboardInterrupt):
            press(0, signal.SIGTERM)


@pytest.mark.parametrize("catches", [Stop, Ends])
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
