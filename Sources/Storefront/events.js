// Tells the shop what its visitors look for and look at, so that it learns what they find. Nothing waits for it, and a
// failure is no harm.
import { post } from './rest.js';

const PAUSE = 1500;   // milliseconds for which a query stands before it counts as a search

let pending = [], timer = 0;
function tell(event) {
  pending.push(event);
  clearTimeout(timer);
  timer = setTimeout(send, 200);
}

function send() {
  clearTimeout(timer);
  if (!pending.length) return;
  const events = pending.splice(0, 10);
  post('/events', { events }).catch(() => {});
}

export const tellView = id => tell({ kind: 'view', goods_id: Number(id) });

let counted = null, waiting = 0;
/** Tells of a query whose results are shown, once they have stood for a moment. */
export function queryShown(query) {
  clearTimeout(waiting);
  if (query && query !== counted) waiting = setTimeout(() => count(query), PAUSE);
}

function count(query) {
  clearTimeout(waiting);
  if (query === counted) return;
  counted = query;
  tell({ kind: 'search', query: query.slice(0, 200) });
}

/** Tells of a click on a hit, from whose query the search counts at once. `queryId` is that of the reply, if it has one, and
 * `position` is 1 for the first hit of all. */
export function tellClick(query, queryId, id, position) {
  if (!query) return;
  count(query);
  tell({ kind: 'click', query: query.slice(0, 200), goods_id: Number(id), position, query_id: queryId });
  send();
}

addEventListener('pagehide', send);
