// What narrows a search: the filter of the address, and the facets and chips that are drawn of it. app.js loads after this
// and has the state, the words and the building blocks.
'use strict';

const FACET_ROWS = 8;   // values of a facet shown before "show more"
const MOST_BARS = 24;   // of a histogram
const opened = new Set();   // facets showing all their values

// --- The filter of the address
// A filter as clauses: {field, value} for field:=`value`, one for each value of a list; {field, from, to, open} for
// field:from..to, where an open range has not its end. Anything this page would not have written itself stays whole as one
// {raw} clause, so that a deep link still means what it says.
const VALUE = '`(?:[^`\\\\]|\\\\.)*`|[^\\s`&|,()[\\]]+';
const TIME = 'T\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d+)?)?(?:Z|[+-]\\d\\d:\\d\\d)?';
const NUMBER = `(?:\\d{4}-\\d\\d(?:-\\d\\d(?:${TIME})?)?|-?\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?)(?![\\d-])`;
const CLAUSE = new RegExp(`^([\\p{L}\\p{N}_.-]+):(?:=\\s*(?:\\[((?:\\s*(?:${VALUE})\\s*(?:,|(?=\\])))+)\\]|(${VALUE}))`
  + `|\\s*(${NUMBER})?\\.\\.(<?)(${NUMBER})?)$`, 'u');

// What && stands between, outside of quotes and parentheses; the whole in parentheses where || does.
function partsOf(text) {
  const parts = [''];
  let depth = 0;
  for (const [token] of text.matchAll(/`(?:[^`\\]|\\.)*`|&&|\|\||[^]/gu)) {
    if ('(['.includes(token)) depth++;
    if (')]'.includes(token)) depth--;
    if (token === '||' && !depth) return [`(${text.trim()})`];
    if (token === '&&' && !depth) parts.push(''); else parts[parts.length - 1] += token;
  }
  return parts.map(part => part.trim()).filter(Boolean);
}

function readFilter(text) {
  const clauses = [];
  for (const part of partsOf(text)) {
    const [, field, list, value, from, open, to] = CLAUSE.exec(part) ?? [];
    // A field that is named twice narrows twice, which a list does not.
    if (!field || clauses.some(c => c.field === field) || (list ?? value ?? from ?? to) === undefined) {
      clauses.push({ raw: part });
    } else if (list ?? value) {
      const values = (list ?? value).match(new RegExp(VALUE, 'gu'));
      clauses.push(...values.map(v => ({ field, value: v[0] === '`' ? v.slice(1, -1).replace(/\\(.)/g, '$1') : v })));
    } else {
      clauses.push({ field, from, to, open: open === '<' });
    }
  }
  return clauses;
}

// Of the values of a field any will do; each field narrows the result.
function writeFilter(clauses) {
  const quoted = value => `\`${value.replace(/[`\\]/g, '\\$&')}\``;
  const fields = [...new Set(clauses.filter(c => c.value != null).map(c => c.field))].map(field => {
    const values = [...new Set(clauses.filter(c => c.field === field).map(c => quoted(c.value)))];
    return `${field}:=${values.length > 1 ? `[${values.join(', ')}]` : values[0]}`;
  });
  const ranges = clauses.filter(isRange).map(c => `${c.field}:${c.from ?? ''}..${c.open ? '<' : ''}${c.to ?? ''}`);
  return [...fields, ...ranges, ...clauses.flatMap(c => c.raw ?? [])].join(' && ');
}

const isRange = clause => !clause.raw && clause.value == null;
const rangeIn = field => state.filter.find(c => isRange(c) && c.field === field);
// The state's filter with another range of a field; without one if there is none.
const withRange = (field, range) => [...state.filter.filter(c => !(isRange(c) && c.field === field)), ...(range ? [{ field, ...range }] : [])];

// What a bar of a histogram stands for; its ends are open where they are empty.
const rangeOf = ({ from, to }) => (from || to ? { from: from || undefined, to: to || undefined, open: Boolean(to) } : null);
function typedRange(fieldset) {
  const [from, to] = ['from', 'to'].map(end => fieldset.querySelector(`[data-end=${end}]`).value.trim() || undefined);
  return from || to ? { from, to, open: false } : null;
}

// A date in milliseconds; one with a time and no zone is that of the catalogue, which counts in UTC.
const moment = date => Date.parse(/T[\d:.]+$/.test(date) ? `${date}Z` : date);

// Years are not written with a comma among the thousands; dates stay as they are.
const plainNumber = (field, n) => /^\d{4}-/.test(n) ? n : number(Number(n), { maximumFractionDigits: 2, useGrouping: !/year/.test(field) });
function rangeName(field, { from, to }) {
  const [a, b] = [from, to].map(end => end != null && end !== '' && plainNumber(field, end));
  return a && b ? t('between', a, b) : a ? t('atLeast', a) : b ? t('atMost', b) : t('all');
}

// --- Facets
function drawFacet(wanted) {
  const facet = answer.facets?.find(f => f.field === wanted.field);
  return wanted.by ? drawBars(wanted, facet) : drawValues(wanted, facet);
}

function drawValues({ field, label }, facet) {
  const rows = (facet?.values ?? []).map(v => ({ value: String(v.value), count: v.count }));
  const picked = state.filter.filter(c => c.field === field && c.value != null).map(c => c.value);
  // What was chosen stays in sight even when the answer no longer lists it, so that it can be taken back.
  rows.unshift(...picked.filter(value => !rows.some(r => r.value === value)).map(value => ({ value, count: 0 })));
  if (!rows.length) return null;
  const all = opened.has(field) || rows.length <= FACET_ROWS;
  const shown = rows.filter((row, i) => all || i < FACET_ROWS || picked.includes(row.value));
  const texts = (name, n, first) => [first, el('span.name', { lang: langOf(name, locale()) }, name), el('span.number', null, number(n))];
  const data = value => ({ 'data-field': field, 'data-value': value, 'data-key': `${field}=${value}` });
  const choice = ({ value, count: n }) => el('label.choice', null, texts(valueName(field, value), n, el('input',
    { type: 'checkbox', ...data(value), checked: picked.includes(value) ? '' : null })));
  return el('fieldset', null, el('legend', null, local(label, field)), shown.map(choice),
    all && facet?.other > 0 && el('p.choice.other', null, texts(t('other'), facet.other)),
    rows.length > FACET_ROWS && el('button.plain', { type: 'button', 'data-more': field, 'data-key': field, 'aria-expanded': all },
      all ? t('less') : t('more', number(rows.length - shown.length))));
}

// The stretches of a histogram as bars that touch: a few of them, so that those at the ends may hold all that lies far out.
function barsOf(stretches, by) {
  const total = stretches.reduce((sum, s) => sum + s.count, 0);
  if (!total) return [];
  // Where there were too many, the answer has joined neighbours.
  by *= Math.max(1, Math.round(Math.min(...stretches.map(s => s.to - s.from)) / by));
  const place = stretch => Math.round(stretch.from / by), exact = n => String(parseFloat((n * by).toPrecision(12)));
  let seen = 0;
  const middle = stretches.filter(s => { seen += s.count; return seen > total * .01 && seen - s.count < total * .99; });
  const first = place(middle[0]), step = Math.ceil((place(middle.at(-1)) - first + 1) / MOST_BARS);
  const last = Math.floor((place(middle.at(-1)) - first) / step);
  const bars = Array.from({ length: last + 1 }, (_, i) => ({ from: exact(first + i * step), to: exact(first + (i + 1) * step), count: 0 }));
  for (const s of stretches) bars[Math.min(Math.max(Math.floor((place(s) - first) / step), 0), last)].count += s.count;
  if (place(stretches[0]) < first) bars[0].from = '';
  if (place(stretches.at(-1)) >= first + (last + 1) * step) bars[last].to = '';
  return bars;
}

// Periods of the calendar as bars: neighbours share one when there are many.
function barsOfDates(periods) {
  const step = Math.ceil(periods.length / MOST_BARS), bars = [];
  for (let i = 0; i < periods.length; i += step) {
    const some = periods.slice(i, i + step);
    bars.push({ from: some[0].from, to: some.at(-1).to, count: some.reduce((sum, p) => sum + p.count, 0) });
  }
  return bars;
}

// A facet of numbers or dates: a bar for each stretch, and both ends to type.
function drawBars({ field, label, by }, facet) {
  const isDate = typeof by === 'string', stretches = facet?.histogram ?? [];
  const bars = isDate ? barsOfDates(stretches) : barsOf(stretches, by), picked = rangeIn(field), name = local(label, field);
  if (!bars.length && !picked) return null;
  const most = Math.max(...bars.map(bar => bar.count));
  const place = isDate ? moment : Number, reaches = (low, high) => place(low) <= place(high);
  const isIn = ({ from, to }) => !picked || (picked.from == null || from !== '' && reaches(picked.from, from))
    && (picked.to == null || to !== '' && reaches(to, picked.to));
  const isPicked = bar => picked && (picked.from ?? '') === bar.from && (picked.to ?? '') === bar.to && picked.open === Boolean(bar.to);
  const draw = bar => {
    const text = `${rangeName(field, bar)}: ${count(bar.count)}`, fill = el('span');
    fill.style.height = `${100 * bar.count / most}%`;
    return el(`button.stretch${isIn(bar) ? '' : '.out'}`, { type: 'button', title: text, 'aria-label': text, 'aria-pressed': Boolean(isPicked(bar)),
      'data-bar': field, 'data-from': bar.from, 'data-to': bar.to, 'data-key': `${field}:${bar.from}` }, fill);
  };
  const end = (which, word, placeholder) => el('input', { ...(isDate ? { type: 'text' } : { type: 'number', step: 'any' }), value: picked?.[which], placeholder,
    'aria-label': t(word, name), 'data-field': field, 'data-end': which, 'data-key': `${field}.${which}` });
  return el('fieldset', null, el('legend', null, name), el('div.bars', null, bars.map(draw)),
    el('div.ends', null, end('from', 'least', bars[0]?.from), el('span', null, '–'), end('to', 'most', bars.at(-1)?.to)));
}

// --- Chips
function drawChips() {
  const chips = state.filter.map((clause, i) => {
    const label = local(info?.facets?.find(f => f.field === clause.field)?.label, clause.field);
    const value = isRange(clause) ? rangeName(clause.field, clause) : clause.value && valueName(clause.field, clause.value);
    const text = clause.raw ?? t('named', label, value);
    const href = address({ filter: state.filter.toSpliced(i, 1) });
    return el('a.chip', { href, 'data-go': '', 'aria-label': t('remove', text) }, `${text} ×`);
  });
  fill('chips', ...chips, chips.length > 1 && link(address({ filter: [] }), t('clear')));
}
