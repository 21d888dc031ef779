// Quire's page of tuning: a query beside two tunings, editors, revisions, reports and judged queries.
import { newestRequest } from './api.js';
import { $, el } from './dom.js';
import { localizeDocument, setLanguage, t } from './i18n.js';
import { compare, compareBy, forgetComparison, startCompare } from './tune-compare.js';
import { draftParts, forgetParts, loadParts, startEditor } from './tune-editor.js';
import { startHistory } from './tune-history.js';
import { forgetOutcome, startJudged } from './tune-judged.js';
import './tune-messages.js';
import { forgetReport, startReports } from './tune-reports.js';
import { call, changed, loadRevisions, onChange, pathOf, session, setKey, work } from './tune-session.js';

// --- Key and catalog
const newest = newestRequest();

function draw() {
  localizeDocument();
  document.title = `${t('tuning')} – Quire`;
}

function showWork(isSignedIn) {
  $('sign-in').hidden = isSignedIn;
  $('work').hidden = $('catalogs').hidden = $('sign-out').hidden = !isSignedIn;
  document.body.classList.add('ready');
}

async function openCatalogs() {
  const { catalogs } = (await call('GET', '/v1')).json, names = catalogs.map(({ name }) => name);
  const wanted = new URLSearchParams(location.search).get('catalog');
  $('catalog').replaceChildren(...names.map(name => el('option', { value: name }, name)));
  const ready = catalogs.find(({ state }) => state === 'ready') ?? catalogs[0];
  $('catalog').value = names.includes(wanted) ? wanted : ready?.name;
  if (!names.length) throw { body: { detail: t('noCatalog'), hint: t('noCatalogHint') } };
  try { await openCatalog(); } catch (error) {
    showWork(error.status !== 401);   // another catalog may be well
    throw error;
  }
  showWork(true);
  if ($('query').value) await compare();
}

async function openCatalog() {
  const signal = newest.next();
  session.name = $('catalog').value;
  forgetParts();
  forgetComparison();
  forgetReport();
  forgetOutcome();
  await loadRevisions(signal);   // the first that needs the key
  session.catalog = (await call('GET', pathOf(''), { signal })).json;
  await loadParts({ signal });
  changed();
}

function signOut() {
  setKey('');
  showWork(false);
  $('key').focus();
}

$('sign-in').addEventListener('submit', event => {
  event.preventDefault();
  setKey($('key').value.trim());
  $('key').value = '';
  work(openCatalogs);
});
$('sign-out').addEventListener('click', signOut);
addEventListener('signedout', signOut);
$('catalog').addEventListener('change', () => {
  const isKept = Object.keys(draftParts()).length > 0 && !confirm(t('leaveEdits'));
  if (isKept) $('catalog').value = session.name; else work(openCatalog);
});
addEventListener('beforeunload', event => { if (Object.keys(draftParts()).length) event.preventDefault(); });

// --- Start
for (const button of document.querySelectorAll('[data-lang]')) {
  button.addEventListener('click', () => {
    setLanguage(button.dataset.lang);
    changed();
  });
}
async function show(comparison) {
  await comparison;
  if (!$('sides').hidden) $('summary').scrollIntoView({ block: 'nearest' });
}

onChange(draw);
startCompare();
startEditor({
  preview: () => show(compareBy('inForce', 'draft')),
  applied: () => compareBy(session.revisions[1]?.revision ?? 'inForce', 'inForce'),
});
startHistory({ compareBy: (before, after) => show(compareBy(before, after)), reload: () => loadParts() });
startReports(query => {
  $('query').value = query;
  show(compare());
});
startJudged();
changed();
if (session.key) work(openCatalogs); else showWork(false);
