// The last submitted queries. They stay in this browser: nothing sends them anywhere.

const STORAGE_KEY = 'quire.recent';
const MAX_QUERIES = 8;

/** The queries, the latest first. There are none if the browser refuses storage, as a private window may. */
export function recentQueries() {
  try {
    const queries = JSON.parse(localStorage.getItem(STORAGE_KEY));
    return queries.filter(query => typeof query === 'string').slice(0, MAX_QUERIES);
  } catch { return []; }
}

function save(queries) {
  try { localStorage.setItem(STORAGE_KEY, JSON.stringify(queries.slice(0, MAX_QUERIES))); } catch { /* See above. */ }
}

/** Puts a query before all others; an empty one is left out. */
export function addRecentQuery(query) {
  if (query) save([query, ...recentQueries().filter(other => other !== query)]);
}

export const removeRecentQuery = query => save(recentQueries().filter(other => other !== query));

export function clearRecentQueries() {
  try { localStorage.removeItem(STORAGE_KEY); } catch { /* See recentQueries(). */ }
}
