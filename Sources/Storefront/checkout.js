// The checkout: address, way of payment, and the order as the shop would take it now.
import { el } from './dom.js';
import { languageOf, t } from './i18n.js';
import { errorText, get, post } from './rest.js';
import { addressForm, addressLines } from './addresses.js';
import { emptyPage, money } from './goods.js';
import { readCart } from './session.js';

const STORAGE_KEY = 'quire.order';

/**
 * The key of an order of some goods: a second click, a repetition after a lost connection, and this page when it is
 * opened again are the same order, until the shop has answered.
 */
function orderKey(items) {
  const goods = JSON.stringify(items);
  try {
    const kept = JSON.parse(sessionStorage.getItem(STORAGE_KEY));
    if (kept?.goods === goods) return kept.key;
  } catch { /* A private window may refuse storage; the key then lasts as long as the page. */ }
  // Not randomUUID, which pages without TLS do not have.
  const key = Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('');
  try { sessionStorage.setItem(STORAGE_KEY, JSON.stringify({ goods, key })); } catch { /* See above. */ }
  return key;
}

function forgetKey() {
  try { sessionStorage.removeItem(STORAGE_KEY); } catch { /* See above. */ }
}

export async function show(main) {
  const [cart, addresses] = await Promise.all([readCart(), get('/addresses')]);
  const items = cart.items.filter(item => !item.problem).map(({ goods_id: id, count }) => ({ goods_id: id, count }));
  if (!items.length) {
    main.replaceChildren(emptyPage('emptyCart', 'emptyCartHint', '/search', 'browseAll'));
    return t('checkout');
  }
  const preview = await post('/orders/preview', { items });
  if (addresses.items.length) drawOrder(main, { items, addresses: addresses.items, preview });
  else drawFirstAddress(main);
  return t('checkout');
}

function drawFirstAddress(main) {
  main.replaceChildren(el('h1.page-title', null, t('checkout')),
    el('section.panel', { 'aria-labelledby': 'first-address' }, el('h2', { id: 'first-address' }, t('firstAddress')),
      addressForm(null, () => show(main))));
}

function drawOrder(main, { items, addresses, preview }) {
  const key = orderKey(items), methods = preview.pay_methods;
  const alert = el('p.form-error', { role: 'alert', tabindex: -1 });
  alert.hidden = true;
  const button = el('button.primary', { type: 'submit' }, t('placeOrder', money(preview.total)));
  const form = el('form.checkout', { novalidate: '' }, alert,
    el('fieldset.panel', null, el('legend', null, t('shipTo')), addresses.map(address => renderChoice('address_id', address.id,
      address.is_default, addressLines(address))), el('p', null, el('a', { href: '/account#addresses' }, t('editAddresses')))),
    el('fieldset.panel', null, el('legend', null, t('payBy')), methods.map(method => renderChoice('pay_method', method,
      method === methods[0], [t(`pay.${method}`), t(`pay.${method}.hint`)]))),
    el('section.panel', { 'aria-labelledby': 'order-goods' }, el('h2', { id: 'order-goods' }, t('orderGoods')),
      orderTable(preview)),
    el('p.actions', null, button));
  form.addEventListener('submit', async event => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    const data = new FormData(form);
    try {
      const order = await post('/orders', {
        address_id: Number(data.get('address_id')), pay_method: Number(data.get('pay_method')), items,
        expected_total: preview.total,
      }, { 'Idempotency-Key': key });
      forgetKey();
      return location.assign(`/orders/${order.order_id}?new=1`);
    } catch (error) {
      // An order of this key is there: its answer was lost.
      if (error.code === 'key_reused') {
        forgetKey();
        return location.assign('/orders?placed=1');
      }
      alert.textContent = errorText(error);
      alert.hidden = false;
      alert.focus();
    }
    button.disabled = false;
  });
  main.replaceChildren(el('h1.page-title', null, t('checkout')), form);
}

function renderChoice(name, value, isChecked, [title, ...lines]) {
  const input = el('input', { type: 'radio', name, value, checked: isChecked ? '' : null });
  return el('label.option-row', null, input, el('span', null, el('strong', null, title), lines.map(line => el('span.hint', null, line))));
}

/** The goods of an order with its sums. */
export const orderTable = ({ items, total_price: total, transit_price: transit }) => el('table.order-table', null,
  el('thead', null, el('tr', null, ['table.goods', 'table.price', 'table.count', 'table.sum'].map(key => el('th', { scope: 'col' }, t(key))))),
  el('tbody', null, items.map(({ name, price, count }) => el('tr', null, el('th', { scope: 'row', lang: languageOf(name) }, name),
    el('td', null, money(price)), el('td', null, String(count)), el('td', null, money(price * count))))),
  el('tfoot', null, [['table.transit', transit], ['table.total', total + transit]].map(([key, fen]) =>
    el('tr', null, el('th', { scope: 'row', colspan: 3 }, t(key)), el('td', null, money(fen))))));
