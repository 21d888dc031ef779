// The reports on what is searched and what follows. A query leads to its comparison.
import { newestRequest } from './api.js';
import { $, el } from './dom.js';
import { formatNumber, t } from './i18n.js';
import { call, onChange, pathOf, work } from './tune-session.js';

const COLUMNS = {
  top: ['query', 'searches', 'found', 'clients', 'click_through'],
  'no-results': ['query', 'searches', 'no_results', 'clients'],
  'few-results': ['query', 'searches', 'found', 'click_through'],
  slow: ['query', 'searches', 'p50_ms', 'p99_ms'],
  clicks: ['query', 'document', 'position', 'clicks', 'carts', 'orders'],
};
const newest = newestRequest();
let report = null;

const rowsOf = ({ queries, places }) => queries ?? places;

/** One of the reports. */
export const loadReport = async (kind, { days, limit, signal }) =>
  (await call('GET', pathOf(`reports/${kind}?days=${days}&limit=${limit}`), { signal })).json;

export const days = () => Math.max(1, Math.round(Number($('days').value)) || 7);

function cell(column, value) {
  if (column === 'query') return el('td', null, el('button.plain', { type: 'button', 'data-query': value }, value));
  if (typeof value !== 'number') return el('td', null, value ?? '–');
  const options = column === 'click_through' ? { style: 'percent' } : { maximumFractionDigits: 1 };
  return el('td.number', null, formatNumber(value, options));
}

function draw() {
  const chosen = $('report').value || 'top';
  $('report').replaceChildren(...Object.keys(COLUMNS).map(kind => el('option', { value: kind }, t(`report.${kind}`))));
  $('report').value = chosen;
  $('report-rows').hidden = !report;
  if (!report) return;
  const { report: kind, from, to, totals } = report, columns = COLUMNS[kind], rows = rowsOf(report);
  const isText = column => column === 'query' || column === 'document';
  $('report-rows').replaceChildren(rows.length ? el('table', null,
    el('caption', null, `${t(`report.${kind}`)}. ${t('reportPeriod', from, to, formatNumber(totals.searches))}`),
    el('thead', null, el('tr', null, columns.map(column =>
      el(isText(column) ? 'th' : 'th.number', { scope: 'col' }, t(`column.${column}`))))),
    el('tbody', null, rows.map(row => el('tr', null, columns.map(column => cell(column, row[column])))))
  ) : el('p.note', null, `${t('noRows')} ${t('reportPeriod', from, to, formatNumber(totals.searches))}`));
}

export function forgetReport() {
  newest.cancel();
  report = null;
}

/** Starts the reports; `compareQuery(q)` compares a query of a row. */
export function startReports(compareQuery) {
  onChange(draw);
  $('report-form').addEventListener('submit', event => {
    event.preventDefault();
    work(async () => {
      forgetReport();
      draw();
      report = await loadReport($('report').value, { days: days(), limit: 50, signal: newest.next() });
      draw();
    });
  });
  $('report-rows').addEventListener('click', event => {
    const { query } = event.target.dataset;
    if (query !== undefined) compareQuery(query);
  });
}
