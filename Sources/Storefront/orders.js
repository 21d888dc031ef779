// The orders of a person, three to a page.
import { el } from './dom.js';
import { locale, t } from './i18n.js';
import { get } from './rest.js';
import { emptyPage, money, pager } from './goods.js';

export const dateText = ms => new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'short' }).format(ms);
export const statusText = status => t(`status.${status}`);

export async function show(main, { query }) {
  const page = Math.max(1, parseInt(query.get('page'), 10) || 1);
  const { items, pages } = await get(`/orders?page=${page}`);
  const nearby = [1, page - 1, page, page + 1, pages].filter(n => n >= 1 && n <= pages);
  main.replaceChildren(...items.length ? [
    query.get('placed') === '1' ? el('p.notice', { role: 'status' }, t('orderPlacedBefore')) : '',
    el('h1.page-title', null, t('orders')),
    el('ul.orders-list', null, items.map(renderOrder)),
    pager({ page, pages, numbers: [...new Set(nearby)], address: n => `/orders?page=${n}` }) ?? '',
  ] : [emptyPage('noOrders', 'noOrdersHint', '/search', 'browseAll')]);
  return t('orders');
}

function renderOrder({ order_id: id, status, created_at: created, items, total_price: total, transit_price: transit }) {
  return el('li.panel', { 'data-order': id },
    el('div.list-head', null, el('h2', null, el('a', { href: `/orders/${id}` }, t('orderNumber', id))),
      el('span.badge.good', null, statusText(status))),
    el('p.hint', null, dateText(created)),
    el('ul.order-names', null, items.map(({ name, count }) => el('li', null, t('nameTimes', name, String(count))))),
    el('p.sum', null, el('span', null, t('table.total')), el('strong.price', null, money(total + transit))));
}
