"""What the proofs share: a `quire serve` of a proof's own, catalogs for it, and the table of what a proof demands."""

import http.client
import json
import os
import re
import resource
import subprocess
import sys
import threading
import time


class Server:
    """A server on a free port of loopback, watched from outside."""

    def __init__(self, quire, data, *options, descriptors=None, cpus=None, environment=None):
        """`descriptors` is the hard limit of open files, as of `ulimit -n`; `cpus` are the processors it may use."""
        started = time.monotonic()

        def prepare():
            if descriptors:
                resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
            if cpus:
                os.sched_setaffinity(0, cpus)

        self.process = subprocess.Popen(
            [quire, "serve", "--data", data, "--port", "0", *options], stderr=subprocess.PIPE, text=True,
            preexec_fn=prepare, env={**os.environ, **(environment or {})})
        self.log, found = [], None
        while not found:
            line = self.process.stderr.readline()
            if not line:
                sys.exit(f"the server did not start: {''.join(self.log)}")
            found = re.search(r"^serving .* at http://[^:]+:(\d+)/", line)
            if not found:
                self.log.append(line)
        self.ready = time.monotonic() - started
        self.port = int(found[1])
        threading.Thread(target=lambda: self.log.extend(self.process.stderr), daemon=True).start()

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def end(self):
        """Asks it to end; answers its exit code."""
        self.process.terminate()
        return self.process.wait()

    def status(self, name):
        """A number of /proc/PID/status."""
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith(name + ":"))

    def anonymous(self):
        """Megabytes of memory that belong to no file."""
        return self.status("RssAnon") / 1024

    def threads(self):
        return self.status("Threads")

    def processor(self):
        """Seconds of processor time used."""
        with open(f"/proc/{self.process.pid}/stat") as stat:
            times = stat.read().rsplit(")", 1)[1].split()[11:13]
        return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


def get(connection, path, method="GET", body=None, headers={}):
    """Status and body of one request."""
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


class DataFolder:
    """A data folder inside of a folder, and the commands that work on it."""

    def __init__(self, quire, folder):
        self.quire, self.folder, self.path = quire, folder, os.path.join(folder, "data")

    def run(self, *arguments):
        return subprocess.run([self.quire, *arguments, "--data", self.path], check=True, capture_output=True, text=True)

    def schema(self, fields):
        """Writes a schema with the key `id`; `fields` are names with types, or with dictionaries of properties."""
        path = os.path.join(self.folder, "schema.json")
        rows = [{"name": name, **(field if isinstance(field, dict) else {"type": field})} for name, field in fields.items()]
        with open(path, "w") as out:
            json.dump({"key": "id", "fields": [{"name": "id", "type": "keyword"}, *rows]}, out)
        return path

    def create(self, catalog, fields):
        self.run("create", "--schema", self.schema(fields), "--catalog", catalog)

    def index(self, catalog, fields, documents, *options):
        """Indexes documents, which are dictionaries, as a catalog."""
        lines = os.path.join(self.folder, "lines.jsonl")
        with open(lines, "w") as out:
            out.writelines(json.dumps(document) + "\n" for document in documents)
        self.run("index", lines, "--schema", self.schema(fields), "--catalog", catalog, *options)
        os.remove(lines)

    def headers(self):
        """The headers of changes, with a new admin key."""
        key = self.run("keys", "add", "proof").stdout.strip()
        return {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}

    def check(self, catalog):
        """Whether a catalog is clean, and what the check says of it."""
        done = subprocess.run([self.quire, "check", "--data", self.path, "--catalog", catalog], capture_output=True, text=True)
        return done.returncode == 0, (done.stdout + done.stderr).strip()[-160:].replace("\n", " ")


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))] if values else float("nan")


class Demands:
    """The rows of a proof's table: what is measured, and whether it is as it should be."""

    def __init__(self, title):
        self.missed = []
        print(f"| {title} | | |\n|---|---|---|", flush=True)

    def show(self, name, value):
        print(f"| {name} | {value} | |", flush=True)

    def __call__(self, name, value, holds):
        print(f"| {name} | {value} | {'holds' if holds else '**missed**'} |", flush=True)
        if not holds:
            self.missed.append(name)

    def end(self):
        """Ends the proof: with 1 if a demand was missed."""
        sys.exit(1 if self.missed else 0)
