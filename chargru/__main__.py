"""`chargru`, and `python -m chargru`: signals are heard from the first moment to the last."""

import os
import signal
import sys

from chargru import host
from chargru.training.signals import Ends

INTERRUPTED = 130


def main() -> None:
    """The console script."""
    try:
        with Ends():
            try:
                from chargru.cli.app import main as command
            except KeyboardInterrupt:
                print("stopped before it began", file=sys.stderr)
                sys.exit(INTERRUPTED)
            command()
    except SystemExit as end:
        if end.code != INTERRUPTED:
            for number in (signal.SIGINT, *host.END_SIGNALS):  # all is done: it ends with its own exit code
                signal.signal(number, signal.SIG_IGN)
            raise
        # At once: what was interrupted while it was imported may not end well, and Ctrl-C once more would be told.
        os._exit(INTERRUPTED)


if __name__ == "__main__":
    main()
