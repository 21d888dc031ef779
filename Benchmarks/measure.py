#!/usr/bin/env python3
"""Runs a command and tells what it took: wall and CPU seconds, peak anonymous resident memory (RssAnon).

usage: measure.py COMMAND [ARGUMENT ...]

RssAnon is what the writer's memory limit is about: mapped files do not count. It is sampled every 10 ms.
"""
import os
import resource
import subprocess
import sys
import time


def anonymous_kilobytes(pid):
    try:
        with open(f"/proc/{pid}/status") as status:
            for line in status:
                if line.startswith("RssAnon:"):
                    return int(line.split()[1])
    except OSError:
        pass
    return 0


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    start = time.monotonic()
    process = subprocess.Popen(sys.argv[1:])
    peak = 0
    while process.poll() is None:
        peak = max(peak, anonymous_kilobytes(process.pid))
        time.sleep(0.01)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"wall {time.monotonic() - start:.2f} s, CPU {used.ru_utime + used.ru_stime:.2f} s, "
        f"peak RssAnon {peak / 1024:.0f} MB, exit {process.returncode}",
        file=sys.stderr)
    sys.exit(process.returncode)


main()
