// The address bar, which holds the whole state of the page: catalog, query, filter, sort order and page number.
import { formatFilter, parseFilter } from './filters.js';

// Where searches are: the path of this page, unless the document names another in `data-search`.
const SEARCH_PATH = document.documentElement.dataset.search ?? '/';

/** The change to a request that shows the whole catalog. */
export const BROWSE_ALL = { q: '', filter: [], sort: '' };

/**
 * The request in the address bar; the filter is a list of clauses (see filters.js). `verbatim` refuses a correction of
 * this query. `isTyped`, which is in the history beside the address, is true while the query is being typed.
 */
export function readRequest() {
  const parameters = new URLSearchParams(location.search), get = name => (parameters.get(name) ?? '').trim();
  const page = Math.max(1, parseInt(get('page'), 10) || 1);
  return {
    catalog: get('catalog'), q: get('q'), filter: parseFilter(get('filter')), sort: get('sort'), page,
    verbatim: get('verbatim'), isTyped: history.state?.isTyped === true,
  };
}

/** The query of an address. */
export const queryOf = address => new URL(address, location.href).searchParams.get('q') ?? '';

/** The address of a request with some parts changed. It leads to the first page unless the change names another. */
export function addressOf(request, change) {
  const target = { ...request, page: 1, ...change }, { catalog, q, sort, page } = target;
  return `${SEARCH_PATH}?${queryString({
    catalog, q, filter: formatFilter(target.filter), sort, page: page > 1 && page,
    verbatim: q === request.q && target.verbatim,
  })}`.replace(/\?$/, '');
}

/** URL-encoded parameters; empty and false values are left out. */
export const queryString = parameters =>
  String(new URLSearchParams(Object.entries(parameters).filter(([, value]) => value)));
