// Requests to the shop's REST API, /api/v1.
import { hasMessage, locale, t } from './i18n.js';

/**
 * A request that failed: the `status` of the response, 0 if there was none, and the members of its problem document:
 * `code`, `param`, `detail`, `items`.
 */
export class Failure extends Error {
  constructor(status, problem = {}) {
    super(problem.detail ?? `HTTP ${status}`);
    Object.assign(this, { status, code: problem.code, param: problem.param, items: problem.items ?? [] });
  }
}

/** A problem in the language of the page: the message of its code, or else the server's own sentence. */
export function errorText(error) {
  if (!(error instanceof Failure)) return t('problem.client');
  if (error.status === 0) return t('problem.unreachable');
  const keys = [`problem.${error.code}.${error.param}`, `problem.${error.code}`].filter(hasMessage);
  return keys.length ? t(keys[0]) : error.message;
}

// The token that a form of another site cannot know. The server sets it in a cookie that scripts may read.
export const csrfToken = () => /(?:^|; )csrf=([^;]*)/.exec(document.cookie)?.[1] ?? '';

/** Sends a request and returns the JSON of the response, or null if it has no body. Errors: `Failure`. */
async function send(method, path, body, headers = {}) {
  // Mails that a request causes are in the language of the page.
  const all = { Accept: 'application/json', 'Accept-Language': locale(), ...headers };
  if (method !== 'GET') all['X-CSRF-Token'] = csrfToken();
  if (body !== undefined) all['Content-Type'] = 'application/json';
  let response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method, headers: all, body: body === undefined ? undefined : JSON.stringify(body), credentials: 'same-origin',
      keepalive: path === '/events',   // goes on when the page is left
    });
  } catch { throw new Failure(0); }
  const text = await response.text();
  let json = null;
  try { json = text ? JSON.parse(text) : null; } catch { throw new Failure(response.status || 500); }
  if (!response.ok) throw new Failure(response.status, json ?? {});
  return json;
}

export const get = path => send('GET', path);
export const post = (path, body = {}, headers) => send('POST', path, body, headers);
export const put = (path, body) => send('PUT', path, body);
export const remove = (path, body) => send('DELETE', path, body);
