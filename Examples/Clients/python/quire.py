"""A client of Quire's HTTP API in one file, with Python's standard library alone.

    quire = Quire("http://127.0.0.1:8080", key="quire_write_…")
    for hit in quire.search("books", q="三体", per_page=5)["hits"]:
        print(hit["id"], hit["document"]["title"])

Replies are the JSON of the API as dictionaries and lists. What the server refuses is a `Problem`; what prevents a reply, such as
a server that does not run or a timeout, an `OSError` (or an `http.client.HTTPException`). Several threads may use one `Quire`.
"""
import base64
import hashlib
import hmac
import itertools
import json
import time
import urllib.error
import urllib.parse
import urllib.request


class Problem(Exception):
    """What the server refuses: its status, a stable code for programs, a sentence, a remedy, and the parameter."""

    def __init__(self, status, code="", detail="", hint=None, param=None, retry_after=None):
        super().__init__(f"{status} {code}: {detail}" + (f"; {hint}" if hint else ""))
        self.status, self.code, self.detail, self.hint, self.param = status, code, detail, hint, param
        self.retry_after = retry_after
        """The seconds after which the request may be sent again; None if the server did not say so."""


class Quire:
    """A server, at an address such as `http://127.0.0.1:8080`.

    `timeout` is the seconds of silence after which a request is given up. A request that is refused with 429 or 503 is sent again
    after `Retry-After`, `retries` times at most, and not if that is more than `longest_wait` seconds; after 503 only if a second
    time does no harm, which of changes (without `create`) and events is so if all of them have a `_version`, or an `event_id`.
    """

    def __init__(self, address, key=None, timeout=30, retries=3, longest_wait=10):
        self.address, self.key, self.timeout = address.rstrip("/"), key, timeout
        self.retries, self.longest_wait = retries, longest_wait

    def search(self, catalog, **parameters):
        """The reply to a search: `search("books", q="harry potter", filter="price:..50", facets=["author", "language"])`."""
        return self._json("GET", _path(catalog, "search", **parameters))

    def suggest(self, catalog, q, **parameters):
        """The suggestions for typed text, best first."""
        return self._json("GET", _path(catalog, "suggest", q=q, **parameters))["suggestions"]

    def document(self, catalog, id):
        """A document as `{"id": …, "document": {…}, "version": …}`; `unknown_document` if there is none."""
        return self._json("GET", _path(catalog, "documents", id))

    def multi_search(self, searches):
        """The replies to up to ten searches, each with its `catalog`. A search that is refused has a `Problem` in its place."""
        reply = self._json("POST", "/v1/multi_search", {"searches": list(searches)})
        return [_problem(one["problem"]) if "problem" in one else one for one in reply["results"]]

    def scan(self, catalog, **parameters):
        """Every hit of a search once, in its order, whatever is written meanwhile. An iterator, which asks page by page."""
        parameters = {"per_page": 100, "facets": "", "highlight": False, **parameters, "after": "*"}
        while parameters["after"]:
            reply = self.search(catalog, **parameters)
            if reply["partial"]:
                raise Problem(200, "partial", "the time was over before all hits were found", "give more timeout_ms")
            yield from reply["hits"]
            parameters["after"] = reply.get("next")

    def change(self, catalog, changes, batch=1000, refresh=None, create=None):
        """Sends changes, `batch` in a request, and yields a result for each, in their order.

        A change is a document, `{"_patch": id, "price": 36.5}` or `{"_delete": id}`, perhaps with a `_version`. A result whose
        `result` is `failed` has an `error`, and the number of the change among all as `line`. Changes are sent as the results are
        read. Those of a batch that raised a `Problem`, and those after it, have no results: send them again. With `create`, a
        document whose id exists fails with the code `document_exists`; after a `Problem` the failed request may have created it.
        """
        path = _path(catalog, "documents", refresh=refresh, create=create)
        return self._lines(path, changes, batch, None if create else "_version")

    def patch(self, catalog, id, values, version=None, refresh=None):
        """Changes members of a document: `patch("books", "zh-0111", {"price": 36.5, "stock": None})`. None removes one."""
        path = _path(catalog, "documents", id, version=version, refresh=refresh)
        return self._json("PATCH", path, values, repeatable=version is not None)

    def delete(self, catalog, id, version=None, refresh=None):
        """Deletes a document."""
        path = _path(catalog, "documents", id, version=version, refresh=refresh)
        return self._json("DELETE", path, repeatable=version is not None)

    def events(self, catalog, events, batch=1000):
        """Tells what followed from searches, `{"type": "click", "query_id": …, "id": …}`; yields a result for each event."""
        return self._lines(_path(catalog, "events"), events, batch, "event_id")

    def _lines(self, path, objects, batch, repeatable_with):
        objects, sent = iter(objects), 0
        while part := list(itertools.islice(objects, batch)):
            body = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in part).encode()
            repeatable = repeatable_with is not None and all(repeatable_with in one for one in part)
            reply = self._send("POST", path, body, "application/x-ndjson", repeatable)
            results = [json.loads(line) for line in reply.splitlines()]
            for result in results:
                if "line" in result:
                    result["line"] += sent
                yield result
            if len(results) < len(part):
                error = (results[-1] if results else {}).get("error", {})
                detail = f"the server read {sent + len(results)} changes and no more: {error.get('detail', '')}"
                raise Problem(200, error.get("code", "incomplete"), detail)
            sent += len(part)

    def _json(self, method, path, body=None, repeatable=True):
        encoded = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        return json.loads(self._send(method, path, encoded, "application/json", repeatable))

    def _send(self, method, path, body, media_type, repeatable):
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        if body is not None:
            headers["Content-Type"] = media_type
        for left in range(self.retries, -1, -1):
            request = urllib.request.Request(self.address + path, body, headers, method=method)
            try:
                with urllib.request.urlopen(request, timeout=self.timeout) as reply:
                    return reply.read()
            except urllib.error.HTTPError as refusal:
                with refusal:
                    problem = _read_problem(refusal)
                again = problem.status == 429 or problem.status == 503 and repeatable
                if not again or not left or problem.retry_after is None or problem.retry_after > self.longest_wait:
                    raise problem from None
                time.sleep(problem.retry_after)


def scoped_key(key, name, filter=None, catalogs=None, expires=None):
    """Derives a key from the key called `name`, offline. It permits searches of the documents that match `filter`, in `catalogs`,
    until `expires` (seconds since 1970)."""
    members = {"catalogs": catalogs, "expires": expires, "filter": filter, "key": name}
    members = {member: value for member, value in members.items() if value is not None}
    object = json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()
    secret = hashlib.sha256(key.encode()).hexdigest().encode()
    parts = [object, hmac.digest(secret, object, "sha256")]
    return "quire_scoped_" + ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def _path(catalog, *parts, **parameters):
    path = "/".join(urllib.parse.quote(str(part), safe="") for part in ("v1", catalog, *parts))
    values = {name: _text(value) for name, value in parameters.items() if value is not None}
    return "/" + path + ("?" + urllib.parse.urlencode(values) if values else "")


def _text(value):
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _problem(members, status=None, retry_after=None):
    known = {name: members[name] for name in ("code", "detail", "hint", "param") if name in members}
    return Problem(members.get("status", status), **known, retry_after=retry_after)


def _read_problem(refusal):
    """The problem of a reply. A proxy's reply is no problem document: its beginning is the detail."""
    body, after = refusal.read(), refusal.headers.get("Retry-After", "")
    try:
        members = json.loads(body)
        members["code"]
    except (ValueError, TypeError, KeyError):
        members = {"detail": body[:500].decode(errors="replace")}
    return _problem(members, refusal.code, int(after) if after.isdigit() else None)
