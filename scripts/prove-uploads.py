#!/usr/bin/env python3
"""Uploads many lines with the HTTP clients that people use, and looks whether every line is acknowledged.

    scripts/prove-uploads.py --quire PATH [--lines 200000] [--patience 300] [--clients http.client,requests,fetch,curl,socket]

Most clients send the whole body before they read the first byte of the response: a server that waits for them to read, waits for
ever. `socket` is the worst of them: it sends all with the smallest receive buffer, and only then reads. Afterwards each client's
documents are counted by a search, and an upload that is cut off must have written the lines before. Ends with 1 when a client does
not get a result for each of its lines within the patience, in seconds.
"""

import argparse
import gzip
import json
import os
import socket
import subprocess
import sys
import tempfile
import time

from served import DataFolder, Server, get

# Each is a program of its own, with the arguments port, key and file, so that one that hangs can be ended; it prints the status and
# writes the body of the response to `file`.results. The last argument is a Content-Encoding, or nothing.
PYTHON = {
    "http.client": """
import http.client, sys
port, key, path, encoding = sys.argv[1:]
connection = http.client.HTTPConnection("127.0.0.1", int(port))
headers = {"Authorization": "Bearer " + key, "Content-Type": "application/x-ndjson"}
if encoding: headers["Content-Encoding"] = encoding
connection.request("POST", "/v1/goods/documents?refresh=true", open(path, "rb").read(), headers)
answer = connection.getresponse()
open(path + ".results", "wb").write(answer.read())
print(answer.status)
""",
    "requests": """
import requests, sys
port, key, path, encoding = sys.argv[1:]
headers = {"Authorization": "Bearer " + key, "Content-Type": "application/x-ndjson"}
if encoding: headers["Content-Encoding"] = encoding
answer = requests.post(f"http://127.0.0.1:{port}/v1/goods/documents?refresh=true", data=open(path, "rb").read(), headers=headers)
open(path + ".results", "wb").write(answer.content)
print(answer.status_code)
""",
    "socket": """
import socket, sys
port, key, path, encoding = sys.argv[1:]
body = open(path, "rb").read()
connection = socket.socket()
connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
connection.connect(("127.0.0.1", int(port)))
head = f"POST /v1/goods/documents?refresh=true HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nAuthorization: Bearer {key}\\r\\n"
if encoding: head += f"Content-Encoding: {encoding}\\r\\n"
head += f"Content-Type: application/x-ndjson\\r\\nContent-Length: {len(body)}\\r\\nConnection: close\\r\\n\\r\\n"
connection.sendall(head.encode() + body)
import http.client
answer = http.client.HTTPResponse(connection)
answer.begin()
open(path + ".results", "wb").write(answer.read())
print(answer.status)
""",
}
NODE = """
const [port, key, path, encoding] = process.argv.slice(1)
const fs = require('fs')
const headers = {Authorization: 'Bearer ' + key, 'Content-Type': 'application/x-ndjson'}
if (encoding) headers['Content-Encoding'] = encoding
fetch(`http://127.0.0.1:${port}/v1/goods/documents?refresh=true`, {method: 'POST', body: fs.readFileSync(path), headers})
    .then(async answer => {
        fs.writeFileSync(path + '.results', Buffer.from(await answer.arrayBuffer()))
        console.log(answer.status)
    })
"""


def command(client, port, key, path, encoding):
    if client == "curl":
        extra = ["-H", f"Content-Encoding: {encoding}"] if encoding else []
        return ["curl", "-sS", "-o", path + ".results", "-w", "%{http_code}", "-H", f"Authorization: Bearer {key}",
                "-H", "Content-Type: application/x-ndjson", *extra, "--data-binary", "@" + path,
                f"http://127.0.0.1:{port}/v1/goods/documents?refresh=true"]
    program = ["node", "-e", NODE] if client == "fetch" else [sys.executable, "-c", PYTHON[client]]
    return [*program, str(port), key, path, encoding]


class Proof:
    def __init__(self, options, server, key, folder):
        self.options, self.server, self.key, self.folder = options, server, key, folder
        self.failures = []

    def expect(self, condition, problem):
        if not condition:
            self.failures.append(problem)
            print(f"FAILED: {problem}", flush=True)

    def lines(self, client):
        name = client.replace(".", "") + "x"
        return name, "".join(
            json.dumps({"id": f"{name}-{i}", "title": f"good number {i} of many more", "client": name, "price": i % 1000}) + "\n"
            for i in range(self.options.lines)).encode()

    def found(self, name):
        status, body = get(self.server.connect(), f"/v1/goods/search?filter=client:={name}&per_page=1")
        return json.loads(body)["found"] if status == 200 else status

    def upload(self, client, encoding=""):
        name, body = self.lines(client + encoding)
        path = os.path.join(self.folder, name)
        with open(path, "wb") as out:
            out.write(gzip.compress(body, 1) if encoding else body)
        begin = time.monotonic()
        try:
            run = subprocess.run(command(client, self.server.port, self.key, path, encoding), capture_output=True, text=True,
                                 timeout=self.options.patience)
        except subprocess.TimeoutExpired:
            return self.expect(False, f"{client} {encoding}: no response within {self.options.patience} s; "
                                      f"{self.found(name)} of {self.options.lines} documents are written")
        seconds = time.monotonic() - begin
        if run.stdout.strip() != "200":
            return self.expect(False, f"{client} {encoding}: {run.stdout.strip()} {run.stderr.strip()[-300:]}")
        with open(path + ".results") as results:
            kinds = [json.loads(line)["result"] for line in results]
        created, found = kinds.count("created"), self.found(name)
        self.expect(created == len(kinds) == found == self.options.lines,
                    f"{client} {encoding}: {created} of {len(kinds)} results are `created`, {found} are found")
        print(f"{client} {encoding}: {os.path.getsize(path) / 1e6:.1f} MB, {created} lines acknowledged in {seconds:.1f} s; "
              f"server {self.server.anonymous():.0f} MB anonymous", flush=True)

    def cut_off(self):
        """Sends half of an upload and closes the connection: the lines that arrived must be written."""
        name, body = self.lines("cut")
        half = body[:len(body) // 2]
        connection = socket.create_connection(("127.0.0.1", self.server.port))
        connection.sendall((f"POST /v1/goods/documents HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.key}\r\n"
                            f"Content-Type: application/x-ndjson\r\nContent-Length: {len(body)}\r\n\r\n").encode() + half)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(1 << 16):
            answer += piece
        connection.close()
        whole = half.count(b"\n")
        deadline = time.monotonic() + self.options.patience
        while (found := self.found(name)) != whole and time.monotonic() < deadline:
            time.sleep(.1)
        self.expect(found == whole, f"cut off after {whole} lines: {found} are found")
        self.expect(b"bad_body" in answer, f"cut off: the response does not say so: {answer[:200]}")
        print(f"cut off after {whole} lines: {found} found; the response ends with {answer[-200:].decode(errors='replace')!r}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quire", default=".build/debug/quire")
    parser.add_argument("--lines", type=int, default=200_000)
    parser.add_argument("--patience", type=float, default=300)
    parser.add_argument("--clients", default="http.client,requests,fetch,curl,socket")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = DataFolder(options.quire, folder)
        data.create("goods", {"title": "text", "client": "keyword", "price": "integer"})
        server = Server(options.quire, data.path)
        proof = Proof(options, server, data.headers()["Authorization"].removeprefix("Bearer "), folder)
        try:
            for client in options.clients.split(","):
                proof.upload(client)
            proof.upload("http.client", "gzip")
            proof.cut_off()
            if not proof.failures:
                proof.expect(server.end() == 0, "the server did not end well")
        finally:
            server.kill()
        if not proof.failures:
            data.run("check", "--catalog", "goods")
    sys.exit(1 if proof.failures else 0)


if __name__ == "__main__":
    main()
