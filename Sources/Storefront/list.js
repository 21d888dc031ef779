// The goods of one type, by page and order.
import { el } from './dom.js';
import { formatNumber, t } from './i18n.js';
import { get } from './rest.js';
import { emptyPage, pager, shelf } from './goods.js';

const ORDERS = ['default', 'hot', 'new', 'price'];

export async function show(main, { argument, query }) {
  const type = Number(argument), sort = ORDERS.includes(query.get('sort')) ? query.get('sort') : 'default';
  const page = Math.max(1, parseInt(query.get('page'), 10) || 1);
  const [types, list] = await Promise.all([get('/types'),
    get(`/goods?${new URLSearchParams({ type, sort, page, per_page: 24 })}`)]);
  const path = pathTo(type, types), current = path.at(-1);
  const address = change => `/types/${type}?${new URLSearchParams({ sort, ...change })}`;
  const choices = ORDERS.map(order => el('a', { href: address({ sort: order }),
    'aria-current': order === sort ? 'true' : null }, t(`order.${order}`)));
  main.replaceChildren(
    breadcrumbs(path),
    el('div.list-head', null, el('h1', null, current?.name ?? '', el('small', null, t('goodsCount', formatNumber(list.total)))),
      el('nav.orders', { 'aria-label': t('sort') }, choices)),
    current?.children?.length > 0 && el('nav.examples', { 'aria-label': t('subtypes') },
      current.children.map(child => el('a', { href: `/types/${child.id}` }, child.name))) || '',
    list.items.length ? shelf(list.items) : emptyPage('emptyList', 'emptyListHint', '/', 'backHome'),
    pager({ page, pages: list.pages, numbers: list.window, address: n => address({ page: n }) }) ?? '');
  return current?.name;
}

/** The types from the top down to one, given their tree; none if it is not there. */
export function pathTo(id, types) {
  for (const type of types) {
    if (type.id === id) return [type];
    const below = pathTo(id, type.children ?? []);
    if (below.length) return [type, ...below];
  }
  return [];
}

/** The way from the home page to a type. */
export const breadcrumbs = types => el('nav.crumbs', { 'aria-label': t('breadcrumbs') },
  el('ol', null, el('li', null, el('a', { href: '/' }, t('home'))),
    types.map(type => el('li', null, el('a', { href: `/types/${type.id}` }, type.name)))));
