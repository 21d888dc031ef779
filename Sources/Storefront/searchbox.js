// The search box on pages without results: suggestions come as on the search page, a query leads there.
import { getCatalog, getJSON, suggestPath } from './api.js';
import { $ } from './dom.js';
import { addRecentQuery } from './recent.js';
import { connectSuggestions } from './suggest.js';
import { watchTyping } from './typing.js';
import { addressOf, BROWSE_ALL } from './url.js';

/** Connects the search box of the header. */
export function connectSearchBox() {
  const input = $('q'), request = { filter: [] };
  let catalogInfo = null;

  function search(q) {
    addRecentQuery(q);
    location.assign(addressOf({}, { ...BROWSE_ALL, q }));
  }

  const suggestions = connectSuggestions(input, $('suggestions'), {
    request: async (text, signal) => {
      catalogInfo ??= await getCatalog('', signal);
      return (await getJSON(suggestPath({ catalogInfo, request }, text), signal)).suggestions;
    },
    search,
    cleared: () => {},
  });
  const isComposing = watchTyping(input, { changed: suggestions.textChanged, composing: suggestions.cancel });
  $('form').addEventListener('submit', event => {
    event.preventDefault();
    if (!isComposing()) search(input.value.trim());
  });
}
