#!/usr/bin/env python3
"""Holds the server's replies against /openapi.json with Schemathesis: without a key, and with one of each role.

    scripts/prove-api.py --quire .build/debug/quire [--minutes 5] [--seed 1]

A server of the bundled catalog needs keys for searches as well. Requests are made from the document, right ones and wrong ones,
with the ids of documents that are there. No reply may have a status, a code, a media type, a header or a member that the document
does not describe, none may be an error of the server, and what is wrong must be refused. Each kind of key (none, search, write,
scoped, tune, admin) has --minutes, with another seed for each round. In the end the server must still reply, and its log must be
empty. Ends with 1 at a difference.
"""
import argparse
import glob
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request

from schemathesis_runs import Schemathesis
from served import Server

# A schema cannot say which fields a catalog has, what a filter looks like, or which rebuild goes on: what is refused for that
# reason is no difference. What cannot be done in one millisecond is refused with 503, as the document says. Several
# searches, changes and events of one request have problems of their own, and every text is the name of a catalog.
SETTINGS = """
[checks]
ignored_auth.enabled = false
positive_data_acceptance.enabled = false
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 405, 408, 409, 410, 412, 413, 414, 415, 428, 431, 503]
not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", 503]
missing_required_header.expected-statuses = [400, 401, 403, 404, 428]
""" + "".join(f"""
[[operations]]
include-operation-id = "{name}"
checks.negative_data_rejection.enabled = false
""" for name in ("multiSearch", "changeDocuments", "fillRebuild", "recordEvents", "createCatalog"))
# The one would remove the catalog, of which the others have nothing to show then; the other would make one for each name.
LEFT_OUT = ["removeCatalog", "createCatalog"]


def with_ids(document):
    """The document, with names and ids that are there, and some that are not, in its paths: others are never found."""
    values = {"catalog": ["books", "books", "none"], "id": ["zh-0111", "gb-422", "none", "三 体/%"], "revision": [1, 2, 99]}
    for name, parameter in document["components"]["parameters"].items():
        if parameter["in"] == "path" and parameter["name"] in values:
            parameter["schema"] = {"enum": sorted(set(map(str, values[parameter["name"]])))}
    return document


def run(checks, name, file, port, options, headers, only=()):
    """Rounds of requests until the time is over. Returns true if all replies were as described."""
    end, seed, rounds = time.monotonic() + options.minutes * 60, options.seed, 0
    while time.monotonic() < end or rounds == 0:
        done = checks.run(file, port, options.examples, seed, headers, left_out=() if only else LEFT_OUT, only=only)
        rounds, seed = rounds + 1, seed + 1
        end = 0 if only else end
        if done.returncode:
            lines = [line[:500] for line in (done.stdout + done.stderr).splitlines()]
            print(f"{name}, seed {seed - 1}: differs", *lines, sep="\n", flush=True)
            return False
    cases = [line.strip() for line in done.stdout.splitlines() if "generated" in line]
    print(f"{name}: {rounds} rounds hold; the last: {'; '.join(cases)}", flush=True)
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quire", required=True)
    parser.add_argument("--minutes", type=float, default=5, help="for each kind of key")
    parser.add_argument("--examples", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="one kind of key alone")
    options = parser.parse_args()
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    with tempfile.TemporaryDirectory() as folder:
        data, catalog = f"{folder}/data", f"{root}/Fixtures/catalog"
        subprocess.run(
            [options.quire, "index", "--data", data, "--schema", f"{catalog}/schema.json", "--profile", f"{catalog}/profile.json",
             *sorted(glob.glob(f"{catalog}/*.jsonl"))], check=True, stdout=subprocess.DEVNULL)
        keys = {role: subprocess.run([options.quire, "keys", "add", role, "--role", role, "--data", data], check=True,
                                     capture_output=True, text=True).stdout.strip() for role in ("search", "write", "tune", "admin")}
        keys["scoped"] = subprocess.run(
            [options.quire, "keys", "scope", "--filter", "language:=en", "--data", data], check=True, input=keys["search"],
            capture_output=True, text=True).stdout.strip()
        server = Server(options.quire, data, "--require-keys")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/openapi.json") as reply:
                document = with_ids(json.load(reply))
            file = f"{folder}/openapi.json"
            with open(file, "w") as out:
                json.dump(document, out)
            checks, holds = Schemathesis(folder, SETTINGS), []
            for name in ("no key", "search", "scoped", "write", "tune", "admin"):
                if options.only in (None, name):
                    headers = [f"Authorization: Bearer {keys[name]}"] if name in keys else []
                    holds.append(run(checks, name, file, server.port, options, headers))
            admin = [f"Authorization: Bearer {keys['admin']}"]
            holds.append(run(checks, "catalogs come and go", file, server.port, options, admin, LEFT_OUT))
            with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/healthz") as reply:
                holds.append(reply.status == 200)
            server.end()
        finally:
            server.kill()
        if server.log:
            print("log:", "".join(server.log)[:2000])
    sys.exit(0 if all(holds) and not server.log else 1)


main()
