// What all parts of the page share: the admin key, the catalog with its revisions, and the calls of the HTTP API.
import { el, $, replaceContent } from './dom.js';
import { t } from './i18n.js';

const STORAGE_KEY = 'quire.adminKey';

// A private window may refuse storage; the key is then forgotten with the page.
function savedKey() {
  try { return sessionStorage.getItem(STORAGE_KEY) ?? ''; } catch { return ''; }
}

/** `catalog` is the description of the catalog, `revisions` the heads of the kept revisions, newest first. */
export const session = { key: savedKey(), name: '', catalog: null, revisions: [] };

export function setKey(key) {
  session.key = key;
  try { key ? sessionStorage.setItem(STORAGE_KEY, key) : sessionStorage.removeItem(STORAGE_KEY); } catch { /* See savedKey(). */ }
}

/** The path of something of the catalog, e.g. `pathOf('rules')`. */
export const pathOf = rest => `/v1/${encodeURIComponent(session.name)}${rest && `/${rest}`}`;

/**
 * The JSON of a reply, and the number of the revision in its entity tag. `ifMatch` is the revision that a change was
 * made from. Throws an error with the `status` and the `body` of a reply that is no success.
 */
export async function call(method, path, { body, ifMatch, signal } = {}) {
  const headers = { Authorization: `Bearer ${session.key}` };
  if (method !== 'GET') headers['Content-Type'] = 'application/json';
  if (ifMatch !== undefined) headers['If-Match'] = `"${ifMatch}"`;
  const response = await fetch(path, { method, body, headers, signal, cache: 'no-store' });
  const json = await response.json().catch(error => { if (response.ok) throw error; return {}; });
  if (!response.ok) throw Object.assign(new Error(json.title), { status: response.status, body: json });
  return { json, revision: Number(response.headers.get('ETag')?.replace(/\D/g, '') ?? 0) };
}

export async function loadRevisions(signal) {
  session.revisions = (await call('GET', pathOf('tuning/revisions'), { signal })).json.revisions;
}

// --- Drawing again: after another catalog, another revision or another language
const drawings = [];
export const onChange = draw => drawings.push(draw);
export const changed = () => drawings.forEach(draw => draw());

// --- Work that takes time, and failures of it
let running = 0;

/** Runs the steps of a click or a submission: shows that it runs and, unless it was overtaken, why it failed. */
export async function work(steps) {
  $('main').setAttribute('aria-busy', ++running > 0);
  replaceContent('failure');
  try { await steps(); } catch (error) { if (error.name !== 'AbortError') showFailure(error); }
  $('main').setAttribute('aria-busy', --running > 0);
}

export function showFailure({ status, body = { detail: t('unreachable'), hint: t('unreachableHint') } }) {
  if (status === 401) dispatchEvent(new Event('signedout'));
  replaceContent('failure',
    el('strong', null, status === 401 ? t('wrongKey') : body.detail ?? body.title ?? `HTTP ${status}`),
    status !== 401 && body.hint && el('p.hint', null, body.hint));
}
