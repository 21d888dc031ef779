"""A `quire serve` of a proof's own: on a free port, watched from outside."""

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
    def __init__(self, quire, data, *options, descriptors=None):
        """`descriptors` is the hard limit of open files, as of `ulimit -n`."""
        started = time.monotonic()
        limit = descriptors and (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors)))
        self.process = subprocess.Popen(
            [quire, "serve", "--data", data, "--port", "0", *options], stderr=subprocess.PIPE, text=True,
            preexec_fn=limit)
        line = self.process.stderr.readline()
        self.ready = time.monotonic() - started
        found = re.search(r"http://[^:]+:(\d+)/", line)
        if not found:
            sys.exit(f"the server did not start: {line}{self.process.stderr.read()}")
        self.port = int(found[1])
        self.log = []
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

    def anonymous(self):
        """Megabytes of memory that belong to no file."""
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("RssAnon")) / 1024

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


def make_catalog(quire, folder, documents):
    """Indexes documents with a title as the catalog `goods` in a folder; its data folder, and the headers that changes need."""
    data, schema, lines = (os.path.join(folder, name) for name in ("data", "schema.json", "lines.jsonl"))
    with open(schema, "w") as out:
        json.dump({"key": "id", "fields": [{"name": "id", "type": "keyword"}, {"name": "title", "type": "text"}]}, out)
    with open(lines, "w") as out:
        out.writelines(json.dumps(document) + "\n" for document in documents)
    run = lambda *more: subprocess.run([quire, *more, "--data", data], check=True, capture_output=True, text=True)
    run("index", lines, "--schema", schema, "--catalog", "goods")
    key = run("keys", "add", "proof").stdout.strip()
    return data, {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}
