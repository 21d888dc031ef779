// Who is logged in, and the cart: on the server for people with a session, in this browser for others until they log in.
import { $, el } from './dom.js';
import { formatNumber, t } from './i18n.js';
import { csrfToken, Failure, get, post, put, remove } from './rest.js';

const STORAGE_KEY = 'quire.cart', MOVE_KEY = 'quire.moveCart', MAX_COUNT = 99, MAX_LINES = 100;

/** The person with a session: the reply of `GET /me`, or null. */
export let person = null;
let cartCount = 0;

/** Asks who is logged in. A shop without this answer is not usable: other errors than 401 are thrown. */
export async function loadPerson() {
  // The cookie of the token lives as long as that of the session, which scripts cannot see.
  try { person = csrfToken() ? await get('/me') : null; } catch (error) {
    if (error.status !== 401) throw error;
    person = null;
  }
  if (person && readMark() && total(readLocalCart())) {
    // What fails keeps nobody from the page; the lines stay here.
    try { await moveCart(cart => post('/cart/merge', { items: cart })); } catch { /* See above. */ }
  }
  cartCount = person ? (await get('/cart/count')).count : total(readLocalCart());
  return person;
}

/** Draws the links to account and cart in the header. */
export function renderNavigation() {
  const link = $('account-link');
  link.href = person ? '/account' : '/login';
  link.replaceChildren(person ? person.username : t('login'));
  if (person) link.setAttribute('aria-label', t('accountOf', person.username));
  else link.removeAttribute('aria-label');
  setCartCount(cartCount);
}

function setCartCount(count) {
  cartCount = count;
  $('cart-count').textContent = formatNumber(count);
  $('cart-count').hidden = !count;
  $('cart-link').setAttribute('aria-label', t('cartWith', formatNumber(count)));
}

// --- The cart of this browser
// A private window may refuse storage; the cart then lasts until the page is closed.
let memory = {};
function readLocalCart() {
  try { return JSON.parse(localStorage.getItem(STORAGE_KEY)) ?? {}; } catch { return memory; }
}

function writeLocalCart(cart) {
  memory = cart;
  try { localStorage.setItem(STORAGE_KEY, JSON.stringify(cart)); } catch { /* See above. */ }
  setCartCount(total(cart));
}

const total = cart => Object.values(cart).reduce((sum, count) => sum + count, 0);

/**
 * Begins a session at the path of a login. The cart of this browser becomes part of the person's own; lines for which
 * that has no room, or that are no longer sold, stay in this browser. Returns their number.
 */
export const logIn = (username, password, path = '/login') =>
  moveCart(cart => post(path, { username, password, mode: 'cookie', cart }));

// A login by QQ comes back to another page, which takes the cart over then.
export function moveCartLater() {
  try { sessionStorage.setItem(MOVE_KEY, '1'); } catch { /* The cart waits for another login. */ }
}

function readMark() {
  try {
    const mark = sessionStorage.getItem(MOVE_KEY);
    sessionStorage.removeItem(MOVE_KEY);
    return mark;
  } catch { return null; }
}

async function moveCart(send) {
  const cart = Object.entries(readLocalCart()).map(([id, count]) => ({ goods_id: Number(id), count }));
  await send(cart);
  if (!cart.length) return 0;
  const taken = new Set((await get('/cart')).items.map(line => line.goods_id));
  const left = cart.filter(line => !taken.has(line.goods_id));
  writeLocalCart(Object.fromEntries(left.map(line => [line.goods_id, line.count])));
  return left.length;
}

// --- Both carts
/** The cart as `GET /cart` describes it: its lines with prices in fen, and the price of what can be bought. */
export async function readCart() {
  if (person) return get('/cart');
  const lines = Object.entries(readLocalCart());
  const found = new Map();
  for (let start = 0; start < lines.length; start += MAX_LINES) {
    const ids = lines.slice(start, start + MAX_LINES).map(([id]) => id);
    for (const goods of (await get(`/goods?ids=${ids}`)).items) found.set(goods.id, goods);
  }
  const items = lines.map(([key, count]) => {
    const id = Number(key), goods = found.get(id);
    if (!goods) return { goods_id: id, name: t('goneGoods'), image: '', price: 0, count, subtotal: 0, problem: 'off_shelf' };
    const { name, image, price, stock } = goods, problem = stock < count ? 'short_stock' : undefined;
    return { goods_id: id, name, image, price, count, subtotal: price * count, problem };
  });
  return { items, total_price: items.reduce((sum, item) => sum + (item.problem ? 0 : item.subtotal), 0) };
}

/** Adds goods to the cart. */
export async function addToCart(id, count) {
  if (person) {
    await post('/cart/items', { goods_id: id, count });
    return refreshCount();
  }
  const cart = readLocalCart();
  if (!(id in cart) && Object.keys(cart).length >= MAX_LINES) throw new Failure(409, { code: 'cart_full' });
  writeLocalCart({ ...cart, [id]: Math.min((cart[id] ?? 0) + count, MAX_COUNT) });
}

/** Sets the count of a line. */
export async function setCount(id, count) {
  if (!person) return writeLocalCart({ ...readLocalCart(), [id]: count });
  await put(`/cart/items/${id}`, { count });
  return refreshCount();
}

/** Removes a line. */
export async function removeFromCart(id) {
  if (!person) {
    const { [id]: _, ...rest } = readLocalCart();
    return writeLocalCart(rest);
  }
  await remove(`/cart/items/${id}`);
  return refreshCount();
}

async function refreshCount() { setCartCount((await get('/cart/count')).count); }

// --- Messages
let toastTimer = 0;
/** Shows a short message at the bottom of the screen, with an address to go on at. */
export function toast(text, address, label) {
  clearTimeout(toastTimer);
  $('toast').replaceChildren(text, address ? el('a', { href: address }, label) : '');
  $('toast').classList.add('shown');
  toastTimer = setTimeout(() => $('toast').classList.remove('shown'), 5000);
}
