// The results, and what is shown around them: hit count, sort orders, pager, notice and messages.
import { $, el, link, replaceContent } from './dom.js';
import { formatCount, formatMoney, formatNumber, languageOf, localize, pieces, t } from './i18n.js';
import { addressOf, BROWSE_ALL } from './url.js';

const EXAMPLE_QUERIES = ['python', '三体', '"harry potter"', '人民银行', 'tolkien'];

// --- Highlights
// The server escapes the text of a highlight and marks matches by <mark> and </mark>.
const ENTITIES = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };
const unescapeHTML = text => text.replace(/&(?:amp|lt|gt|quot|#39);/g, entity => ENTITIES[entity]);
const plainText = highlight => unescapeHTML(highlight.replace(/<\/?mark>/g, ''));

// Every second part of the split is a match.
const renderHighlight = highlight => highlight.split(/<mark>|<\/mark>/)
  .map((text, i) => i % 2 ? el('mark', null, unescapeHTML(text)) : unescapeHTML(text));

// --- Hits
// A line parts the hits that have all words from those that have some.
export function renderHits(view) {
  const { hits = [], tiers } = view.response ?? {};
  const firstLoose = hits.find(hit => hit.tier === 'loose');
  $('results').replaceChildren(...hits.flatMap(hit => hit === firstLoose
    ? [renderTier(tiers.find(tier => tier.name === hit.tier), view), renderHit(hit, view)] : [renderHit(hit, view)]));
}

const renderTier = ({ found }, { catalogInfo }) =>
  el('li.tier', null, el('p', null, t('someWords', formatCount(catalogInfo, found))));

function renderHit(hit, { request, catalogInfo, options: { hitAddress, hitCover, hitAction } }) {
  const { document: source, id } = hit, display = catalogInfo.display ?? {};
  const values = (element, field, prefix) => renderField(element, hit, field, prefix, request, catalogInfo);
  const title = valuesOf(source[display.title])[0] ?? String(id);
  const price = source[display.price], rating = source[display.rating];
  const ratingText = rating > 0 && formatNumber(rating, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const heading = values('h2', display.title) ?? el('h2', null, title), address = hitAddress?.(hit);
  if (address) heading.replaceChildren(el('a', { href: address }, ...heading.childNodes));
  const details = (display.details ?? []).map(field => values('li', field, field === 'isbn' && 'ISBN '));
  return el('li', null, el('article.hit', { 'data-id': id },
    hitCover?.(hit) ?? renderCover(hit.id, title, source.language),
    el('div.what', null,
      heading, values('p.subtitle', display.subtitle), values('p.by', display.by),
      values('p.text', display.description), el('ul.details', null, details)),
    el('div.deal', null,
      typeof price === 'number' && el('span.price', null, formatMoney(price, source[display.currency])),
      ratingText && el('span.rating', { title: t('rating', ratingText) }, `${ratingText} ★`),
      source.stock === 0 && el('span.badge', null, t('outOfStock')), hitAction?.(hit))));
}

// The values of a field with their matches marked, or null if there are none. A value of a facet links to all documents
// that have it.
function renderField(element, { document: source, highlights }, field, prefix, request, catalogInfo) {
  const values = valuesOf(source[field]), fieldHighlights = valuesOf(highlights?.[field]);
  if (!values.length) return null;
  const isFacet = catalogInfo.facets?.some(facet => facet.field === field);
  const isDescription = field === catalogInfo.display?.description;   // its highlight is a snippet, not the whole value
  const parts = values.map((value, i) => {
    const highlight = fieldHighlights.find(h => isDescription || plainText(h) === value);
    const content = highlight ? renderHighlight(highlight) : value;
    const address = isFacet && addressOf(request, { ...BROWSE_ALL, filter: [{ field, value }] });
    return [i && t('listSeparator'), isFacet ? link(address, content) : content];
  });
  return el(element, { lang: languageOf(values.join(), source.language) }, prefix, parts);
}

const valuesOf = value => value == null || value === '' ? [] : [value].flat().map(String);

/** A drawn book cover: a hash of the document id chooses one of eight colors. */
export function renderCover(id, title, language) {
  const hash = [...String(id)].reduce((sum, char) => (sum * 31 + char.codePointAt(0)) >>> 0, 7);
  const initial = title.match(/[\p{L}\p{N}]/u)?.[0].toUpperCase() ?? '·';
  const attributes = { 'aria-hidden': 'true', lang: languageOf(title, language) };
  return el(`div.cover.c${hash % 8}`, attributes, initial);
}

// --- Hit count, sort orders and pages
export function renderCount({ response, request, catalogInfo }) {
  $('tools').hidden = !response;
  if (!response) return;
  const { found, page, pages, took } = response;
  const time = took && ` · ${t('milliseconds', formatNumber(took, { maximumFractionDigits: took < 100 ? 1 : 0 }))}`;
  const position = page > 1 ? ` · ${t('pageOf', formatNumber(page), formatNumber(pages))}` : '';
  const count = formatCount(catalogInfo, found), filterCount = request.filter.length;
  $('count').replaceChildren(count, el('small', null, position + (time ?? '')));
  $('side-done').textContent = t('showResults', count);
  $('side-open').textContent = filterCount ? t('filtersCount', filterCount) : t('filters');
}

export function renderSort({ request, catalogInfo }) {
  const nameOf = ({ field, label }, message) => t(message, localize(label, field));
  const messagesOf = ({ field }) => /year|date/.test(field)
    ? { desc: 'newestFirst', asc: 'oldestFirst' } : { desc: 'descending', asc: 'ascending' };
  const orders = (catalogInfo?.sorts ?? []).flatMap(sort => Object.entries(messagesOf(sort)).map(
    ([direction, message]) => ({ value: `${sort.field}:${direction}`, name: nameOf(sort, message) })));
  const { sort: selected } = request;
  if (selected && !orders.some(order => order.value === selected)) orders.push({ value: selected, name: selected });
  // Without a query there is no relevance: the default is then an order of the catalog, which is not listed twice.
  const browse = !request.q && catalogInfo?.sorts?.find(sort => sort.field === catalogInfo.browse);
  const defaultName = browse ? nameOf(browse, messagesOf(browse).desc) : t('relevance');
  const listed = orders.filter(({ value }) => !browse || value !== `${browse.field}:desc` || value === selected);
  $('sort').replaceChildren(
    ...[{ value: '', name: defaultName }, ...listed].map(({ value, name }) => el('option', { value }, name)));
  $('sort').value = selected;
}

export function renderPager({ response, request }) {
  if (!(response?.pages > 1)) return replaceContent('pager');
  const { page, pages } = response, linkTo = (n, ...text) => link(addressOf(request, { page: n }), ...text);
  const nearby = [1, page - 2, page - 1, page, page + 1, page + 2, pages].filter(n => n >= 1 && n <= pages);
  const numbers = [...new Set(nearby)].flatMap((n, i, shown) => {
    const node = linkTo(n, formatNumber(n));
    if (Math.abs(n - page) === 2 && n !== 1 && n !== pages) node.className = 'far';   // hidden on a phone
    if (n === page) node.setAttribute('aria-current', 'page');
    return i && n - shown[i - 1] > 1 ? [el('span.gap', null, '…'), node] : node;
  });
  const step = message => el('span.step', null, t(message));
  replaceContent('pager', page > 1 && linkTo(page - 1, '‹ ', step('previous')), ...numbers,
    page < pages && linkTo(page + 1, step('next'), ' ›'));
}

// --- Messages
/**
 * Draws the page that a rule names for the query, how the server changed the query, if it did and documents were found,
 * and the query that may be meant.
 */
export function renderNotice({ response, request }) {
  const { corrected_query: corrected, did_you_mean: meant } = response ?? {};
  const name = (element, q) => el(element, { lang: languageOf(q) }, q);
  const linkTo = (q, change) => link(addressOf(request, change), name('span', q));
  const { redirect } = response ?? {};
  const elsewhere = redirect && pieces('pageFor', el('a', { href: redirect }, redirect));
  const correction = corrected
    && pieces('correctedQuery', name('strong', corrected), linkTo(request.q, { verbatim: 1 }));
  const proposal = meant && pieces('didYouMean', linkTo(meant, { q: meant }));
  const lines = [elsewhere, correction || noticeText(response), proposal].filter(Boolean);
  replaceContent('notice', ...lines.map(line => el('span', null, line)));
}

function noticeText(response) {
  if (response?.partial) return t('partial');
  if (!response?.found) return null;
  const { applied } = response, join = words => words.join(t('listSeparator'));
  if (applied.homophones) return t('homophones');
  if (applied.quotes.length) return t('quotes', join(applied.quotes));
  return applied.relaxed && t('relaxed');
}

export const exampleLinks = request => [el('span', null, t('try')), ...EXAMPLE_QUERIES.map(q =>
  el('a', { href: addressOf(request, { ...BROWSE_ALL, q }), 'data-go': '', lang: languageOf(q) }, q))];

export function renderNoResults({ response, request, catalogInfo }) {
  if (!response || response.found) return replaceContent('nothing');
  const unfiltered = request.filter.length > 0 && link(addressOf(request, { filter: [] }), t('searchUnfiltered'));
  replaceContent('nothing',
    el('h2', null, request.q ? t('noResultsFor', request.q) : t('noResults')),
    el('p', null, t(catalogInfo.documents ? 'checkSpelling' : 'noCatalogHint')),
    el('p.actions', null, unfiltered, link(addressOf(request, BROWSE_ALL), t('browseAll'))),
    el('p.examples', null, exampleLinks(request)));
}

/** Draws why the search failed: the message of the server, or that there was no valid response. */
export function renderError({ error }) {
  if (!error) return replaceContent('error');
  const { status, body = { detail: t('unreachable'), hint: t('unreachableHint') } } = error;
  const isRetryable = !(status < 500);   // a client error would recur
  replaceContent('error',
    el('h2', null, t(status === 0 ? 'noResults' : 'failed')),
    el('p', null, body.detail ?? body.title ?? `HTTP ${status}`),
    body.hint && status !== 401 && el('p.hint', null, body.hint),
    status === 401 && renderKeyForm(),
    el('p.actions', null,
      isRetryable && el('button.primary', { type: 'button', id: 'retry' }, t('retry')), link(addressOf({}, BROWSE_ALL), t('startOver'))));
}

// Asks for the key that the documents need; search.js takes it.
const renderKeyForm = () => el('form.actions', { id: 'key-form' },
  el('label', { for: 'key' }, t('key')),
  el('input', { id: 'key', type: 'password', autocomplete: 'off', spellcheck: 'false', required: '', 'data-key': 'key' }),
  el('button.primary', null, t('useKey')));
