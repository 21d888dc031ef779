/**
 * A client of Quire's HTTP API for browsers and for Node from version 18 on, with `fetch` alone.
 *
 *     const quire = new Quire("http://127.0.0.1:8080", {key: "quire_search_…"});
 *     for (const hit of (await quire.search("books", {q: "三体", per_page: 5})).hits) console.log(hit.document.title);
 *
 * Replies are the JSON of the API. What the server refuses is a `Problem`. Every call takes `{signal}` as its last argument; a call
 * that is aborted rejects with the signal's reason, one that takes too long with a `TimeoutError`.
 */

/** What the server refuses: its status, a stable code for programs, a sentence, a remedy, and the parameter. */
export class Problem extends Error {
  constructor({status, code = "", detail = "", hint, param}, retryAfter) {
    super(`${status} ${code}: ${detail}` + (hint ? `; ${hint}` : ""));
    this.name = "Problem";
    /** `retryAfter` is the seconds after which the request may be sent again. */
    Object.assign(this, {status, code, detail, hint, param, retryAfter});
  }
}

/** A server, at an address such as `http://127.0.0.1:8080`. */
export class Quire {
  #address;
  #options;

  /**
   * `timeout` is the seconds after which a request is given up. A request that is refused with 429 or 503 is sent again after
   * `Retry-After`, `retries` times at most, and not if that is more than `longestWait` seconds; after 503 only if a second time
   * does no harm, which of changes (without `create`) and events is so if all of them have a `_version`, or an `event_id`.
   */
  constructor(address, {key, timeout = 30, retries = 3, longestWait = 10} = {}) {
    this.#address = address.replace(/\/+$/, "");
    this.#options = {key, timeout, retries, longestWait};
  }

  /** The reply to a search: `search("books", {q: "harry potter", filter: "price:..50", facets: ["author", "language"]})`. */
  search(catalog, parameters = {}, {signal} = {}) {
    return this.#json("GET", path([catalog, "search"], parameters), {signal});
  }

  /** The suggestions for typed text, best first: `suggest("books", "harry po", {limit: 5})`. */
  async suggest(catalog, q, parameters = {}, {signal} = {}) {
    return (await this.#json("GET", path([catalog, "suggest"], {...parameters, q}), {signal})).suggestions;
  }

  /** A document as `{id, document, version}`; `unknown_document` if there is none. */
  document(catalog, id, {signal} = {}) {
    return this.#json("GET", path([catalog, "documents", id]), {signal});
  }

  /** The replies to up to ten searches, each with its `catalog`. A search that is refused has a `Problem` in its place. */
  async multiSearch(searches, {signal} = {}) {
    const {results} = await this.#json("POST", "/v1/multi_search", {body: {searches}, signal});
    return results.map((one) => (one.problem ? new Problem(one.problem) : one));
  }

  /** Every hit of a search once, in its order, whatever is written meanwhile; an async iterator, which asks page by page. */
  async *scan(catalog, parameters = {}, {signal} = {}) {
    let after = "*";
    while (after) {
      const reply = await this.search(catalog, {per_page: 100, facets: "", highlight: false, ...parameters, after}, {signal});
      if (reply.partial) {
        const detail = "the time was over before all hits were found";
        throw new Problem({status: 200, code: "partial", detail, hint: "give more timeout_ms"});
      }
      yield* reply.hits;
      after = reply.next;
    }
  }

  /**
   * Sends changes, of any iterable, `batch` in a request, and yields a result for each, in their order.
   *
   * A change is a document, `{_patch: id, price: 36.5}` or `{_delete: id}`, perhaps with a `_version`. A result whose `result` is
   * `failed` has an `error`, and the number of the change among all as `line`. Changes are sent as the results are read. Those of a
   * batch that threw a `Problem`, and those after it, have no results: send them again. With `create`, a document whose id exists
   * fails with the code `document_exists`; after a `Problem` the failed request may have created it.
   */
  change(catalog, changes, {batch = 1000, refresh, create, signal} = {}) {
    return this.#lines(path([catalog, "documents"], {refresh, create}), changes, batch, create ? null : "_version", signal);
  }

  /** Changes members of a document: `patch("books", "zh-0111", {price: 36.5, stock: null})`. Null removes one. */
  patch(catalog, id, values, {version, refresh, signal} = {}) {
    const target = path([catalog, "documents", id], {version, refresh});
    return this.#json("PATCH", target, {body: values, repeatable: version !== undefined, signal});
  }

  /** Deletes a document. */
  delete(catalog, id, {version, refresh, signal} = {}) {
    const target = path([catalog, "documents", id], {version, refresh});
    return this.#json("DELETE", target, {repeatable: version !== undefined, signal});
  }

  /** Tells what followed from searches, and yields a result for each event: `{type: "click", query_id, id}`. */
  events(catalog, events, {batch = 1000, signal} = {}) {
    return this.#lines(path([catalog, "events"]), events, batch, "event_id", signal);
  }

  async *#lines(target, objects, batch, repeatableWith, signal) {
    let sent = 0;
    for await (const part of batches(objects, batch)) {
      const body = part.map((one) => JSON.stringify(one) + "\n").join("");
      const repeatable = repeatableWith !== null && part.every((one) => repeatableWith in one);
      const reply = await this.#send("POST", target, {body, type: "application/x-ndjson", repeatable, signal});
      const results = reply.split("\n").filter(Boolean).map((line) => JSON.parse(line));
      for (const result of results) {
        if (result.line) result.line += sent;
        yield result;
      }
      if (results.length < part.length) {
        const {code = "incomplete", detail = ""} = results.at(-1)?.error ?? {};
        throw new Problem({status: 200, code, detail: `the server read ${sent + results.length} changes and no more: ${detail}`});
      }
      sent += part.length;
    }
  }

  async #json(method, target, {body, repeatable = true, signal} = {}) {
    return JSON.parse(await this.#send(method, target, {body: body && JSON.stringify(body), repeatable, signal}));
  }

  async #send(method, target, {body, type = "application/json", repeatable, signal}) {
    const {key, retries, longestWait} = this.#options;
    const headers = {...(key && {Authorization: `Bearer ${key}`}), ...(body !== undefined && {"Content-Type": type})};
    for (let left = retries; ; left--) {
      const [reply, text] = await this.#fetch(this.#address + target, {method, headers, body}, signal);
      if (reply.ok) return text;
      const problem = readProblem(reply, text);
      const again = reply.status === 429 || (reply.status === 503 && repeatable);
      if (!again || !left || !(problem.retryAfter <= longestWait)) throw problem;
      await pause(problem.retryAfter, signal);
    }
  }

  async #fetch(address, request, signal) {
    const controller = new AbortController();
    const abort = () => controller.abort(signal.reason);
    const late = () => controller.abort(new DOMException("the server did not reply in time", "TimeoutError"));
    signal?.throwIfAborted();
    const timer = setTimeout(late, this.#options.timeout * 1000);
    signal?.addEventListener("abort", abort);
    try {
      const reply = await fetch(address, {...request, signal: controller.signal});
      return [reply, await reply.text()];
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }
}

/**
 * Returns a function for a field in which somebody types: each call of it aborts the one before, which resolves to undefined then.
 * So an old reply never overwrites a newer one.
 *
 *     const suggest = newest((signal, text) => quire.suggest("books", text, {}, {signal}));
 *     field.oninput = async () => { const list = await suggest(field.value); if (list) show(list); };
 */
export function newest(call) {
  let last;
  return async (...values) => {
    last?.abort();
    const mine = (last = new AbortController());
    try {
      const reply = await call(mine.signal, ...values);
      return mine.signal.aborted ? undefined : reply;
    } catch (error) {
      if (!mine.signal.aborted) throw error;
    }
  };
}

/**
 * Derives a key from the key called `name`, offline. It permits searches of the documents that match `filter`, in `catalogs`, until
 * `expires` (seconds since 1970). The key that it is derived from belongs on a server, never into a page.
 */
export async function scopedKey(key, name, {filter, catalogs, expires} = {}) {
  const members = {catalogs: catalogs ?? undefined, expires: expires ?? undefined, filter: filter ?? undefined, key: name};
  const crypto = globalThis.crypto ?? (await import("node:crypto")).webcrypto;
  const bytes = (text) => new TextEncoder().encode(text);
  const object = bytes(JSON.stringify(members));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes(key)));
  const secret = bytes([...hash].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
  const signer = await crypto.subtle.importKey("raw", secret, {name: "HMAC", hash: "SHA-256"}, false, ["sign"]);
  const code = new Uint8Array(await crypto.subtle.sign("HMAC", signer, object));
  return `quire_scoped_${base64(object)}.${base64(code)}`;
}

function base64(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function path(parts, parameters = {}) {
  const values = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null);
  const query = new URLSearchParams(values.map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]));
  return ["", "v1", ...parts].map(encodeURIComponent).join("/") + (values.length ? `?${query}` : "");
}

async function* batches(objects, size) {
  let part = [];
  for await (const one of objects) {
    if (part.push(one) === size) {
      yield part;
      part = [];
    }
  }
  if (part.length) yield part;
}

/** The problem of a reply. A proxy's reply is no problem document: its beginning is the detail. */
function readProblem(reply, text) {
  const after = reply.headers.get("Retry-After");
  let members = {detail: text.slice(0, 500)};
  try {
    const read = JSON.parse(text);
    if (read?.code) members = read;
  } catch {}
  return new Problem({...members, status: reply.status}, /^\d+$/.test(after ?? "") ? Number(after) : undefined);
}

function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal?.aborted) return abort();
    const done = () => (signal?.removeEventListener("abort", abort), resolve());
    const timer = setTimeout(done, seconds * 1000);
    signal?.addEventListener("abort", () => (clearTimeout(timer), abort()), {once: true});
  });
}
