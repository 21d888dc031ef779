#!/usr/bin/env python3
"""Changes of a tuning beside two servers of one data folder: when they are in force, and what a kill -9 leaves of them.

    scripts/prove-tuning.py --quire PATH [--changes 60] [--kills 20]

First a synonym, a rule and a weight are changed in turn through one server, while both are asked again and again; then the server that
takes changes is killed in the middle of them. Ends with 1 if a demand is missed.
"""

import argparse
import json
import random
import tempfile
import threading
import time

from served import DataFolder, Demands, Server, get, percentile

PARTS = {
    # The part, a query that it matters to, and two values of it.
    "synonyms": ("snake", [], [{"words": ["snake", "python"]}]),
    "rules": ("snake", [], [{"id": "r", "query": {"is": "snake"}, "pin": [{"id": "9", "position": 1}]}]),
    "profile": ("rubber", {"weights": {"title": 3, "note": 1}}, {"weights": {"title": 1, "note": 9}}),
}


def change(connection, headers, part, value, match="*"):
    """Puts a part; returns the status, the revision, and the body."""
    status, body = get(connection, f"/v1/goods/{part}", "PUT", json.dumps(value), {**headers, "If-Match": match})
    reply = json.loads(body)
    return status, reply.get("revision"), reply


def state(connection, q):
    """The ids of the hits of a search, in order; it may come from the cache."""
    status, body = get(connection, f"/v1/goods/search?q={q}&per_page=5")
    assert status == 200, (status, body)
    return [hit["id"] for hit in json.loads(body)["hits"]]


def in_force(servers, headers, changes, demands):
    """Changes each part to and fro, and measures until both servers show it."""
    here, there = (server.connect() for server in servers)
    at_reply, elsewhere = [], []
    for number in range(changes):
        part, (q, *values) = list(PARTS.items())[number % len(PARTS)]
        for value in reversed(values):
            # Both caches have the reply.
            state(here, q), state(there, q)
            time.sleep(random.uniform(0, 0.3))
            before = state(there, q)
            status, _, body = change(here, headers, part, value)
            done = time.monotonic()
            assert status == 200, body
            at_reply.append(state(here, q) != before)
            while state(there, q) == before:
                time.sleep(0.002)
            elsewhere.append((time.monotonic() - done) * 1000)
    demands("in force in the server that took the change, with its reply", f"{sum(at_reply)} of {len(at_reply)}", all(at_reply))
    demands("in force in the other server, ms (median, greatest)", f"{percentile(elsewhere, .5):.0f}, {max(elsewhere):.0f}",
            max(elsewhere) <= 250)


def refused(server, headers, demands):
    """Wrong changes."""
    connection = server.connect()
    _, before, _ = change(connection, headers, "synonyms", [])
    wrong = [("profile", {"weights": {"subtitle": 1}}), ("synonyms", [{"words": ["a"]}]), ("rules", [{"id": "r", "query": {"is": "a"}}])]
    statuses = [change(connection, headers, part, value)[0] for part, value in wrong]
    _, after, _ = change(connection, headers, "synonyms", [])
    demands("wrong changes refused, and nothing changed", str(statuses), statuses == [400] * 3 and after == before + 1)


def killed(quire, data, headers, kills, demands):
    """Kills the server while it takes changes."""
    sent, acknowledged, unknown = 0, 0, []
    for _ in range(kills):
        server = Server(quire, data.path)
        latest = {"sent": None, "known": None}

        def change_on():
            nonlocal sent, acknowledged
            connection = server.connect()
            while True:
                word = f"word{sent}"
                sent += 1
                latest["sent"] = word
                try:
                    status, _, _ = change(connection, headers, "synonyms", [{"words": ["snake", word]}])
                except OSError:
                    return
                except Exception:  # http.client has many words for a connection that ended
                    return
                assert status == 200
                latest["known"] = word
                acknowledged += 1

        thread = threading.Thread(target=change_on)
        thread.start()
        time.sleep(random.uniform(0.05, 0.4))
        server.kill()
        thread.join()
        again = Server(quire, data.path)
        _, body = get(again.connect(), "/v1/goods/synonyms", headers=headers)
        found = json.loads(body)[0]["words"][1] if json.loads(body) else None
        if found not in (latest["known"], latest["sent"]):
            unknown.append((found, latest))
        again.end()
    demands(f"changes after {kills} kills: neither lost nor invented", f"{acknowledged} acknowledged of {sent}, {len(unknown)} wrong",
            not unknown)
    revisions = json.loads(get((last := Server(quire, data.path)).connect(), "/v1/goods/tuning/revisions", headers=headers)[1])["revisions"]
    last.end()
    demands("revisions that are kept", str(len(revisions)), len(revisions) == 20)
    clean, said = data.check("goods")
    demands("quire check", said, clean)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quire", required=True)
    parser.add_argument("--changes", type=int, default=60)
    parser.add_argument("--kills", type=int, default=20)
    arguments = parser.parse_args()
    demands = Demands("tuning")
    with tempfile.TemporaryDirectory() as folder:
        data = DataFolder(arguments.quire, folder)
        words = ["python", "rubber"]
        documents = [{"id": str(i), "title": f"{words[i % 2]} book {i}", "note": words[1 - i % 2]} for i in range(1, 31)]
        data.index("goods", {"title": "text", "note": "text"}, documents)
        headers = {**data.headers(), "Content-Type": "application/json"}
        servers = [Server(arguments.quire, data.path) for _ in range(2)]
        try:
            in_force(servers, headers, arguments.changes, demands)
            refused(servers[0], headers, demands)
        finally:
            for server in servers:
                server.end()
        killed(arguments.quire, data, headers, arguments.kills, demands)
    demands.end()


main()
