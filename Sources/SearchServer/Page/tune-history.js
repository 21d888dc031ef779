// The kept revisions: who changed what and when, and the way back.
import { $, el } from './dom.js';
import { locale, t } from './i18n.js';
import { call, changed, loadRevisions, onChange, pathOf, session, work } from './tune-session.js';

function changeName(change) {
  const [kind, number] = change.split(' ');
  return ['synonyms', 'rules', 'profile', 'restore', 'swap'].includes(kind) ? t(`change.${kind}`, number) : change;
}

/** The name of a revision, e.g. “Revision 7: synonyms”. */
export const revisionName = ({ revision, change }) => t('revisionChange', revision, changeName(change));

const timeName = time =>
  new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(time));

function row(head, isNewest) {
  const { revision, who, time } = head, button = (action, text, label) =>
    el('button.control', { type: 'button', 'data-action': action, 'data-revision': revision, 'aria-label': label }, text);
  return el('li', null,
    el('span', null, revisionName(head), isNewest && ` (${t('newestRevision')})`,
      el('small', null, t('byAt', who, timeName(time)))),
    !isNewest && button('compare', t('compare'), t('compareRevision', revision)),
    !isNewest && button('restore', t('restore'), t('restoreRevision', revision)));
}

function draw() {
  const rows = session.revisions.map((head, i) => row(head, i === 0));
  $('revisions').replaceChildren(...rows.length ? rows : [el('li', null, t('noRevisions'))]);
}

async function restore(number, reload) {
  $('restored').textContent = '';
  const { json } = await call('POST', pathOf(`tuning/revisions/${number}/restore`),
    { ifMatch: session.revisions[0].revision }).catch(async error => {
    if (error.status === 412) await loadRevisions().then(changed);
    throw error;
  });
  await Promise.all([reload(), loadRevisions()]);
  changed();
  $('restored').textContent = t('restored', number, json.revision);
}

/** Starts the list; `compareBy(before, after)` compares two revisions, `reload()` loads what is in force anew. */
export function startHistory({ compareBy, reload }) {
  onChange(draw);
  $('revisions').addEventListener('click', event => {
    const { action, revision } = event.target.dataset;
    if (action === 'restore') work(() => restore(revision, reload));
    if (action === 'compare') compareBy(revision, 'inForce');
  });
}
