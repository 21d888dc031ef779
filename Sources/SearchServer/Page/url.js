// The address bar, which holds the whole state of the page: catalog, query, filter, sort order and page number.
import { formatFilter, parseFilter } from './filters.js';

/** The change to a request that shows the whole catalog. */
export const BROWSE_ALL = { q: '', filter: [], sort: '' };

/** The request in the address bar; the filter is a list of clauses (see filters.js). */
export function readRequest() {
  const parameters = new URLSearchParams(location.search), get = name => (parameters.get(name) ?? '').trim();
  const page = Math.max(1, parseInt(get('page'), 10) || 1);
  return { catalog: get('catalog'), q: get('q'), filter: parseFilter(get('filter')), sort: get('sort'), page };
}

/** The address of a request with some parts changed. It leads to the first page unless the change names another. */
export function addressOf(request, change) {
  const target = { ...request, page: 1, ...change };
  const parameters = { ...target, filter: formatFilter(target.filter), page: target.page > 1 && target.page };
  return `/?${queryString(parameters)}`.replace(/\?$/, '');
}

/** URL-encoded parameters; empty and false values are left out. */
export const queryString = parameters =>
  String(new URLSearchParams(Object.entries(parameters).filter(([, value]) => value)));
