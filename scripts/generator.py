"""Runs the load generator of Benchmarks/Load: on a processor of its own, before everything else there."""

import json
import os
import subprocess
import sys

PACKAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "Benchmarks", "Load")


def build(*products):
    """Builds programs of the package, and answers their paths."""
    built = []
    for product in products:
        command = ["swift", "build", "-c", "release", "--package-path", PACKAGE, "--product", product]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{product} cannot be built:\n{done.stdout[-3000:]}{done.stderr[-1000:]}")
        built.append(os.path.join(PACKAGE, ".build", "release", product))
    return built


def processors():
    """The processors of servers, and that of the generator: the last one, if there is more than one."""
    every = sorted(os.sched_getaffinity(0))
    return set(every[:-1] or every), {every[-1]}


class Generator:
    """The program `load`, which is built first."""

    def __init__(self):
        self.program, = build("load")
        self.cpus = processors()[1]

    def start(self, port, requests, rate, seconds, warm_up=1, arrivals="poisson", connections=256, timeout=10, headers=(),
              process=None):
        """Starts a run against a port of loopback; `requests` is a file, `process` the server's number."""
        command = [self.program, requests, "--target", f"127.0.0.1:{port}", "--rate", str(rate), "--seconds", str(seconds),
                   "--warm-up", str(warm_up), "--arrivals", arrivals, "--connections", str(connections),
                   "--timeout", str(timeout)]
        for header in headers:
            command += ["--header", header]
        if process:
            command += ["--pid", str(process)]

        def prepare():
            os.sched_setaffinity(0, self.cpus)
            try:
                os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
            except PermissionError:
                pass  # without the right to do so it may be late, and the run void

        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=prepare)

    def finish(self, run):
        """The report of a run: Benchmarks/README.md describes it. `void` is true if its times do not count."""
        out, errors = run.communicate()
        if run.returncode not in (0, 3):
            sys.exit(f"the load generator ended with {run.returncode}: {errors}")
        return json.loads(out)

    def run(self, *arguments, **more):
        return self.finish(self.start(*arguments, **more))
