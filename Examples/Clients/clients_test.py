#!/usr/bin/env python3
"""Runs every function of the clients, and the snippets of their README, against real servers with the bundled catalog.

usage: clients_test.py QUIRE

The same tests run for Python, for JavaScript, which is skipped if there is no node, and for Swift, whose client-driver is beside
QUIRE. What a server does rarely (a refusal
with 503, a page that is cut short, an upload that it gives up) comes from a server of the test's own.
"""
import glob
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import unittest
import unittest.mock
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(HERE, "python"), os.path.join(ROOT, "scripts")]
import quire as client
import served

CATALOG = os.path.join(ROOT, "Fixtures", "catalog")
NODE = shutil.which("node")
SEARCH = {"facets": "", "fields": "title"}
ADDRESS = "http://127.0.0.1:8080"  # in the snippets
program = None

# Runs one call of the JavaScript client, which it reads as JSON, and prints what came of it.
DRIVER = """
import {readFileSync} from "node:fs";
import {Problem, Quire, newest, scopedKey} from "./quire.mjs";
const {address, options, method, values, parameters} = JSON.parse(readFileSync(0, "utf8"));
if (!["multiSearch", "document"].includes(method)) values.push(parameters);
const plain = (value) => value instanceof Problem ? {refused: {...value}} : value;
const given = [];
try {
  let value = method === "scopedKey" ? await scopedKey(...values) : await new Quire(address, options)[method](...values);
  if (value?.[Symbol.asyncIterator]) {
    for await (const one of value) given.push(one);
    value = given;
  }
  console.log(JSON.stringify({value: Array.isArray(value) ? value.map(plain) : value}));
} catch (error) {
  console.log(JSON.stringify(error instanceof Problem ? {problem: {...error}, given} : {error: error.name, given}));
}
"""


class Refused(Exception):
    """A `Problem` of a client: its members, and what an iterator yielded before it."""

    def __init__(self, problem, given):
        super().__init__(problem)
        self.given = given
        for name in ("status", "code", "detail", "hint", "param"):
            setattr(self, name, problem.get(name))
        self.retry_after = problem.get("retry_after", problem.get("retryAfter"))


class Python:
    """Calls of the Python client."""

    def call(self, address, options, method, values, parameters):
        given = []
        try:
            if method == "scoped_key":
                return client.scoped_key(*values, **parameters)
            value = getattr(client.Quire(address, **options), method)(*values, **parameters)
            if hasattr(value, "__next__"):
                for one in value:
                    given.append(one)
                value = given
            if isinstance(value, list):
                value = [{"refused": vars(one)} if isinstance(one, client.Problem) else one for one in value]
            return value
        except client.Problem as problem:
            raise Refused(vars(problem), given) from None
        except OSError as error:
            raise TimeoutError(error) from None

    language = "python"

    def snippet(self, text, address):
        return [sys.executable, "-c", text.replace(ADDRESS, address)]


class Driven:
    """Calls of a client in another process, which reads one as JSON."""

    def call(self, address, options, method, values, parameters):
        options = {camel_case(name): value for name, value in options.items()}
        request = {"address": address, "options": options, "method": camel_case(method), "values": values, "parameters": parameters}
        reply = json.loads(self.driven(json.dumps(request)))
        if "problem" in reply:
            raise Refused(reply["problem"], reply["given"])
        if "error" in reply:
            raise TimeoutError(reply["error"])
        return reply["value"]


def camel_case(name):
    return re.sub("_(.)", lambda found: found[1].upper(), name)


class JavaScript(Driven):
    """Calls of the JavaScript client."""

    language = "javascript"

    def driven(self, request):
        return node(DRIVER, request)

    def snippet(self, text, address):
        return [NODE, "--input-type=module", "-e", text.replace(ADDRESS, address)]


class Swift(Driven):
    """Calls of the Swift client, and its snippet, which are compiled into one program."""

    language = "swift"

    def driven(self, request):
        return subprocess.run([self.path()], check=True, input=request, capture_output=True, text=True, timeout=60).stdout

    def path(self):
        return os.path.join(os.path.dirname(program), "client-driver")

    def snippet(self, text, address):
        with open(f"{HERE}/swift/Driver/Snippet.swift", encoding="utf-8") as file:
            compiled = file.read().split("async throws {\n", 1)[1].rsplit("}", 1)[0]
        assert textwrap.dedent(compiled) == text.replace(f'"{ADDRESS}"', "address"), "Snippet.swift is another than that of the README"
        return [self.path(), address]


def node(script, text=""):
    command = [NODE, "--input-type=module", "-e", script]
    done = subprocess.run(command, input=text, capture_output=True, text=True, cwd=f"{HERE}/javascript", timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def command(*arguments, text=None):
    return subprocess.run([program, *arguments], check=True, input=text, capture_output=True, text=True).stdout.strip()


class Stub(http.server.ThreadingHTTPServer):
    """A server that gives the replies of a list, one after the other: status, headers, body. It keeps what was asked. A reply with
    the status None comes when the test has ended."""

    def __init__(self, *replies):
        super().__init__(("127.0.0.1", 0), StubHandler)
        self.replies, self.asked, self.ended = list(replies), [], threading.Event()
        self.address = f"http://127.0.0.1:{self.server_port}"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request, address):
        """A client that did not wait for its reply is no error."""


class StubHandler(http.server.BaseHTTPRequestHandler):
    def reply(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.server.asked.append((self.command, self.path, body))
        status, headers, text = self.server.replies.pop(0)
        if status is None:
            self.server.ended.wait()
            return
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    do_GET = do_POST = do_PATCH = do_DELETE = reply

    def log_message(self, *_):
        pass


def refusal(status, after):
    problem = {"code": "overloaded", "detail": "too much to do", "status": status, "title": ""}
    return status, {"Retry-After": str(after), "Content-Type": "application/problem+json"}, json.dumps(problem)


DONE = (200, {}, '{"hits": [], "partial": false}')


def setUpModule():
    global server, limited, keys, data
    data = tempfile.mkdtemp(prefix="quire-clients-")
    unittest.addModuleCleanup(shutil.rmtree, data)
    # A second server reads a folder of its own, because one process writes a catalog.
    for folder in ("open", "limited"):
        command("index", "--data", f"{data}/{folder}", "--schema", f"{CATALOG}/schema.json", "--profile", f"{CATALOG}/profile.json",
                *sorted(glob.glob(f"{CATALOG}/*.jsonl")))
    keys = {role: command("keys", "add", f"{role} key", "--role", role, "--data", f"{data}/open") for role in ("search", "write")}
    server = served.Server(program, f"{data}/open", "--require-keys")
    unittest.addModuleCleanup(server.end)
    limited = served.Server(program, f"{data}/limited", "--client-rate", "0.5", "--client-burst", "2")
    unittest.addModuleCleanup(limited.end)


class ClientTests:
    """The tests of one client."""

    def call(self, method, *values, address=None, options=None, **parameters):
        options = {"key": keys["write"]} if options is None else options
        return self.client.call(address or f"http://127.0.0.1:{server.port}", options, method, list(values), parameters)

    def refused(self, *values, **parameters):
        with self.assertRaises(Refused) as caught:
            self.call(*values, **parameters)
        return caught.exception

    def key_of(self, name):
        """A document's key that no other test uses."""
        return f"{type(self).__name__}-{name}"

    def test_search(self):
        reply = self.call("search", "books", q="三体", facets=["language", "author"], per_page=1, highlight=False)
        self.assertEqual([hit["id"] for hit in reply["hits"]], ["zh-0111"])
        self.assertEqual(reply["found"], 3)
        self.assertEqual([facet["field"] for facet in reply["facets"]], ["language", "author"])
        self.assertEqual(reply["hits"][0]["highlights"], {})

    def test_characters_of_urls_in_a_search(self):
        reply = self.call("search", "books", q="C++ & java?", filter="author:=`a&b=c#d+e%`", **SEARCH)
        self.assertEqual((reply["query"], reply["found"]), ("C++ & java?", 0))

    def test_wrong_parameter(self):
        problem = self.refused("search", "books", q="python", colour="red")
        self.assertEqual((problem.status, problem.code, problem.param), (400, "unknown_parameter", "colour"))
        self.assertIn("colour", problem.detail)
        self.assertIn("per_page", problem.hint)

    def test_unknown_catalog(self):
        problem = self.refused("search", "a/b", q="python")
        self.assertEqual(problem.status, 404)

    def test_wrong_key(self):
        problem = self.refused("search", "books", q="python", options={"key": "quire_search_0"})
        self.assertEqual((problem.status, problem.code), (401, "key_required"))

    def test_no_key(self):
        self.assertEqual(self.refused("search", "books", q="python", options={}).status, 401)

    def test_suggest(self):
        suggestions = self.call("suggest", "books", "三t", limit=1)
        self.assertEqual([one["text"] for one in suggestions], ["三体"])

    def test_wrong_suggest(self):
        self.assertEqual(self.refused("suggest", "books", "a", limit=11).param, "limit")

    def test_document(self):
        self.assertEqual(self.call("document", "books", "zh-0111")["document"]["title"], "三体")

    def test_no_document(self):
        self.assertEqual(self.refused("document", "books", "no/such?").code, "unknown_document")

    def test_multi_search(self):
        replies = self.call("multi_search", [{"catalog": "books", "q": "三体"}, {"catalog": "none", "q": "三体"}])
        self.assertEqual(replies[0]["found"], 3)
        self.assertEqual((replies[1]["refused"]["status"], replies[1]["refused"]["code"]), (404, "unknown_catalog"))

    def test_wrong_multi_search(self):
        self.assertEqual(self.refused("multi_search", []).status, 400)

    def test_scan_has_every_document_once(self):
        ids = [hit["id"] for hit in self.call("scan", "books", filter="collection:=goodbooks", fields="id")]
        with open(f"{CATALOG}/en-goodbooks.jsonl", encoding="utf-8") as file:
            expected = sorted(json.loads(line)["id"] for line in file)
        self.assertEqual(sorted(ids), expected)

    def test_scan_of_a_page_that_is_cut_short(self):
        with Stub((200, {}, '{"hits": [{"id": "a"}], "partial": true, "next": "b"}')) as stub:
            problem = self.refused("scan", "books", address=stub.address)
        self.assertEqual((problem.code, problem.given), ("partial", []))

    def test_scan_asks_for_pages_without_facets(self):
        pages = [(200, {}, '{"hits": [1, 2], "partial": false, "next": "n+"}'), (200, {}, '{"hits": [3], "partial": false}')]
        with Stub(*pages) as stub:
            self.assertEqual(self.call("scan", "books", q="a", per_page=2, address=stub.address), [1, 2, 3])
        asked = [urllib.parse.parse_qs(path.split("?")[1], keep_blank_values=True) for _, path, _ in stub.asked]
        first = {"q": ["a"], "per_page": ["2"], "facets": [""], "highlight": ["false"], "after": ["*"]}
        self.assertEqual(asked, [first, {**first, "after": ["n+"]}])

    def test_wrong_scan(self):
        self.assertEqual(self.refused("scan", "books", sort="colour").param, "sort")

    def test_changes(self):
        first, second = self.key_of("one"), self.key_of("two")
        changes = [
            {"id": first, "title": "量子小猫", "price": 38, "_version": 5}, {"id": second, "title": "B", "price": "much"},
            {"_patch": first, "price": 36.5, "_version": 6}, {"_delete": self.key_of("none")},
            {"id": first, "title": "C", "_version": 1}, {"id": second, "title": 7, "stock": "x"}, {"id": second, "title": "小猫"}]
        results = list(self.call("change", "books", changes, batch=3, refresh=True))
        self.assertEqual([one["result"] for one in results],
                         ["created", "failed", "patched", "missing", "stale", "failed", "created"])
        self.assertEqual([one.get("line") for one in results], [None, 2, None, None, None, 6, None])
        self.assertEqual(results[1]["error"]["code"], "bad_document")
        self.assertEqual(results[4]["version"], 6)
        document = self.call("document", "books", first)
        self.assertEqual((document["version"], document["document"]["price"]), (6, 36.5))

    def test_documents_that_must_not_exist(self):
        new = self.key_of("new")
        changes = [{"id": new, "title": "A"}, {"id": "zh-0111", "title": "B"}]
        results = list(self.call("change", "books", changes, create=True))
        self.assertEqual([one["result"] for one in results], ["created", "failed"])
        self.assertEqual(results[1]["error"]["code"], "document_exists")

    def test_changes_in_batches(self):
        with Stub((200, {}, '{"result": "created"}\n' * 3), (200, {}, '{"result": "created"}\n')) as stub:
            changes = [{"id": "a", "title": "体"}, {"id": "b"}, {"id": "c"}, {"id": "d"}]
            results = self.call("change", "books", changes, batch=3, address=stub.address)
        self.assertEqual(len(results), 4)
        self.assertEqual([path for _, path, _ in stub.asked], ["/v1/books/documents"] * 2)
        sent = [[json.loads(line)["id"] for line in body.splitlines()] for _, _, body in stub.asked]
        self.assertEqual(sent, [["a", "b", "c"], ["d"]])

    def test_no_changes(self):
        with Stub() as stub:
            self.assertEqual(self.call("change", "books", [], address=stub.address), [])
        self.assertEqual(stub.asked, [])

    def test_changes_of_which_the_server_read_a_part(self):
        replies = [(200, {}, '{"result": "created"}\n{"result": "created"}\n'), (200, {}, json.dumps(
            {"result": "failed", "line": 1, "error": {"code": "line_too_long", "detail": "too long"}}))]
        with Stub(*replies) as stub:
            problem = self.refused("change", "books", [{"id": str(number)} for number in range(4)], batch=2, address=stub.address)
        self.assertEqual(problem.code, "line_too_long")
        self.assertEqual([one.get("line") for one in problem.given], [None, None, 3])

    def test_changes_without_permission(self):
        problem = self.refused("change", "books", [{"id": self.key_of("x"), "title": "x"}], options={"key": keys["search"]})
        self.assertEqual((problem.status, problem.code), (403, "key_not_sufficient"))

    def test_patch_and_delete(self):
        key = self.key_of("patched/删")
        list(self.call("change", "books", [{"id": key, "title": "A", "price": 5, "stock": 3, "_version": 1}], refresh=True))
        result = self.call("patch", "books", key, {"price": 4, "stock": None}, version=2, refresh=True)
        self.assertEqual(result["result"], "patched")
        document = self.call("document", "books", key)["document"]
        self.assertEqual((document["price"], document.get("stock")), (4, None))
        self.assertEqual(self.refused("patch", "books", key, {"price": 3}, version=1).code, "stale_version")
        self.assertEqual(self.refused("delete", "books", key, version=1).code, "stale_version")
        self.assertEqual(self.call("delete", "books", key, version=3, refresh=True)["result"], "deleted")
        self.assertEqual(self.refused("document", "books", key).status, 404)

    def test_wrong_patch(self):
        self.assertEqual(self.refused("patch", "books", "zh-0111", {"price": "much"}).code, "bad_document")

    def test_events(self):
        query = self.call("search", "books", q="三体")["query_id"]
        events = [{"type": "click", "query_id": query, "id": "zh-0111", "position": 1, "event_id": self.key_of("c")},
                  {"type": "click", "query_id": "none", "id": "zh-0111"}, {"type": "gaze", "query_id": query, "id": "zh-0111"}]
        results = self.call("events", "books", events, batch=1)
        self.assertEqual([(one["result"], one.get("line")) for one in results], [("recorded", None), ("failed", 2), ("failed", 3)])
        self.assertEqual(results[2]["error"]["code"], "bad_event")

    def test_scoped_key(self):
        odd = "author:=`a/b \"三\" <é>`"
        for filter, catalogs in [("language:=zh-Hans", ["books"]), (odd, ["books", "music"]), (odd, None)]:
            options = [option for catalog in catalogs or [] for option in ("--catalog", catalog)]
            theirs = command("keys", "scope", "--filter", filter, *options, "--data", f"{data}/open", text=keys["search"])
            ours = self.call("scoped_key", keys["search"], "search key", filter=filter, catalogs=catalogs)
            self.assertEqual(ours, theirs)

    def test_scoped_key_at_the_server(self):
        hour = int(time.time()) + 3600
        key = self.call("scoped_key", keys["search"], "search key", filter="language:=en", catalogs=["books"], expires=hour)
        reply = self.call("search", "books", facets="language", options={"key": key})
        self.assertEqual([value["value"] for value in reply["facets"][0]["values"]], ["en"])
        self.assertEqual(self.refused("document", "books", "zh-0111", options={"key": key}).status, 404)
        late = self.call("scoped_key", keys["search"], "search key", filter="language:=en", expires=hour - 7200)
        self.assertEqual(self.refused("search", "books", options={"key": late}).status, 401)

    def test_too_many_requests(self):
        address = f"http://127.0.0.1:{limited.port}"
        with self.assertRaises(Refused) as caught:
            for _ in range(20):
                self.call("search", "books", q="三体", address=address, options={"retries": 0})
        problem = caught.exception
        self.assertEqual((problem.status, problem.code), (429, "too_many_requests"))
        self.assertIn(problem.retry_after, (1, 2))
        # Refused at first, as the one before was.
        self.assertEqual(self.call("search", "books", q="三体", address=address, options={"retries": 3})["found"], 3)

    def test_retries_end(self):
        with Stub(*[refusal(429, 0)] * 9) as stub:
            problem = self.refused("search", "books", address=stub.address, options={"retries": 2})
        self.assertEqual((problem.status, len(stub.asked)), (429, 3))

    def test_long_waits_are_left_to_the_caller(self):
        with Stub(refusal(503, 11), DONE) as stub:
            self.assertEqual(self.refused("search", "books", address=stub.address).retry_after, 11)
        self.assertEqual(len(stub.asked), 1)

    def test_refusal_without_a_time(self):
        with Stub((503, {}, "<h1>Service Unavailable</h1>"), DONE) as stub:
            problem = self.refused("search", "books", address=stub.address)
        self.assertEqual((problem.status, problem.detail), (503, "<h1>Service Unavailable</h1>"))
        self.assertEqual(len(stub.asked), 1)

    def test_what_is_sent_again(self):
        result = (200, {}, '{"result": "created"}')
        for status, repeated, method, *values, parameters in [
                (503, False, "change", [{"id": "a", "_version": 1}, {"id": "b"}], {}),
                (503, True, "change", [{"id": "a", "_version": 1}], {}), (429, True, "change", [{"id": "a"}], {}),
                (503, False, "change", [{"id": "a", "_version": 1}], {"create": True}),
                (503, False, "patch", "a", {"price": 1}, {}),
                (503, True, "patch", "a", {"price": 1}, {"version": 2}), (503, False, "delete", "a", {}),
                (503, True, "delete", "a", {"version": 0}), (503, False, "events", [{"id": "a"}], {}),
                (503, True, "events", [{"id": "a", "event_id": "c"}], {})]:
            with self.subTest(f"{status} {method} {values} {parameters}"), Stub(refusal(status, 0), result, result) as stub:
                if repeated:
                    self.call(method, "books", *values, address=stub.address, **parameters)
                else:
                    self.assertEqual(self.refused(method, "books", *values, address=stub.address, **parameters).status, 503)
                self.assertEqual(len(stub.asked), 2 if repeated else 1)
                self.assertEqual(len(set(stub.asked)), 1)

    def test_timeout(self):
        with Stub((None, {}, "")) as stub, self.assertRaises(TimeoutError):
            self.call("search", "books", address=stub.address, options={"timeout": 0.3})

    def test_snippets_of_the_readme(self):
        language = self.client.language
        with open(f"{HERE}/README.md", encoding="utf-8") as file:
            snippets = re.findall(f"```{language}\n(.*?)```", file.read(), re.S)
        self.assertEqual(len(snippets), {"python": 2, "javascript": 1, "swift": 1}[language])
        if language == "python":
            storefront = command("keys", "add", "storefront", "--role", "search", "--data", f"{data}/open")
        environment = {**os.environ, "QUIRE_KEY": keys["write"], "SEARCH_KEY": storefront if language == "python" else ""}
        for snippet in snippets:
            run = self.client.snippet(snippet, f"http://127.0.0.1:{server.port}")
            done = subprocess.run(
                run, capture_output=True, text=True, cwd=f"{HERE}/{language}", env=environment, timeout=60)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertNotIn("line ", done.stdout)
            self.assertNotEqual(done.stdout, "")


class PythonTests(ClientTests, unittest.TestCase):
    client = Python()

    def test_retries_wait(self):
        with Stub(refusal(503, 7), DONE) as stub, unittest.mock.patch("time.sleep") as sleep:
            self.call("search", "books", address=stub.address)
        sleep.assert_called_once_with(7)

    def test_changes_are_sent_as_the_results_are_read(self):
        with Stub((200, {}, '{"result": "created"}')) as stub:
            results = client.Quire(stub.address).change("books", ({"id": str(number)} for number in range(9)), batch=1)
            self.assertEqual(stub.asked, [])
            next(results)
            self.assertEqual(len(stub.asked), 1)


class SwiftTests(ClientTests, unittest.TestCase):
    client = Swift()


@unittest.skipUnless(NODE, "the JavaScript client was not tested: there is no node")
class JavaScriptTests(ClientTests, unittest.TestCase):
    client = JavaScript()

    def run_script(self, script):
        """What a script returns, which has a client and a list of its requests, each to be answered by `reply`."""
        return json.loads(node("""
            import {Quire, newest} from "./quire.mjs";
            const asked = [];
            globalThis.fetch = (address, {signal}) => new Promise((resolve, reject) => {
                signal.addEventListener("abort", () => reject(signal.reason));
                const reply = (status, members, headers) => resolve(new Response(JSON.stringify(members), {status, headers}));
                asked.push({address, reply});
            });
            const quire = new Quire("http://search.example");
            const word = (error) => (error.name === "Problem" ? error.code : error.name);
            const outcome = (promise) => promise.then((value) => value ?? "undefined", word);
            const run = async () => {""" + script + """};
            console.log(JSON.stringify(await run()));"""))

    def test_retries_wait(self):
        waits = self.run_script("""
            const waits = [];
            globalThis.setTimeout = (run, wait) => {
                waits.push(wait);
                if (wait === 7000) run();
            };
            const search = quire.search("books");
            await null;
            asked[0].reply(503, {code: "overloaded"}, {"Retry-After": "7"});
            while (asked.length < 2) await new Promise(setImmediate);
            asked[1].reply(200, {});
            await search;
            return waits;""")
        self.assertEqual(waits, [30000, 7000, 30000])

    def test_newest_aborts_the_call_before(self):
        outcomes = self.run_script("""
            const search = newest((signal, q) => quire.search("books", {q}, {signal}));
            const both = [search("o"), search("n")].map(outcome);
            asked[1].reply(200, {hits: ["new"]});
            return Promise.all(both);""")
        self.assertEqual(outcomes, ["undefined", {"hits": ["new"]}])

    def test_newest_drops_a_reply_that_comes_late(self):
        outcomes = self.run_script("""
            const ends = [];
            const late = newest(() => new Promise((resolve) => ends.push(resolve)));
            const both = [late(), late()].map(outcome);
            ends[1]("new");
            await both[1];
            ends[0]("old");
            return Promise.all(both);""")
        self.assertEqual(outcomes, ["undefined", "new"])

    def test_newest_passes_errors_on(self):
        code = self.run_script("""
            const search = newest((signal) => quire.search("books", {}, {signal}));
            const one = outcome(search());
            asked[0].reply(400, {code: "bad_value"});
            return one;""")
        self.assertEqual(code, "bad_value")

    def test_abort_before_the_request(self):
        outcomes = self.run_script("""
            const one = await outcome(quire.suggest("books", "a", {}, {signal: AbortSignal.abort()}));
            return [one, asked.length];""")
        self.assertEqual(outcomes, ["AbortError", 0])

    def test_abort_of_a_request(self):
        code = self.run_script("""
            const controller = new AbortController();
            const one = outcome(quire.suggest("books", "a", {}, {signal: controller.signal}));
            controller.abort();
            return one;""")
        self.assertEqual(code, "AbortError")

    def test_abort_while_a_request_waits_for_its_repetition(self):
        code = self.run_script("""
            const controller = new AbortController();
            globalThis.setTimeout = (run, wait) => { if (wait === 7000) queueMicrotask(() => controller.abort()); };
            const one = outcome(quire.search("books", {}, {signal: controller.signal}));
            await null;
            asked[0].reply(503, {code: "overloaded"}, {"Retry-After": "7"});
            return one;""")
        self.assertEqual(code, "AbortError")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    program = os.path.abspath(sys.argv.pop(1))
    if not NODE:
        print("There is no node: the JavaScript client is not tested.", file=sys.stderr)
    unittest.main()
