// The cart: what would be ordered, and what stands in the way.
import { el } from './dom.js';
import { formatNumber, languageOf, t } from './i18n.js';
import { errorText } from './rest.js';
import { cover, emptyPage, goodsAddress, money, stepper } from './goods.js';
import { readCart, removeFromCart, setCount, toast } from './session.js';

export async function show(main) {
  await draw(main);
  return t('cart');
}

async function draw(main) {
  const cart = await readCart();
  if (!cart.items.length) return main.replaceChildren(emptyPage('emptyCart', 'emptyCartHint', '/search', 'browseAll'));
  const canOrder = cart.items.some(item => !item.problem);
  main.replaceChildren(
    el('h1.page-title', null, t('cart')),
    el('ul.lines', null, cart.items.map(item => renderLine(item, main))),
    el('div.summary', null,
      el('p.sum', null, el('span', null, t('subtotalOf', formatNumber(countOf(cart.items)))), el('strong.price', { id: 'cart-total' }, money(cart.total_price))),
      el('p.hint', null, t('transitLater')),
      el('p.actions', null, canOrder && el('a', { href: '/checkout' }, t('checkout')), el('a', { href: '/search' }, t('keepShopping')))));
}

const countOf = items => items.reduce((sum, item) => sum + item.count, 0);

function renderLine({ goods_id: id, name, image, price, count, subtotal, problem }, main) {
  const isSold = problem !== 'off_shelf';
  const removal = el('button.plain', { type: 'button', 'aria-label': t('removeNamed', name), 'data-remove-line': id }, t('remove'));
  removal.addEventListener('click', () => change(main, () => removeFromCart(id)));
  return el('li.line', { 'data-goods': id, 'data-problem': problem },
    cover({ id, name, image }),
    el('div.line-text', null,
      el('h2', { lang: languageOf(name) }, isSold ? el('a', { href: goodsAddress(id) }, name) : name),
      isSold && el('p.line-price', null, money(price)),
      problem && el('p.field-error', null, t(`line.${problem}`))),
    el('div.line-side', null,
      isSold && stepper({ name, count, most: 99, changed: n => change(main, () => setCount(id, n)) }),
      isSold && el('p.price', null, money(subtotal)), removal));
}

// The page shows a change only once the shop has made it: prices and stock come with the answer.
async function change(main, action) {
  main.setAttribute('aria-busy', true);
  try { await action(); } catch (error) { toast(errorText(error)); }
  const key = document.activeElement?.closest('[data-goods]')?.dataset.goods;
  try { await draw(main); } catch (error) { toast(errorText(error)); }
  main.setAttribute('aria-busy', false);
  const line = key && main.querySelector(`[data-goods="${key}"] input`);
  (line || main).focus({ preventScroll: true });
}
