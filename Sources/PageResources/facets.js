// Facets beside the results, and the chips of the filter above them.
import { el, link, replaceContent } from './dom.js';
import { isRange, rangeIn, valuesIn } from './filters.js';
import { formatCount, formatNumber, languageOf, locale, localize, t, valueName } from './i18n.js';
import { addressOf } from './url.js';

const MAX_COLLAPSED_VALUES = 8;   // values of a facet shown before "Show more"
const MAX_BARS = 24;              // bars of a histogram
const expandedFields = new Set();

/** Shows all values of a facet, or only the first of them again. */
export function toggleExpanded(field) {
  if (!expandedFields.delete(field)) expandedFields.add(field);
}

export function renderFacets(view) {
  const facets = view.response && view.catalogInfo.facets || [];
  replaceContent('facets', ...facets.map(facet => {
    const result = view.response.facets?.find(f => f.field === facet.field);
    return facet.by ? renderHistogram(facet, result, view) : renderValues(facet, result, view);
  }));
}

// --- Facets of values
function renderValues({ field, label }, result, { request }) {
  const rows = (result?.values ?? []).map(v => ({ value: String(v.value), count: v.count, label: v.label }));
  const selected = valuesIn(request.filter, field);
  // A selected value stays visible even if the response no longer lists it, so that it can be deselected.
  const unlisted = selected.filter(value => !rows.some(row => row.value === value));
  rows.unshift(...unlisted.map(value => ({ value, count: 0 })));
  if (!rows.length) return null;
  const isExpanded = expandedFields.has(field) || rows.length <= MAX_COLLAPSED_VALUES;
  const visible = rows.filter((row, i) => isExpanded || i < MAX_COLLAPSED_VALUES || selected.includes(row.value));
  const hiddenCount = rows.length - visible.length;
  const attributes = { type: 'button', 'data-more': field, 'data-key': field, 'aria-expanded': isExpanded };
  return el('fieldset', null, el('legend', null, localize(label, field)),
    visible.map(row => renderChoice(field, row, selected.includes(row.value))),
    isExpanded && result?.other > 0 && el('p.choice.other', null, nameAndCount(t('other'), result.other)),
    rows.length > MAX_COLLAPSED_VALUES
      && el('button.plain', attributes, isExpanded ? t('showFewer') : t('showMore', formatNumber(hiddenCount))));
}

function renderChoice(field, { value, count, label }, isSelected) {
  const data = { 'data-field': field, 'data-value': value, 'data-key': `${field}=${value}` };
  const checkbox = el('input', { type: 'checkbox', ...data, checked: isSelected ? '' : null });
  return el('label.choice', null, checkbox, nameAndCount(localize(label, valueName(field, value)), count));
}

const nameAndCount = (name, count) => [
  el('span.name', { lang: languageOf(name, locale()) }, name),
  el('span.number', null, formatNumber(count)),
];

// --- Facets of numbers and dates
// A histogram whose bars are buttons, and two inputs for the ends of the range.
function renderHistogram({ field, label, by }, result, { request, catalogInfo }) {
  const isDate = typeof by === 'string', buckets = result?.histogram ?? [];
  const bars = isDate ? dateBars(buckets) : numberBars(buckets, by);
  const range = rangeIn(request.filter, field), name = localize(label, field);
  if (!bars.length && !range) return null;
  const maxCount = Math.max(...bars.map(bar => bar.count)), isInRange = rangeTest(range, isDate);
  const renderBar = bar => {
    const text = `${rangeName(field, bar)}: ${formatCount(catalogInfo, bar.count)}`, fill = el('span');
    fill.style.height = `${100 * bar.count / maxCount}%`;
    return el(`button.bucket${isInRange(bar) ? '' : '.out'}`, { type: 'button', title: text, 'aria-label': text,
      'aria-pressed': isSameRange(range, bar), 'data-bar': field, 'data-from': bar.from, 'data-to': bar.to,
      'data-key': `${field}:${bar.from}` }, fill);
  };
  const inputType = isDate ? { type: 'text' } : { type: 'number', step: 'any' };
  const renderEnd = (end, message, placeholder) => el('input', { ...inputType, value: range?.[end], placeholder,
    'aria-label': t(message, name), 'data-field': field, 'data-end': end, 'data-key': `${field}.${end}` });
  return el('fieldset', null, el('legend', null, name), el('div.bars', null, bars.map(renderBar)),
    el('div.ends', null, renderEnd('from', 'minimum', bars[0]?.from), el('span', null, '–'),
      renderEnd('to', 'maximum', bars.at(-1)?.to)));
}

// A test whether a bar lies within a range; every bar does if there is no range.
function rangeTest(range, isDate) {
  const parse = isDate ? timestamp : Number, isOrdered = (low, high) => parse(low) <= parse(high);
  return ({ from, to }) => !range || (range.from == null || from !== '' && isOrdered(range.from, from))
    && (range.to == null || to !== '' && isOrdered(to, range.to));
}

const isSameRange = (range, bar) => Boolean(range) && (range.from ?? '') === bar.from && (range.to ?? '') === bar.to
  && range.open === Boolean(bar.to);

/**
 * The bars of a histogram of numbers: at most 24 adjacent ones of equal width, which span about 98 % of the documents.
 * The first and the last bar also hold the outliers, and have an empty end if there are any. `by` is the requested
 * width of a bucket.
 */
export function numberBars(buckets, by) {
  const total = buckets.reduce((sum, bucket) => sum + bucket.count, 0);
  if (!total) return [];
  // The server merges neighbors when there are too many buckets: the actual width is a multiple of the requested one.
  const width = by * Math.max(1, Math.round(Math.min(...buckets.map(bucket => bucket.to - bucket.from)) / by));
  const position = bucket => Math.round(bucket.from / width);
  const bound = index => String(parseFloat((index * width).toPrecision(12)));   // without binary rounding errors
  let seen = 0;
  const middle = buckets.filter(({ count }) => {
    seen += count;
    return seen > total * .01 && seen - count < total * .99;
  });
  const first = position(middle[0]), step = Math.ceil((position(middle.at(-1)) - first + 1) / MAX_BARS);
  const last = Math.floor((position(middle.at(-1)) - first) / step);
  const bars = Array.from({ length: last + 1 }, (_, i) =>
    ({ from: bound(first + i * step), to: bound(first + (i + 1) * step), count: 0 }));
  for (const bucket of buckets) {
    const i = Math.floor((position(bucket) - first) / step);
    bars[Math.min(Math.max(i, 0), last)].count += bucket.count;
  }
  if (position(buckets[0]) < first) bars[0].from = '';
  if (position(buckets.at(-1)) >= first + (last + 1) * step) bars[last].to = '';
  return bars;
}

// The bars of a histogram of dates, at most 24: adjacent calendar periods share a bar when there are more.
function dateBars(periods) {
  const step = Math.ceil(periods.length / MAX_BARS), bars = [];
  for (let i = 0; i < periods.length; i += step) {
    const group = periods.slice(i, i + step), count = group.reduce((sum, period) => sum + period.count, 0);
    bars.push({ from: group[0].from, to: group.at(-1).to, count });
  }
  return bars;
}

/** A date in milliseconds since 1970. A time without a zone is in UTC, as it is on the server. */
export const timestamp = date => Date.parse(/T[\d:.]+$/.test(date) ? `${date}Z` : date);

// --- Ranges
/** The range of a bar, given its data attributes: an empty end is unbounded, an upper end is excluded. */
export const rangeOfBar = ({ from, to }) =>
  (from || to ? { from: from || undefined, to: to || undefined, open: Boolean(to) } : null);

/** The range in the two inputs of a histogram, or null if both are empty. It includes its upper end. */
export function rangeOfInputs(fieldset) {
  const valueOf = end => fieldset.querySelector(`[data-end=${end}]`).value.trim() || undefined;
  const from = valueOf('from'), to = valueOf('to');
  return from || to ? { from, to, open: false } : null;
}

function rangeName(field, { from, to }) {
  const [low, high] = [from, to].map(end => end != null && end !== '' && formatBound(field, end));
  if (low && high) return t('between', low, high);
  return low ? t('atLeast', low) : high ? t('atMost', high) : t('browseAll');
}

// Dates are shown as they are, and years without a thousands separator.
function formatBound(field, bound) {
  if (/^\d{4}-/.test(bound)) return bound;
  return formatNumber(Number(bound), { maximumFractionDigits: 2, useGrouping: !/year/.test(field) });
}

// --- Chips
/** Draws a chip for each clause of the filter; following a chip removes its clause. */
export function renderChips({ request, catalogInfo }) {
  const chips = request.filter.map((clause, i) => {
    const text = clause.raw ?? t('labeled', fieldName(catalogInfo, clause.field), clauseValue(clause));
    const href = addressOf(request, { filter: request.filter.toSpliced(i, 1) });
    return el('a.chip', { href, 'data-go': '', 'aria-label': t('removeFilter', text) }, `${text} ×`);
  });
  replaceContent('chips', ...chips,
    chips.length > 1 && link(addressOf(request, { filter: [] }), t('clearFilters')));
}

const fieldName = (catalogInfo, field) => localize(catalogInfo?.facets?.find(f => f.field === field)?.label, field);
const clauseValue = clause =>
  isRange(clause) ? rangeName(clause.field, clause) : clause.value && valueName(clause.field, clause.value);
