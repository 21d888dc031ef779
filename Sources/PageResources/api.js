// Requests to the HTTP API.
import { t } from './i18n.js';
import { queryString } from './url.js';
import { formatFilter } from './filters.js';

export const PAGE_SIZE = 20;         // hits per page
const MAX_SUGGESTIONS = 8;
const STORAGE_KEY = 'quire.key';

// The key that the documents need, if they need one; it is forgotten with the tab. A private window may refuse storage:
// the key is then forgotten with the page.
let key = '';
try { key = sessionStorage.getItem(STORAGE_KEY) ?? ''; } catch { /* There is none. */ }

/** Sends a key with the requests from now on. */
export function useKey(newKey) {
  key = newKey;
  try { sessionStorage.setItem(STORAGE_KEY, key); } catch { /* It lasts as long as the page. */ }
}

/**
 * The JSON body of a GET request, with the milliseconds that the search took in `took`, if it says so. Throws an error
 * with the `status` and the `body` of the response when the server reports a failure, and the error of `fetch` or of the
 * parser, which has neither, when there is no valid response.
 */
export async function getJSON(path, signal) {
  const response = await fetch(path, { signal, headers: key ? { Authorization: `Bearer ${key}` } : {} });
  const body = await response.json().catch(error => { if (response.ok) throw error; return {}; });
  if (response.ok) return Object.assign(body, { took: timeOf(response) });
  throw requestError(response.status, body);
}

// The reply to a search that was made before has no time.
const timeOf = response => response.headers.get('Server-Timing')?.match(/search;dur=([\d.e-]+)/)?.[1];

const requestError = (status, body) => Object.assign(new Error(body.title), { status, body });

/**
 * The description of a catalog, `GET /v1/{catalog}`, with the name it was requested by; an empty name requests the
 * first catalog. Throws an error with status 0 when the server has no catalog.
 */
export async function getCatalog(requestedName, signal) {
  const name = requestedName
    || (await getJSON('/v1', signal)).catalogs.find((catalog) => catalog.state !== 'unreadable')?.name;
  if (!name) throw requestError(0, { detail: t('noCatalog'), hint: t('noCatalogHint') });
  return { ...await getJSON(`/v1/${encodeURIComponent(name)}`, signal), requestedName };
}

/**
 * Requests of which only the newest counts: `next()` aborts the one before and returns a signal, which also tells a
 * response that came all the same that it is out of date; `cancel()` aborts without a successor.
 */
export function newestRequest() {
  let controller = null;
  const cancel = () => controller?.abort();
  const next = () => {
    cancel();
    controller = new AbortController();
    return controller.signal;
  };
  return { next, cancel };
}

/**
 * The path of the search for one page of hits, with highlights and every facet of the catalog. The last word is a
 * beginning if `isUnfinished`.
 */
export function searchPath({ catalogInfo, request }, isUnfinished) {
  const parameters = queryString({
    page: request.page,
    per_page: PAGE_SIZE,
    filter: formatFilter(request.filter),
    facets: (catalogInfo.facets ?? []).map(({ field, by }) => by ? `${field}(by ${by})` : field).join(),
    sort: request.sort,
    highlight: true,
    prefix: request.q && (isUnfinished ? 'last' : 'none'),
    typo: request.verbatim && 'off',
  });
  return `/v1/${encodeURIComponent(catalogInfo.catalog)}/search?q=${encodeURIComponent(request.q)}&${parameters}`;
}

/** The path of the suggestions for a text, among the documents that the filter leaves. */
export function suggestPath({ catalogInfo, request }, text) {
  const parameters = queryString({ limit: MAX_SUGGESTIONS, filter: formatFilter(request.filter) });
  return `/v1/${encodeURIComponent(catalogInfo.catalog)}/suggest?q=${encodeURIComponent(text)}&${parameters}`;
}
