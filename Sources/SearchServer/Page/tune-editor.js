// The editors of the parts of a tuning: texts that are checked, previewed, and put in force.
import { $, el, replaceContent } from './dom.js';
import { t } from './i18n.js';
import { lineOfProblem } from './tune-places.js';
import { call, changed, loadRevisions, onChange, pathOf, session, work } from './tune-session.js';

const PARTS = ['synonyms', 'rules', 'profile'];

// `saved` is what is in force, as it was loaded, and `texts` what the editors have. `base` is the revision of both.
let shown = PARTS[0], base = 0, saved = {}, texts = {}, problem = null;

const isEdited = part => part in saved && texts[part] !== saved[part];

/** The parts that were edited, with their texts. */
export const draftParts = () =>
  Object.fromEntries(PARTS.filter(isEdited).map(part => [part, texts[part]]));

function textOf(part, value) {
  if (part === 'synonyms') return value.length ? `[\n${value.map(item => `  ${JSON.stringify(item)}`).join(',\n')}\n]` : '[]';
  const { synonyms, ...members } = value;   // of the profile: they are edited on their own
  return JSON.stringify(part === 'profile' ? members : value, null, 2);
}

/** Forgets the texts, which belong to a catalog that is left. */
export function forgetParts() {
  [saved, texts, problem] = [{}, {}, null];
  show(shown);
}

/** Loads what is in force. Texts that were edited stay. */
export async function loadParts({ signal } = {}) {
  const { name } = session;
  const replies = await Promise.all(PARTS.map(part => call('GET', pathOf(part), { signal })));
  if (signal?.aborted || session.name !== name) return;
  base = Math.min(...replies.map(({ revision }) => revision));
  for (const [i, part] of PARTS.entries()) {
    const text = textOf(part, replies[i].json), wasEdited = isEdited(part);
    saved[part] = text;
    if (!wasEdited) texts[part] = text;
  }
  show(shown);
}

// --- Drawing
function show(part) {
  shown = part;
  $('source').value = texts[part] ?? '';
  $('source').scrollTop = 0;
  $('source-done').textContent = '';
  draw();
}

function draw() {
  $('parts').replaceChildren(...PARTS.map(part => el('button.control',
    { type: 'button', 'data-part': part, 'aria-pressed': part === shown },
    isEdited(part) ? t('edited', t(part)) : t(part))));
  $('part-hint').textContent = t(`${shown}Hint`);
  $('source').setAttribute('aria-label', t(shown));
  $('apply').textContent = t('applyPart', t(shown));
  $('apply').disabled = $('discard').disabled = !isEdited(shown);
  drawProblem();
  drawLines();
}

function drawLines() {
  const wrong = problem?.part === shown ? problem.line : null;
  const count = $('source').value.split('\n').length;
  $('lines').replaceChildren(...Array.from({ length: count }, (_, i) =>
    el(i + 1 === wrong ? 'span.wrong' : 'span', null, String(i + 1))));
  $('lines').scrollTop = $('source').scrollTop;
}

function drawProblem() {
  const isHere = problem?.part === shown;
  $('source').setAttribute('aria-invalid', isHere);
  replaceContent('source-problem', ...isHere ? [
    el('strong', null, problem.line ? t('atLine', problem.line) : t('wrongPart', t(shown))), ` ${problem.detail}`,
    problem.hint && el('p.hint', null, problem.hint)] : []);
}

// --- Problems
/** Shows a problem of a part that was edited, at its line. Returns false for an error that is about something else. */
export function showProblem({ body }, brokenPart) {
  const part = brokenPart ?? PARTS.find(part => body?.code === `bad_${part}`);
  if (!part || !isEdited(part)) return false;
  problem = { part, detail: body.detail, hint: body.hint, line: lineOfProblem(texts[part], body.detail) };
  show(part);
  if (problem.line) select(problem.line);
  return true;
}

function select(line) {
  const source = $('source'), lines = source.value.split('\n');
  const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  source.focus();
  source.setSelectionRange(start, start + (lines[line - 1] ?? '').length);
  source.scrollTop = (line - 4) * source.scrollHeight / lines.length;
}

// --- Changes
async function apply(applied) {
  const part = shown, text = texts[part];
  problem = null;
  draw();
  try {
    const { json } = await call('PUT', pathOf(part), { body: text, ifMatch: base });
    saved[part] = text;   // what is typed meanwhile is an edit of it
    await Promise.all([loadParts(), loadRevisions()]);
    changed();
    $('source-done').textContent = t('applied', json.revision);
    applied();
  } catch (error) {
    if (error.status === 412) return takeNewer(part);
    if (!showProblem(error, part)) throw error;
  }
}

// Somebody else was first: what is in force is loaded, and the edited text stays.
async function takeNewer(part) {
  await Promise.all([loadParts(), loadRevisions()]);
  const [{ revision, who }] = session.revisions;
  problem = { part, detail: t('outdated', revision, who), line: null };
  changed();
}

/** Starts the editors; `preview()` compares what is in force with the draft, `applied()` what was before with what is now. */
export function startEditor({ preview, applied }) {
  const source = $('source');
  onChange(draw);
  source.addEventListener('input', () => {
    const wasEdited = isEdited(shown);
    texts[shown] = source.value;
    $('source-done').textContent = '';
    if (problem?.part === shown) problem = null;
    if (wasEdited !== isEdited(shown)) changed(); else { drawProblem(); drawLines(); }
  });
  source.addEventListener('scroll', () => { $('lines').scrollTop = source.scrollTop; });
  $('parts').addEventListener('click', event => {
    const part = event.target.dataset.part;
    if (!part) return;
    show(part);
    $('parts').querySelector(`[data-part=${part}]`).focus();
  });
  $('apply').addEventListener('click', () => work(() => apply(applied)));
  $('discard').addEventListener('click', () => {
    texts[shown] = saved[shown];
    if (problem?.part === shown) problem = null;
    show(shown);
    changed();
  });
  $('preview').addEventListener('click', () => {
    if (Object.keys(draftParts()).length) return preview();
    $('source-done').textContent = t('unchanged');
  });
}
