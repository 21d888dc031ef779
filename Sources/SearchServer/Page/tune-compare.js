// A query beside two tunings: what is in force, a kept revision, or the draft of the editors.
import { newestRequest } from './api.js';
import { $, el, replaceContent } from './dom.js';
import { formatNumber, languageOf, t } from './i18n.js';
import { draftParts, showProblem } from './tune-editor.js';
import { revisionName } from './tune-history.js';
import { call, onChange, pathOf, session, work } from './tune-session.js';
import { queryString } from './url.js';

const PAGE_SIZE = 10;   // as many as the server explains
const newest = newestRequest();
let comparison = null;

// --- Drafts
const draftOf = choice =>
  choice === 'draft' ? { parts: draftParts() } : choice === 'inForce' ? {} : { revision: choice };

const isJSON = text => { try { JSON.parse(text); return true; } catch { return false; } };

const members = ({ revision, parts = {} }) => [
  ...revision ? [`"revision":${revision}`] : [], ...Object.entries(parts).map(([part, text]) => `"${part}":${text}`),
].join();

/**
 * Sends the two chosen drafts, with other members of the body, to `preview` or `evaluate`. Throws a null after a problem
 * that the editors show.
 */
export async function send(route, signal, extra = '') {
  const drafts = [draftOf($('before').value), draftOf($('after').value)];
  const parts = Object.assign({}, ...drafts.map(draft => draft.parts));
  // A text that is no JSON is sent alone, and without a line before it: the server then names the lines of the editor.
  const broken = Object.keys(parts).find(part => !isJSON(parts[part]));
  const body = broken
    ? `{"after":{"${broken}":${parts[broken]}}}`
    : `{"before":{${members(drafts[0])}},"after":{${members(drafts[1])}}${extra}}`;
  try {
    return (await call('POST', pathOf(`tuning/${route}`), { body, signal })).json;
  } catch (error) {
    if (showProblem(error, broken)) throw new DOMException('the editors show the problem', 'AbortError');
    throw error;
  }
}

/** Compares the query by both drafts. */
export function compare() {
  return work(async () => {
    const signal = newest.next(), q = $('query').value.trim();
    history.replaceState(null, '', `?${queryString({ catalog: session.name, q })}`);
    comparison = null;
    draw();
    const parameters = `q=${encodeURIComponent(q)}&per_page=${PAGE_SIZE}&explain=true&prefix=none`;
    const names = [$('before'), $('after')].map(({ selectedOptions: [option] }) => option.textContent);
    comparison = { ...await send(`preview?${parameters}`, signal), names };
    draw();
  });
}

/** Compares two tunings, each `'inForce'`, `'draft'` or the number of a revision. */
export function compareBy(before, after) {
  $('before').value = before;
  $('after').value = after;
  return compare();
}

export function forgetComparison() {
  newest.cancel();
  comparison = null;
}

// --- Drawing
function drawChoices() {
  const [inForce] = session.revisions;
  const choices = [
    ['inForce', inForce ? t('inForceAt', inForce.revision) : t('inForce')], ['draft', t('draft')],
    ...session.revisions.slice(1).map(head => [head.revision, revisionName(head)]),
  ];
  for (const [id, usual] of [['before', 'inForce'], ['after', 'draft']]) {
    const chosen = $(id).value || usual;
    $(id).replaceChildren(...choices.map(([value, name]) => el('option', { value }, name)));
    $(id).value = choices.some(([value]) => String(value) === chosen) ? chosen : usual;
  }
}

function draw() {
  drawChoices();
  $('sides').hidden = !comparison;
  if (!comparison) return void ($('summary').textContent = '');
  const { before, after } = comparison, ids = reply => reply.hits.map(hit => hit.id);
  const places = { before: ids(before), after: ids(after) };
  $('summary').textContent = summary(places);
  $('sides').replaceChildren(...[['before', before], ['after', after]].map(([name, reply], i) =>
    side(name, reply, comparison.names[i], places)));
}

function summary({ before, after }) {
  const added = after.filter(id => !before.includes(id)).length, gone = before.filter(id => !after.includes(id)).length;
  const moved = after.filter((id, place) => before.includes(id) && before.indexOf(id) !== place).length;
  const found = t('foundCounts', formatNumber(comparison.before.found), formatNumber(comparison.after.found));
  const isSame = !added && !gone && !moved;
  return [isSame ? t('sameResults', formatNumber(after.length)) : t('movedResults', moved, added, gone), found].join(' ')
    + (comparison.before.partial || comparison.after.partial ? ` ${t('cutShort')}` : '');
}

function side(name, { hits, applied }, choice, places) {
  const heading = `side-${name}`;
  return el('div', null,
    el('h3', { id: heading }, t('labeled', t(name), choice)),
    applied?.rules?.length > 0 && el('p.note', null, t('rulesApplied', applied.rules.join(t('listSeparator')))),
    hits.length ? el('ol', { 'aria-labelledby': heading, 'data-side': name },
      hits.map((hit, place) => row(hit, place, mark(name, hit.id, place, places)))) : el('p.note', null, t('noHits')));
}

function row({ id, document: source, pinned, reason }, place, mark) {
  const value = source[session.catalog.display?.title], title = String([value].flat()[0] ?? id);
  const why = pinned ? el('span.why', null, t('pinnedHere')) : reason && el('span.why', { lang: 'en' }, reason);
  return el(mark ? 'li.moved' : 'li', { 'data-id': id },
    el('span.place', null, String(place + 1)),
    el('span', { lang: languageOf(title, source.language) }, title), mark, why);
}

// What became of a hit: in the list before, that it is gone; in the list after, where it came from.
function mark(name, id, place, { before, after }) {
  if (name === 'before') return !after.includes(id) && el('span.move.gone', null, `✕ ${t('isGone')}`);
  const steps = before.indexOf(id) - place;
  if (!before.includes(id)) return el('span.move.new', null, `＋ ${t('isNew')}`);
  if (steps > 0) return el('span.move.up', null, `▲ ${t('movedUp', steps)}`);
  return steps < 0 && el('span.move.down', null, `▼ ${t('movedDown', -steps)}`);
}

export function startCompare() {
  onChange(draw);
  $('query').value = new URLSearchParams(location.search).get('q') ?? '';
  $('compare').addEventListener('submit', event => {
    event.preventDefault();
    compare();
  });
}
