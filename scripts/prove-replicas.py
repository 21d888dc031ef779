#!/usr/bin/env python3
"""Two servers with a data folder each are fed the same changes and searched through nginx; one is killed and comes back.

    scripts/prove-replicas.py --quire PATH --packages FOLDER [--documents 100000] [--updates 50] [--searches 100] [--away 60]

Each server has a feeder with a cursor of its own in one list of changes, as the shop's relay has one for each target: it sends what
the server has not acknowledged yet, again after an error. nginx sends a search to the other server when one does not reply. In the
end each server's export is compared with the other's documents by `quire verify`. Needs nginx.
"""

import argparse
import http.client
import itertools
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

from generator import Generator
from packages_load import FIELDS, read_packages, write_requests
from served import DataFolder, Demands, Server, get

NGINX = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  upstream quire {{
    server 127.0.0.1:{first} max_fails=1 fail_timeout=2s;
    server 127.0.0.1:{second} max_fails=1 fail_timeout=2s;
    keepalive 32;
  }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://quire;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host localhost;
      proxy_connect_timeout 300ms;
      proxy_next_upstream error timeout http_502 http_503 http_504;
    }}
  }}
}}
"""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Feeder(threading.Thread):
    """Sends the changes of a list to one server, in order, as often as it takes."""

    def __init__(self, port, headers, changes, over):
        super().__init__(daemon=True)
        self.port, self.headers, self.changes, self.over = port, headers, changes, over
        self.cursor, self.repeated, self.problems = 0, 0, []

    def run(self):
        while not (self.over.is_set() and self.cursor == len(self.changes)):
            end = min(len(self.changes), self.cursor + 500)
            if end == self.cursor:
                time.sleep(.02)
                continue
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
                body = "\n".join(self.changes[self.cursor:end])
                status, reply = get(connection, "/v1/packages/documents", "POST", body, self.headers)
                connection.close()
            except OSError:
                self.repeated += 1
                time.sleep(.2)
                continue
            results = reply.decode().splitlines() if status == 200 else []
            if len(results) == end - self.cursor and not any('"failed"' in line for line in results):
                self.cursor = end
            elif status not in (503, 507):
                self.problems.append(f"{status} {reply[:200]}")
                time.sleep(1)


def make_changes(changes, keys, words, rate, over):
    """Adds changes to the list at a steady rate, each with a version of its own."""
    pick, begin = random.Random(5), time.monotonic()
    for number in itertools.count(1):
        if over.wait(max(0, begin + number / rate - time.monotonic())):
            return
        key = pick.choice(keys)
        if pick.random() < .9:
            registry, name = key.split(":", 1)
            line = {"id": key, "name": name, "registry": registry, "description": " ".join(pick.sample(words, 8)),
                    "rank": pick.randint(1, 15000), "_version": 10 + number}
        else:
            line = {"_delete": key, "_version": 10 + number}
        changes.append(json.dumps(line))


def verify(quire, one, other_port, headers):
    """What `quire verify` says of a data folder beside the export of another server."""
    connection = http.client.HTTPConnection("127.0.0.1", other_port, timeout=120)
    status, export = get(connection, "/v1/packages/export", headers=headers)
    done = subprocess.run([quire, "verify", "packages", "--data", one.path, "--against", "-"], input=export, capture_output=True)
    return done.returncode == 0 and status == 200, (done.stdout + done.stderr).decode().strip()[-200:]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quire", default=".build/release/quire")
    parser.add_argument("--packages", required=True)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--updates", type=int, default=50)
    parser.add_argument("--searches", type=int, default=100)
    parser.add_argument("--away", type=int, default=60, help="seconds that the killed server is away")
    options = parser.parse_args()
    if not shutil.which("nginx"):
        sys.exit("nginx is not installed: apt-get install nginx-light")
    generator = Generator()
    with tempfile.TemporaryDirectory() as folder:
        documents, known, words = read_packages(options.packages)
        documents = list(itertools.islice(documents, options.documents))
        datas, headers = [], []
        for name in ("first", "second"):
            os.mkdir(os.path.join(folder, name))
            datas.append(DataFolder(options.quire, os.path.join(folder, name)))
            datas[-1].index("packages", FIELDS, documents)
            headers.append(datas[-1].headers())
        requests = os.path.join(folder, "requests")
        write_requests(requests, words, suggests=False)
        ports = [free_port(), free_port()]
        servers = [Server(options.quire, data.path, "--port", str(port)) for data, port in zip(datas, ports)]
        front = free_port()
        with open(os.path.join(folder, "nginx.conf"), "w") as out:
            out.write(NGINX.format(folder=folder, first=ports[0], second=ports[1], port=front))
        nginx = subprocess.Popen(["nginx", "-p", folder, "-c", os.path.join(folder, "nginx.conf")], stderr=subprocess.PIPE)
        over, changes = threading.Event(), []
        try:
            feeders = [Feeder(port, header, changes, over) for port, header in zip(ports, headers)]
            for thread in feeders:
                thread.start()
            maker = threading.Thread(target=make_changes, args=(changes, list(known), words, options.updates, over), daemon=True)
            maker.start()
            run = generator.start(front, requests, options.searches, options.away + 40, warm_up=2, arrivals="constant")
            time.sleep(20)
            servers[1].kill()
            time.sleep(options.away)
            missed = len(changes) - feeders[1].cursor
            servers[1] = Server(options.quire, datas[1].path, "--port", str(ports[1]))
            back = time.monotonic()
            while feeders[1].cursor + 2 * options.updates < len(changes):
                time.sleep(.05)
            caught = time.monotonic() - back
            report = generator.finish(run)
            over.set()
            maker.join()
            for thread in feeders:
                thread.join()
            demand = Demands(f"two servers of {options.documents:,} documents, {len(changes):,} changes, one away for {options.away} s")
            counts = {name: times["count"] for name, times in report["outcomes"].items()}
            demand("searches through nginx", counts, set(counts) == {"200"})
            demand.show("p50, p99 (ms)", ", ".join(f"{report['classes']['search']['200'][name]:.1f}" for name in ("p50", "p99")))
            demand.show("changes it had missed, and the time to catch up", f"{missed:,}, {caught:.1f} s")
            problems = feeders[0].problems + feeders[1].problems
            demand("changes refused for good", problems[:2] or "none", not problems)
            for port, header in zip(ports, headers):
                # What was acknowledged is visible then.
                get(http.client.HTTPConnection("127.0.0.1", port, timeout=120), "/v1/packages/documents?refresh=true", "POST", "[]",
                    {**header, "Content-Type": "application/json"})
            for number in (0, 1):
                equal, text = verify(options.quire, datas[number], ports[1 - number], headers[1 - number])
                demand(f"server {number + 1} beside the export of the other", text, equal)
        finally:
            nginx.terminate()
            for server in servers:
                server.kill()
    demand.end()


if __name__ == "__main__":
    main()
