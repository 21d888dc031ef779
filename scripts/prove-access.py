#!/usr/bin/env python3
"""Follows requests from nginx to the log of requests, and looks for keys in every log.

    scripts/prove-access.py --quire PATH [--requests 300]

A server that requires keys logs each request; nginx in front of it gives each an id. Clients with a key of each role and with keys
with scopes search, read, write and make mistakes: keys in the query, in the path, in the body, cut off. In the end each id that nginx
has logged is in the log of requests with the same status, and no log has any key. Then SIGHUP has the log opened again, as logrotate
does. Needs nginx. Ends with 1 when something is not as it should be.
"""

import argparse
import base64
import hashlib
import hmac
import http.client
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse

from served import DataFolder, Demands, Server, get

NGINX = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{ worker_connections 256; }}
http {{
    log_format ids '$request_id $status';
    access_log {folder}/nginx.log ids;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://127.0.0.1:{server};
            proxy_http_version 1.1;
            proxy_set_header X-Request-Id $request_id;
        }}
    }}
}}
"""


def scoped(parent, name, **scope):
    """A key with a scope, derived as docs/operate.md says."""
    def encode(data):
        return base64.urlsafe_b64encode(data).decode().rstrip("=")
    body = json.dumps({"key": name, **scope}).encode()
    secret = hashlib.sha256(parent.encode()).hexdigest().encode()
    return f"quire_scoped_{encode(body)}.{encode(hmac.digest(secret, body, 'sha256'))}"


def requests(keys, count):
    """Random requests: method, path, headers, body."""
    rng = random.Random(29)
    for _ in range(count):
        key = rng.choice(keys)
        header = {"Authorization": rng.choice([f"Bearer {key}", f"Bearer {key[:-1]}", key])}
        yield rng.choice([
            ("GET", "/v1/books/search?q=book", header, None),
            ("GET", "/v1/books/search?q=" + urllib.parse.quote(key), header, None),
            ("GET", "/v1/books/search?q=book&key=" + key, {}, None),
            ("GET", "/v1/books/search?filter=id:=" + key, header, None),
            ("GET", "/v1/books/documents/" + key, header, None),
            ("GET", "/v1/" + key, {}, None),
            ("GET", "/" + key, header, None),
            ("POST", "/v1/books/documents", {**header, "Content-Type": "application/x-ndjson"}, '{"id": "2", "title": "two"}'),
            ("POST", "/v1/books/documents", {**header, "Content-Type": "application/x-ndjson"}, json.dumps({"id": "3", key: key})),
            ("PUT", "/v1/books/rules", {**header, "Content-Type": "application/json"}, json.dumps({key: 1})),
            ("GET", "/metrics", header, None),
            ("DELETE", f"/v1/books?confirm={key}", header, None),
        ])


def ids(path):
    with open(path) as lines:
        return {line.split()[0]: int(line.split()[1]) for line in lines}


def logged(path):
    with open(path) as lines:
        return {entry["id"]: entry["status"] for entry in map(json.loads, lines)}


def wait_for(condition, seconds=10):
    """Waits until something is so, for the log is written twice a second."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(.05)
    return condition()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quire", default=".build/release/quire")
    parser.add_argument("--requests", type=int, default=300)
    options = parser.parse_args()
    if not shutil.which("nginx"):
        sys.exit("nginx is not installed: apt-get install nginx-light")
    demand = Demands(f"{options.requests} requests through nginx")
    with tempfile.TemporaryDirectory() as folder:
        data, log = DataFolder(options.quire, folder), os.path.join(folder, "requests.log")
        data.index("books", {"title": "text"}, [{"id": "1", "title": "book"}])
        parents = {role: data.run("keys", "add", role, "--role", role).stdout.strip() for role in ("search", "write", "tune", "admin")}
        keys = [*parents.values(), scoped(parents["search"], "search", filter="id:=1"),
                scoped(parents["search"], "search", expires=1), scoped(parents["write"], "write", catalogs=["films"])]
        server = Server(options.quire, data.path, "--require-keys", "--request-log", log)
        with open(os.path.join(folder, "nginx.conf"), "w") as out:
            port = server.port + 1 if server.port < 60000 else server.port - 1
            out.write(NGINX.format(folder=folder, port=port, server=server.port))
        nginx = subprocess.Popen(["nginx", "-p", folder, "-c", os.path.join(folder, "nginx.conf")], stderr=subprocess.PIPE)
        try:
            wait_for(lambda: os.path.exists(os.path.join(folder, "nginx.pid")))
            statuses = {}
            for method, path, headers, body in requests(keys, options.requests):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                status, _ = get(connection, path, method, body, headers)
                statuses[status] = statuses.get(status, 0) + 1
                connection.close()
            demand("statuses", dict(sorted(statuses.items())), max(statuses) < 500 and {200, 401, 403} <= set(statuses))
            access = os.path.join(folder, "nginx.log")
            wait_for(lambda: len(ids(access)) == options.requests)
            sent = ids(access)
            followed = wait_for(lambda: sent.items() <= logged(log).items())
            demand("ids of nginx in the log of requests, with their statuses", f"{len(sent.keys() & logged(log).keys())} of {len(sent)}",
                   followed and len(sent) == options.requests)
            os.rename(log, log + ".1")
            server.process.send_signal(signal.SIGHUP)
            demand("a new log after SIGHUP", os.path.basename(log), wait_for(lambda: os.path.exists(log)))
        finally:
            nginx.terminate()
            nginx.wait()
            ended = server.end()
        demand("ends when asked", ended, ended == 0)
        texts = {"the server": "".join(server.log)}
        for name in ("requests.log", "requests.log.1"):
            with open(os.path.join(folder, name)) as lines:
                texts[name] = lines.read()
        for path, _, names in os.walk(os.path.join(data.path, ".demand")):
            for name in names:
                with open(os.path.join(path, name), "rb") as content:
                    texts[f"log of searches {name}"] = content.read().decode(errors="replace")
        # A part of a key is one too many.
        parts = [key.removeprefix(key[:key.rindex("_") + 1])[:16] for key in parents.values()] + [key[13:60] for key in keys[4:]]
        found = [f"{part[:6]}… in {name}" for part in parts for name, text in texts.items() if part.lower() in text.lower()]
        demand("keys in logs", found or f"none in {len(texts)} files", not found)
    demand.end()


if __name__ == "__main__":
    main()
