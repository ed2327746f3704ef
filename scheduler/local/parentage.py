"""Children that do not outlive us, whatever ends us."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def dying_with_us(last_signal: signal.Signals) -> Callable[[], None]:
    """Return what a child runs before exec, so that it gets `last_signal` when we die.

    For `preexec_fn` of subprocess, which runs it after the change of user; that order matters,
    since Linux forgets the request when the user changes. Start such children from the main
    thread: the signal comes when the *thread* that forked ends. Only Linux can do this.
    """
    parent = os.getpid()
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def before_exec() -> None:
        if libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, last_signal)
            if os.getppid() != parent:  # it died before we asked
                os._exit(1)

    return before_exec
