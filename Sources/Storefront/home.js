// The home page: for each type its newest and its best selling goods.
import { el } from './dom.js';
import { languageOf, t } from './i18n.js';
import { get } from './rest.js';
import { emptyPage, shelf } from './goods.js';
import { person } from './session.js';

export async function show(main) {
  const [{ sections }, recent] = await Promise.all([get('/home'), person ? get('/history') : { items: [] }]);
  const filled = sections.filter(({ newest }) => newest.length);
  if (!filled.length) {
    main.replaceChildren(emptyPage('emptyShop', 'emptyShopHint', '/search', 'browseAll'));
    return '';
  }
  main.replaceChildren(
    el('div.hero', null, el('div', null, el('h1.headline', null, t('headline')), el('p', null, t('tagline')),
      el('p.examples', null, filled.map(({ type }) => el('a', { href: `/types/${type.id}`, lang: languageOf(type.name) }, type.name)))),
    el('div.shelf', { lang: 'zh', 'aria-hidden': true },
      [['2', '诗'], ['6', 'Q'], ['1', '書'], ['3', 'A'], ['5', '史']].map(([c, text]) => el(`span.cover.c${c}`, null, text)))),
    recent.items.length ? el('section.shelf-section', { 'aria-labelledby': 'recent' },
      el('div.section-head', null, el('h2', { id: 'recent' }, t('recentlyViewed'))), shelf(recent.items)) : '',
    ...filled.map(renderType));
  return '';
}

// The newest goods of a type, and beside them those that sell best.
const renderType = ({ type, newest, best_selling: best }) => el('section.type-section', { 'aria-labelledby': `type-${type.id}` },
  el('div.section-head', null, el('h2', { id: `type-${type.id}`, lang: languageOf(type.name) }, type.name),
    el('a', { href: `/types/${type.id}`, 'aria-label': t('moreOf', type.name) }, t('more'))),
  el('div.two-shelves', null, group(t('newest'), newest), group(t('bestSelling'), best)));

const group = (title, goods) => el('div', null, el('h3.group-title', null, title), shelf(goods));
