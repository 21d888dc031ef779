// A search page: ES modules, no framework, no build step. The address bar holds the state: every change of it runs one
// search, and every response redraws the page. The markup of the page is there before this module is imported.
import { getCatalog, getJSON, newestRequest, searchPath, suggestPath, useKey } from './api.js';
import { $ } from './dom.js';
import { rangeOfBar, rangeOfInputs, renderChips, renderFacets, toggleExpanded } from './facets.js';
import { withRange, withValue } from './filters.js';
import { localizeDocument, setLanguage, t } from './i18n.js';
import { addRecentQuery } from './recent.js';
import {
  renderCount, renderError, renderHits, renderNoResults, renderNotice, renderPager, renderSort,
} from './results.js';
import { connectSuggestions } from './suggest.js';
import { watchTyping } from './typing.js';
import { addressOf, queryOf, readRequest } from './url.js';

const TYPING_PAUSE = 180;   // milliseconds without a key press before a search is sent

history.replaceState(null, '');   // a query that is loaded is typed to its end
const searchBox = $('q');
// The model of the page: the request of the address bar, the description of its catalog (GET /v1/{catalog}), and the
// latest response or, instead of it, the error; and what startSearch() was given.
const view = { request: readRequest(), catalogInfo: null, response: null, error: null, options: {} };
const changedAddress = change => addressOf(view.request, change);

// --- Searching
const newestSearch = newestRequest();
async function search() {
  let response = null, error = null;
  const signal = newestSearch.next();
  $('found').setAttribute('aria-busy', true);   // its style has a delay, so that fast responses do not flicker
  try {
    const { catalog } = view.request;
    if (view.catalogInfo?.requestedName !== catalog) view.catalogInfo = await getCatalog(catalog, signal);
    response = await getHits(signal);
  } catch (reason) { error = reason; }
  if (signal.aborted) return;   // A stale response never replaces a newer one.
  $('found').setAttribute('aria-busy', false);
  const isPastEnd = response?.found && !response.hits.length && view.request.page > response.pages;
  if (isPastEnd) return visit(changedAddress({ page: response.pages }), true);
  Object.assign(view, { response, error });
  render();
}

const hasAllWords = ({ found, applied }) => found > 0 && !applied.relaxed;

// While somebody types, the last word is unfinished. A submitted query is read as it stands, or as a beginning if only
// so a document has all of it: Enter does not take the results of "harry po" away.
async function getHits(signal) {
  const { q, isTyped } = view.request, response = await getJSON(searchPath(view, isTyped), signal);
  if (!q || isTyped || hasAllWords(response)) return response;
  const unfinished = await getJSON(searchPath(view, true), signal);
  return hasAllWords(unfinished) ? unfinished : response;
}

// A query that was being typed is still unfinished on its other pages and with other filters.
function visit(address, isReplacing = false, isTyped = view.request.isTyped && queryOf(address) === view.request.q) {
  history[isReplacing ? 'replaceState' : 'pushState']({ isTyped }, '', address);
  followAddress();
}

function followAddress() {
  clearTimeout(typingTimer);
  view.request = readRequest();
  if (searchBox.value.trim() !== view.request.q) searchBox.value = view.request.q;
  search();
}

// --- Typing
// Continuous typing is one entry of the history: its first search adds the entry, later ones replace it.
let typingTimer = 0, isTyping = false;
function scheduleSearch() {
  clearTimeout(typingTimer);
  typingTimer = setTimeout(() => {
    const q = searchBox.value.trim();
    if (q === view.request.q) return;
    visit(changedAddress({ q }), isTyping, true);
    isTyping = true;
  }, TYPING_PAUSE);
}

function submit(q) {
  const isSameQuery = q === view.request.q;
  searchBox.value = q;
  suggestions.close();
  addRecentQuery(q);
  visit(changedAddress({ q, page: isSameQuery ? view.request.page : 1 }), isTyping || isSameQuery, false);
  isTyping = false;
  if (matchMedia('(pointer: coarse)').matches) searchBox.blur();   // hides the keyboard of a phone
}

// --- Drawing
function renderFrame() {
  localizeDocument();
  searchBox.placeholder = t('placeholder');
  view.options.renderFrame?.(view);
}

const PARTS = [
  renderFacets, renderNotice, renderSort, renderChips, renderError, renderNoResults, renderCount, renderPager,
  renderHits,
];

// Drawing replaces the focused element: the focus moves to the new element with its key, or else to the hit count.
function render() {
  const focused = document.activeElement, key = focused?.dataset.key;
  renderFrame();
  for (const renderPart of PARTS) renderPart(view);
  document.body.classList.add('ready');
  if (focused?.isConnected !== false) return;
  const successor = key && [...document.querySelectorAll('[data-key]')].find(node => node.dataset.key === key);
  (successor || $('count')).focus({ preventScroll: true });
}

// On a narrow screen the filters are a sheet over the page, and everything else is inert until it closes.
function toggleSheet(isOpen) {
  if (document.body.classList.toggle('sheet', isOpen) === $('top').inert) return;   // no change
  for (const node of document.querySelectorAll('#top, #hero, #found, #foot')) node.inert = isOpen;
  $(isOpen ? 'side-close' : 'side-open').focus();
}

// --- Events
if (!view.request.q && matchMedia('(pointer: fine)').matches) searchBox.focus({ preventScroll: true });
const suggestions = connectSuggestions(searchBox, $('suggestions'), {
  request: async (text, signal) => (await getJSON(suggestPath(view, text), signal)).suggestions,
  search: submit,
  cleared: scheduleSearch,
});
const isComposing = watchTyping(searchBox, {
  changed: () => { scheduleSearch(); suggestions.textChanged(); },
  composing: () => { clearTimeout(typingTimer); suggestions.cancel(); },
});

const applyFilter = filter => visit(changedAddress({ q: searchBox.value.trim(), filter }));

function facetChanged({ target }) {
  const { filter } = view.request, { field, value, end } = target.dataset;
  if (end) applyFilter(withRange(filter, field, rangeOfInputs(target.closest('fieldset'))));
  else applyFilter(withValue(filter, field, value, target.checked));
}

function clicked(event) {
  const { target } = event, { more } = target.dataset;
  if (target.id === 'retry') search();
  if (more) {
    toggleExpanded(more);
    render();
  }
  const bar = target.closest('[data-bar]'), anchor = target.closest('a[data-go]');
  if (bar) {
    const range = bar.getAttribute('aria-pressed') === 'true' ? null : rangeOfBar(bar.dataset);
    applyFilter(withRange(view.request.filter, bar.dataset.bar, range));
  }
  // Links have real addresses and can be opened in a new tab; a plain click stays in the page.
  if (!anchor || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  isTyping = false;
  visit(anchor.href);
  scrollTo(0, 0);
}

function keyPressed(event) {
  if (event.key === 'Escape') toggleSheet(false);
  const isInField = event.target.closest('input:not([type=checkbox]), select');
  if (event.key !== '/' || isInField || event.metaKey || event.ctrlKey || event.altKey || $('top').inert) return;
  event.preventDefault();
  searchBox.select();
}

searchBox.addEventListener('blur', () => { isTyping = false; });
$('form').addEventListener('submit', event => {
  event.preventDefault();
  if (!isComposing()) submit(searchBox.value.trim());
});
$('error').addEventListener('submit', event => {
  event.preventDefault();
  useKey($('key').value.trim());
  search();
});
$('sort').addEventListener('change', () =>
  visit(changedAddress({ q: searchBox.value.trim(), sort: $('sort').value })));
$('facets').addEventListener('change', facetChanged);
addEventListener('click', clicked);
addEventListener('keydown', keyPressed);
addEventListener('popstate', () => {
  isTyping = false;
  suggestions.close();
  followAddress();
});
for (const button of document.querySelectorAll('[data-lang]')) {
  button.addEventListener('click', () => { setLanguage(button.dataset.lang); render(); });
}
for (const id of ['side-open', 'side-close', 'side-done']) {
  $(id).addEventListener('click', () => toggleSheet(id === 'side-open'));
}
matchMedia('(max-width: 760px)').addEventListener('change', () => toggleSheet(false));

/**
 * Starts the page. The options are functions: `renderFrame(view)` draws what the page shows around the results,
 * `hitAddress(hit)` is the address that a title leads to, `hitCover(hit)` an element in the place of the drawn cover,
 * and `hitAction(hit)` an element below the price; each may be left out.
 */
export function startSearch(options) {
  view.options = options;
  renderFrame();
  followAddress();
}
