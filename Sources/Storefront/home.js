// The home page: for each type its newest and its best selling goods.
import { el } from './dom.js';
import { t } from './i18n.js';
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
      el('p.examples', null, filled.map(({ type }) => el('a', { href: `/types/${type.id}` }, type.name)))),
    el('div.shelf', { lang: 'zh', 'aria-hidden': true },
      [['2', '诗'], ['6', 'Q'], ['1', '書'], ['3', 'A'], ['5', '史']].map(([c, text]) => el(`span.cover.c${c}`, null, text)))),
    ...recent.items.length ? [section('recent', t('recentlyViewed'), null, recent.items)] : [],
    ...filled.flatMap(renderType));
  return '';
}

function renderType({ type, newest, best_selling: best }) {
  return [section(`new-${type.id}`, type.name, `/types/${type.id}`, newest, t('newest')),
    section(`hot-${type.id}`, '', `/types/${type.id}?sort=hot`, best, t('bestSelling'), type.name)];
}

// The heading of the second shelf of a type repeats its name for readers who jump from heading to heading.
function section(id, title, address, goods, kind, hiddenTitle) {
  const heading = el('h2', { id }, hiddenTitle ? el('span.unseen', null, `${hiddenTitle} `) : title,
    kind ? el('span.kind', null, kind) : '');
  return el('section.shelf-section', { 'aria-labelledby': id },
    el('div.section-head', null, heading, address && el('a', { href: address, 'aria-label': t('moreOf', hiddenTitle ?? title, kind) }, t('more'))),
    shelf(goods));
}
