// The judged set: the quality of judged queries by both tunings of the comparison, and its chart.
import { newestRequest } from './api.js';
import { $, el } from './dom.js';
import { formatNumber, languageOf, t } from './i18n.js';
import { send } from './tune-compare.js';
import { days, loadReport } from './tune-reports.js';
import { onChange, work } from './tune-session.js';

const BATCH = 100;         // what the server takes at once
const SHOWN_ROWS = 50;
const newest = newestRequest();
let outcome = null;        // `{ rows: [{ query, before, after }], total }`

/**
 * The judged queries of lines of query, document and grade, `[{ query, grades }]`. Throws the number of the first line
 * that is none.
 */
export function parseJudgments(text) {
  const queries = new Map();
  for (const [i, line] of text.split('\n').entries()) {
    if (!line.trim()) continue;
    const [query, document, grade, ...more] = line.split('\t').map(part => part.trim());
    if (!query || !document || !/^[0-3]$/.test(grade ?? '') || more.length) throw i + 1;
    if (!queries.has(query)) queries.set(query, {});
    queries.get(query)[document] = Number(grade);
  }
  return [...queries].map(([query, grades]) => ({ query, grades }));
}

/** Lines of judgments for the rows of the report on clicks: an order is grade 3, a cart 2, a click 1. */
export function judgmentsOf(places) {
  const grades = new Map();
  for (const { query, document, clicks, carts, orders } of places) {
    const line = `${query}\t${document}`, grade = orders ? 3 : carts ? 2 : clicks ? 1 : 0;
    grades.set(line, Math.max(grade, grades.get(line) ?? 0));
  }
  return [...grades].map(([line, grade]) => `${line}\t${grade}`).sort().join('\n');
}

function say(text) {
  outcome = null;
  draw();
  $('judged-summary').textContent = text;
}

async function run() {
  let queries;
  try { queries = parseJudgments($('judgments').value); } catch (line) { return say(t('wrongJudgment', line)); }
  if (!queries.length) return say(t('noJudgments'));
  const signal = newest.next(), rows = [];
  while (rows.length < queries.length) {
    say(t('measuring', rows.length, queries.length));
    const batch = queries.slice(rows.length, rows.length + BATCH);
    const reply = await send('evaluate', signal, `,"queries":${JSON.stringify(batch)}`);
    rows.push(...reply.queries.map(({ query, ndcg10: [before, after] }) => ({ query, before, after })));
    if (!reply.queries.length) break;   // not even one was measured in time
  }
  outcome = { rows, total: queries.length };
  draw();
}

async function fillIn() {
  const { places } = await loadReport('clicks', { days: days(), limit: 1000, signal: newest.next() });
  $('judgments').value = judgmentsOf(places);
  say(places.length ? '' : t('noClicks', days()));
}

// --- Drawing
const decimal = value => formatNumber(value, { minimumFractionDigits: 3, maximumFractionDigits: 3 });

function bar(share) {
  const node = el('i');
  node.style.setProperty('--share', share);
  return node;
}

function draw() {
  $('chart').hidden = !outcome?.rows.length;
  if (!outcome) return;
  const { rows, total } = outcome, mean = name => rows.reduce((sum, row) => sum + row[name], 0) / (rows.length || 1);
  const better = rows.filter(row => row.after > row.before).length, worse = rows.filter(row => row.after < row.before).length;
  $('judged-summary').textContent = [
    t('judgedMeans', formatNumber(rows.length), decimal(mean('before')), decimal(mean('after')), better, worse),
    ...rows.length < total ? [t('unmeasured', formatNumber(total - rows.length))] : [],
  ].join(' ');
  const change = row => Math.abs(row.after - row.before);
  const shown = [...rows].sort((a, b) => change(b) - change(a)).slice(0, SHOWN_ROWS);
  $('chart').replaceChildren(el('table', null,
    el('caption', null, t('chartCaption'), el('span.key', { 'aria-hidden': true }, el('i'), t('before'), el('i'), t('after'))),
    el('thead', null, el('tr', null, el('th', { scope: 'col' }, t('query')), el('td.scale'),
      el('th.number', { scope: 'col' }, t('before')), el('th.number', { scope: 'col' }, t('after')))),
    el('tbody', null, shown.map(({ query, before, after }) => el('tr', null,
      el('td', { lang: languageOf(query) }, query), el('td.scale', { 'aria-hidden': true }, bar(before), bar(after)),
      el('td.number', null, decimal(before)), el('td.number', null, decimal(after)))))));
}

export function forgetOutcome() {
  newest.cancel();
  say('');
}

export function startJudged() {
  onChange(draw);
  $('judged').addEventListener('submit', event => {
    event.preventDefault();
    work(run);
  });
  $('from-clicks').addEventListener('click', () => work(fillIn));
}
