#!/usr/bin/env python3
"""What being watched and protected costs: processor time of a request to a server with keys, logs and scraped metrics.

    Benchmarks/Load/watched.py --data DIR [--quire PATH] [--work DIR] [--rounds 9] [--only DATA]...

DIR and the requests are those of run.py. Of two servers of the same catalogs one needs keys, logs requests and searches, and is asked
for its metrics once a second; the other one does nothing of this. Both are pinned to the first processor and get the same requests in
turn, one after the other on one connection, with and without the reply cache. A row has the processor time of a request and the median
of the rounds' ratios; the bar is 1.05. The times are counted by the scheduler, so that other work disturbs them little.
"""

import argparse
import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import run  # noqa: E402
from generator import processors  # noqa: E402
from served import Server  # noqa: E402

# The ratio that the watched server may have.
BAR = 1.05
CATALOGS = ["zh-books", "goodbooks"]


def scheduled(server):
    """Seconds for which a server had a processor, to nanoseconds: the clock of the other process (`clock_getcpuclockid`)."""
    return time.clock_gettime((~server.process.pid << 3) | 2)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Client:
    """One connection to a server, with the headers of its requests."""

    def __init__(self, server, headers, scraped=None):
        self.server, self.headers, self.scraped = server, headers, scraped
        self.connection = server.connect()

    def get(self, target):
        self.connection.request("GET", target, headers=self.headers)
        answer = self.connection.getresponse()
        answer.read()
        if answer.status != 200:
            sys.exit(f"{target}: status {answer.status}")

    def cost(self, targets):
        """Processor microseconds of the server for one of the requests."""
        before, scrape = scheduled(self.server), time.monotonic()
        for target in targets:
            self.get(target)
            if self.scraped and time.monotonic() - scrape >= 1:
                scrape = time.monotonic()
                self.scrape()
        return (scheduled(self.server) - before) / len(targets) * 1e6

    def scrape(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.scraped)
        connection.request("GET", "/metrics")
        connection.getresponse().read()
        connection.close()


def measure(options, folder, cache, key):
    """Prints a row for each class of requests. Returns true if all are below the bar."""
    cpus, holds = processors()[0], True
    data_folder, metrics = f"{options.work}/quire", free_port()
    plain = Server(options.quire, data_folder, "--reply-cache", str(cache), "--keep-queries", "0", cpus=cpus)
    watched = Server(options.quire, data_folder, "--reply-cache", str(cache), "--require-keys", "--request-log", f"{folder}/log",
                     "--metrics-address", f"127.0.0.1:{metrics}", cpus=cpus)
    try:
        pair = Client(plain, {}), Client(watched, {"Authorization": f"Bearer {key}"}, metrics)
        for name in options.only or CATALOGS:
            for kind, targets, _ in run.targets(run.DATA[name](options)):
                targets = targets[:20] * 100 if cache else targets[:2000]
                rounds = []
                for client in pair:
                    client.cost(targets)
                for number in range(options.rounds):
                    turn = pair if number % 2 == 0 else pair[::-1]
                    costs = {client: client.cost(targets) for client in turn}
                    rounds.append((costs[pair[0]], costs[pair[1]]))
                ratio = statistics.median(there / here for here, there in rounds)
                holds = holds and ratio <= BAR
                times = " | ".join(f"{statistics.median(times):.0f}" for times in zip(*rounds))
                print(f"| {name} | {kind}{', from memory' if cache else ''} | {times} | {ratio:.3f} |", flush=True)
    finally:
        plain.end()
        watched.end()
    return holds


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--quire", default=os.path.join(run.PROJECT, ".build", "release", "quire"))
    parser.add_argument("--work", default="load-data")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", action="append", choices=CATALOGS)
    options = parser.parse_args()
    os.makedirs(options.work, exist_ok=True)
    for name in options.only or CATALOGS:
        run.index(options, run.DATA[name](options))
    done = subprocess.run([options.quire, "keys", "add", f"watched {time.time()}", "--role", "search", "--data",
                           f"{options.work}/quire"], capture_output=True, text=True, check=True)
    os.sched_setaffinity(0, processors()[1])
    print(f"Commit {run.commit()}; medians of {options.rounds} rounds.\n\n| data | class | µs a request | watched | ratio (≤ {BAR}) |\n"
          "|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        held = [measure(options, folder, cache, done.stdout.strip()) for cache in (0, 32)]
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
