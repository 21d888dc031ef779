"""A Typesense server of a benchmark's own, on free ports of loopback."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time

KEY = "benchmark"
HEADER = f"X-TYPESENSE-API-KEY: {KEY}"


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Typesense:
    """The server, with its data in a folder; `cpus` are the processors it may use."""

    def __init__(self, program, folder, cpus=None):
        os.makedirs(folder, exist_ok=True)
        self.port, peering = free_port(), free_port()
        self.process = subprocess.Popen(
            [program, "--data-dir", folder, "--api-key", KEY, "--api-address", "127.0.0.1", "--api-port", str(self.port),
             "--peering-address", "127.0.0.1", "--peering-port", str(peering)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=(lambda: os.sched_setaffinity(0, cpus)) if cpus else None)
        for _ in range(240):
            try:
                if self.ask("GET", "/health") == {"ok": True}:
                    return
            except OSError:
                pass
            if self.process.poll() is not None:
                break
            time.sleep(.5)
        self.end()
        sys.exit("typesense did not start")

    def ask(self, method, path, body=None):
        """The parsed reply; the text of that to an import."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        connection.request(method, path, body, {"X-TYPESENSE-API-KEY": KEY})
        text = connection.getresponse().read().decode()
        connection.close()
        return text if path.endswith("action=upsert") else json.loads(text)

    def has(self, name):
        return any(collection["name"] == name for collection in self.ask("GET", "/collections"))

    def fill(self, name, fields, order, documents):
        """Makes a collection, ordered by a number of its documents; they have the members `id` and those of the fields."""
        self.ask("POST", "/collections", json.dumps({"name": name, "default_sorting_field": order, "fields": fields}))
        lines = []

        def send():
            reply = self.ask("POST", f"/collections/{name}/documents/import?action=upsert", "\n".join(lines))
            if '"success":false' in reply:
                sys.exit("typesense refused documents: " + re.findall(r".*\"success\":false.*", reply)[0][:300])
            lines.clear()

        for document in documents:
            lines.append(json.dumps(document))
            if len(lines) == 5000:
                send()
        if lines:
            send()

    def end(self):
        self.process.terminate()
        self.process.wait()
