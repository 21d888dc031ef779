"""A `quire serve` of a proof's own: on a free port, watched from outside."""

import http.client
import os
import re
import subprocess
import sys
import threading
import time


class Server:
    def __init__(self, quire, data, *options):
        started = time.monotonic()
        self.process = subprocess.Popen(
            [quire, "serve", "--data", data, "--port", "0", *options], stderr=subprocess.PIPE, text=True)
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

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


def get(connection, path, method="GET", body=None, headers={}):
    """Status and body of one request."""
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read()
