// One order: its state, its goods, where it goes, and what can be done.
import { el } from './dom.js';
import { t } from './i18n.js';
import { errorText, get, post } from './rest.js';
import { addressLines } from './addresses.js';
import { orderTable } from './checkout.js';
import { dateText, statusText } from './orders.js';
import { toast } from './session.js';

const UNPAID = 1, PAID = 2, SHIPPED = 3, CASH_ON_DELIVERY = 1, ALIPAY = 3;

export async function show(main, { argument, query }) {
  const path = `/orders/${encodeURIComponent(argument)}`;
  let order = await get(path);
  const isPayable = () => order.status === UNPAID && order.pay_method === ALIPAY;
  // The shop asks Alipay, whose notice may come after the buyer.
  if (isPayable() && (await get(`${path}/pay`)).status !== UNPAID) order = await get(path);
  const isNew = query?.get('new') === '1';
  const canCancel = order.status === UNPAID || (order.status === PAID && order.pay_method === CASH_ON_DELIVERY);
  async function act(action) {
    try { await post(`${path}/${action}`); } catch (error) { toast(errorText(error)); }
    await show(main, { argument });
    main.focus();
  }
  async function pay() {
    try { location.assign((await post(`${path}/pay`)).pay_url); } catch (error) {
      toast(errorText(error));
      await show(main, { argument });
    }
  }
  const button = (style, key, run) => {
    const node = el(`button.${style}`, { type: 'button' }, t(key));
    node.addEventListener('click', run);
    return node;
  };
  main.replaceChildren(
    isNew ? el('p.notice', { role: 'status' }, t('orderPlaced')) : '',
    el('h1.page-title', null, t('orderNumber', order.order_id)),
    el('section.panel', { 'aria-labelledby': 'state' },
      el('h2', { id: 'state' }, el('span.badge.good', null, statusText(order.status))),
      order.expires_at ? el('p', null, t('payBefore', dateText(order.expires_at))) : '',
      el('ol.history', null, (order.events ?? []).map(event =>
        el('li', null, el('time', null, dateText(event.at)), ' ', statusText(event.to),
          event.to === SHIPPED && event.note ? ` · ${event.note}` : ''))),
      el('p.row-actions', null,
        order.status === SHIPPED && button('primary', 'receive', () => act('receive')),
        isPayable() && button('primary', 'payNow', pay),
        canCancel && button('secondary', 'cancelOrder', () => act('cancel')),
        el('a', { href: '/orders' }, t('allOrders')))),
    el('section.panel', { 'aria-labelledby': 'goods' }, el('h2', { id: 'goods' }, t('orderGoods')), orderTable(order)),
    el('section.panel', { 'aria-labelledby': 'ship' }, el('h2', { id: 'ship' }, t('shipTo')),
      addressLines(order.address).map(line => el('p', null, line)), el('p.hint', null, t(`pay.${order.pay_method}`))));
  return t('orderNumber', order.order_id);
}
