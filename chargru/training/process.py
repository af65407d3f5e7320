"""What is set in a process that trains, before torch is loaded."""

import os

from chargru import host

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # malloc.h


def settle() -> None:
    """Prepare this process for training; to be called before torch is loaded.

    Threads that spin at a barrier stand still for milliseconds when another program takes one of their cores, so they
    are to sleep there. glibc, the C library of most Linux systems, is to keep what is freed: an update frees some
    blocks of a few MiB and asks for the same again, which were 3,600 page faults an update at H = 256, B = 64, T = 128.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    if set_option := host.c_function("mallopt"):
        set_option(M_TRIM_THRESHOLD, 512 << 20)
        set_option(M_MMAP_THRESHOLD, 32 << 20)  # the most it takes
