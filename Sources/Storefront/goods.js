// Goods as cards and lines, and what they have in common. Prices are in fen.
import { el } from './dom.js';
import { formatMoney, languageOf, t } from './i18n.js';
import { errorText } from './rest.js';
import { renderCover } from './results.js';
import { addToCart, toast } from './session.js';

export const money = fen => formatMoney(fen / 100, 'CNY');
export const goodsAddress = id => `/goods/${id}`;

/** The cover: a picture if the goods have one, a drawn cover if they do not or it cannot be loaded. */
export function cover({ id, name, image, language }) {
  const drawn = renderCover(id, name, language);
  if (!image) return drawn;
  const picture = el('img.cover-image', { src: image, alt: '', loading: 'lazy' });
  picture.addEventListener('error', () => picture.replaceWith(drawn));
  return picture;
}

/** A card of a shelf. */
export function card(goods) {
  const { id, name, author, price, in_stock: isInStock } = goods;
  return el('li', null, el('article.card', { 'data-goods': id }, cover(goods),
    el('h3', { lang: languageOf(name) }, el('a', { href: goodsAddress(id) }, name)),
    author?.length > 0 && el('p.by', { lang: languageOf(author[0]) }, author.join(t('listSeparator'))),
    el('p.card-foot', null, el('span.price', null, money(price)),
      !isInStock && el('span.badge', null, t('outOfStock')))));
}

export const shelf = goods => el('ul.cards', null, goods.map(card));

/** A button that puts goods into the cart. `count()` is the number to add. */
export function cartButton(id, name, { isPrimary = false, isInStock = true, count = () => 1 } = {}) {
  const attributes = { type: 'button', 'aria-label': t('addNamed', name), disabled: isInStock ? null : '' };
  const button = el(isPrimary ? 'button.primary' : 'button.secondary', attributes, t('addToCart'));
  button.addEventListener('click', async () => {
    button.disabled = true;
    try {
      await addToCart(id, count());
      toast(t('added', name), '/cart', t('toCart'));
    } catch (error) { toast(errorText(error)); }
    button.disabled = false;
  });
  return button;
}

/** A field for a count: an input between two buttons. `changed(count)` is called with a count from 1 to the most. */
export function stepper({ name, count, most, changed }) {
  const input = el('input', { type: 'number', min: 1, max: most, value: count, inputmode: 'numeric', 'aria-label': t('countOf', name) });
  const step = (sign, distance, message) => {
    const button = el('button', { type: 'button', 'aria-label': t(message, name) }, sign);
    button.addEventListener('click', () => set(Number(input.value) + distance));
    return button;
  };
  function set(value) {
    const limited = Math.min(Math.max(Math.trunc(value) || 1, 1), Math.max(most, 1));
    input.value = limited;
    if (limited === count) return;
    count = limited;
    changed(limited);
  }
  input.addEventListener('change', () => set(Number(input.value)));
  return el('div.stepper', { role: 'group', 'aria-label': t('countOf', name) },
    step('−', -1, 'oneLess'), input, step('+', 1, 'oneMore'));
}

/** Links to the pages of a list. `address(page)` is that of a page; `numbers` are those to show. */
export function pager({ page, pages, numbers, address }) {
  if (pages < 2) return null;
  const linkTo = (n, text, label) => el('a', { href: address(n), 'aria-label': label,
    'aria-current': n === page ? 'page' : null }, text);
  return el('nav.pager', { 'aria-label': t('pages') },
    page > 1 && linkTo(page - 1, '‹', t('previous')), numbers.map(n => linkTo(n, String(n))),
    page < pages && linkTo(page + 1, '›', t('next')));
}

/** A message where a page has nothing to show. */
export const emptyPage = (title, hint, address, label) => el('div.message', null, el('h1', null, t(title)),
  el('p', null, t(hint)), el('p.actions', null, el('a', { href: address }, t(label))));
