// The list below the search box: suggestions for what is typed, or the recent queries while nothing is.
import { newestRequest } from './api.js';
import { combobox } from './combobox.js';
import { el } from './dom.js';
import { languageOf, t } from './i18n.js';
import { clearRecentQueries, recentQueries, removeRecentQuery } from './recent.js';

// Milliseconds. Results wait for a pause in the typing; suggestions come during it, at a limited rate.
const FIRST_DELAY = 40;     // from a key press to its request
const MIN_INTERVAL = 160;   // between two requests
const KINDS = ['title', 'author', 'series', 'category', 'query'];

/**
 * Connects the search box with its list. `request(text, signal)` resolves to the suggestions for typed text,
 * `search(query)` searches for a chosen one, and `cleared()` is called when Escape emptied the box.
 */
export function connectSuggestions(input, list, { request, search, cleared }) {
  const newest = newestRequest(), box = combobox(input, list, { open, choose, remove, clear });
  let timer = 0, requestTime = -Infinity;

  /** Forgets the request that is due or under way. */
  function cancel() {
    clearTimeout(timer);
    timer = 0;
    newest.cancel();
  }

  function close() {
    cancel();
    box.show();
  }

  async function requestNow() {
    cancel();
    requestTime = performance.now();
    const signal = newest.next();
    let suggestions = [];
    try { suggestions = await request(input.value, signal); } catch { /* The results tell what is wrong. */ }
    // Who is choosing already keeps the list.
    if (!signal.aborted && !box.isChoosing()) box.show(...suggestions.map(renderSuggestion));
  }

  function showRecent() {
    const queries = recentQueries();
    box.show(...queries.length ? [renderRecent(queries)] : []);
  }

  function open() {
    if (input.value.trim()) requestNow(); else showRecent();
  }

  /** Follows a change of the text. */
  function textChanged() {
    if (!input.value.trim()) {
      cancel();
      return showRecent();
    }
    box.leave();
    timer ||= setTimeout(requestNow, Math.max(FIRST_DELAY, requestTime + MIN_INTERVAL - performance.now()));
  }

  function choose({ dataset: { text } }) {
    if (text !== undefined) return search(text);
    clearRecentQueries();
    close();
  }

  function remove({ dataset: { text } }) {
    removeRecentQuery(text);
    showRecent();
  }

  function clear() {
    close();
    input.value = '';
    cleared();
  }

  // The focus of a page that loads, or whose window comes back, is nobody's wish to search again.
  let isReturning = document.activeElement === input;
  input.addEventListener('focus', () => {
    if (!isReturning && !input.value) showRecent();
    isReturning = false;
  });
  input.addEventListener('click', () => { if (!box.isOpen() && !input.value) showRecent(); });
  input.addEventListener('blur', () => {
    isReturning = document.activeElement === input;
    cancel();
  });

  return { textChanged, cancel, close };
}

// --- Drawing
const renderOption = (name, text, ...children) =>
  el(`div.option${name}`, { role: 'option', 'aria-selected': false, 'data-text': text }, ...children);

function renderSuggestion({ text, kind, marks }) {
  return renderOption('', text, el('span.name', { lang: languageOf(text) }, renderMarks(text, marks)), ' ',
    KINDS.includes(kind) && el('span.kind', null, t(kind)));
}

// The marks are ranges of the text that were typed.
function renderMarks(text, marks = []) {
  const nodes = [];
  let end = 0;
  for (const [from, to] of marks) {
    nodes.push(text.slice(end, from), el('mark', null, text.slice(from, to)));
    end = to;
  }
  return [...nodes, text.slice(end)];
}

function renderRecent(queries) {
  const title = el('div.list-title', null, el('span', { id: 'recent-title' }, t('recent')),
    el('span', { id: 'recent-hint' }, t('recentHint')));
  const options = queries.map(text => {
    const option = renderOption('.recent', text, el('span.name', { lang: languageOf(text) }, text),
      el('span.remove', { 'data-remove': '', 'aria-hidden': true, title: t('removeRecent') }, '×'));
    option.setAttribute('aria-describedby', 'recent-hint');
    return option;
  });
  return el('div', { role: 'group', 'aria-labelledby': 'recent-title' }, title, options,
    renderOption('.clear', null, t('clearRecent')));
}
