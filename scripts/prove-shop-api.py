#!/usr/bin/env python3
"""Holds the shop's replies against /openapi.json with Schemathesis: as nobody, as a person, and as another person.

    scripts/prove-shop-api.py --bin .build/debug [--examples 50] [--seed 1]

Requests are made from the document, right ones and wrong ones, with the ids of goods, addresses and orders that are there. No
reply may have a status, a code, a media type, a header or a member that the document does not describe, none may be an error of
the server, and what is wrong must be refused. Ends with 1 at a difference.
"""
import argparse
import json
import sys
import urllib.request

from schemathesis_runs import Schemathesis
from shop_processes import Person, book, running_shop

# Accounts are the proof's own, and without a cookie's session a token still counts: who may do what is a table in
# AuthorizationTests. What a schema cannot say is refused as well: goods that are named twice, links of no mail,
# codes of no message, logins that did not begin.
SETTINGS = """
[auth]
auto-signup = false

[checks]
ignored_auth.enabled = false
""" + "".join(f"""
[[operations]]
include-operation-id = "{name}"
checks.positive_data_acceptance.enabled = false
""" for name in ("order", "previewOrder", "activate", "reset", "confirmPhone", "alipayNotice", "endQQ", "bindQQ"))


def with_ids(document, orders, addresses, picture):
    """The document, with the ids that are there in its paths: other ones are never found."""
    ids = {"addresses": addresses, "orders": orders, "goods": [1, 2, 3, 4, 999], "cart": [1, 2, 3, 4, 999]}
    for path, operations in document["paths"].items():
        parts = path.split("/")
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "path":
                    values = ids.get(parts[3], ["books", "none"]) if len(parts) > 3 and parts[1] == "api" else ["books", "language"]
                    if parts[1] == "images":
                        values = [picture.split("/")[-1], "0" * 64 + ".png"]
                    parameter["schema"] = {"enum": values}
    return document


def run(checks, name, file, port, options, headers=(), left_out=()):
    done = checks.run(file, port, options.examples, options.seed, headers, left_out)
    print(f"{name}: {'holds' if done.returncode == 0 else 'differs'}", flush=True)
    print(done.stdout[-12000 if done.returncode else -600:], done.stderr[-2000:], flush=True)
    return done.returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True)
    parser.add_argument("--examples", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with running_shop(options.bin, [book(number, 1000) for number in range(1, 5)]) as processes:
        processes.start("app")
        processes.start("worker")
        owner, other = Person("owner", processes), Person("other", processes)
        owner.prepare()
        other.prepare()
        orders = []
        for number, pay_method in enumerate([1, 3]):
            items = [{"goods_id": 1, "count": 1}]
            body = {"address_id": owner.address, "pay_method": pay_method, "items": items}
            order = owner.until({201}, "POST", "/orders", body, Idempotency_Key=f"first-{number}")[1]
            orders.append(order["order_id"])
        with urllib.request.urlopen(f"http://127.0.0.1:{processes.ports['app']}/openapi.json") as reply:
            picture = processes.run("quire-shop", "goods", "picture", book(1, 1000)["id"], "docs/images/phone.png").strip()
            document = with_ids(json.load(reply), orders + ["1"], [owner.address, owner.address + 100], picture)
        file = f"{processes.folder}/openapi.json"
        with open(file, "w") as out:
            json.dump(document, out)
        checks, port = Schemathesis(processes.folder, SETTINGS), processes.ports["app"]
        holds = [run(checks, "nobody", file, port, options)]
        for name, person in ("other", other), ("owner", owner):
            person.login()
            token = [f"Authorization: Bearer {person.token}"]
            # Logging out would end the token for all that follows.
            holds.append(run(checks, name, file, port, options, token, ["logout"]))
        if processes.running["app"].poll() is not None:
            sys.exit("the shop has ended")
    sys.exit(0 if all(holds) else 1)


main()
