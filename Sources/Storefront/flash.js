// Flash sales: a countdown by the server's clock, the claim of a unit, and what becomes of its ticket.
import { el } from './dom.js';
import { languageOf, t } from './i18n.js';
import { errorText, get, post } from './rest.js';
import { addressForm } from './addresses.js';
import { cover, emptyPage, goodsAddress, money } from './goods.js';
import { person } from './session.js';

const KEY = 'quire.tickets';
let clock = 0;

export async function show(main) {
  clearInterval(clock);
  const [{ now, sold_out: soldOut, items }, addresses] = await Promise.all([get('/flash'), person ? get('/addresses') : null]);
  const ahead = now - Date.now(), needsAddress = Boolean(addresses && !addresses.items.length);
  const lots = items.filter(sale => sale.end_at > now).map(sale => makeSale(sale, { isSoldOut: soldOut.includes(sale.id), needsAddress }));
  if (!lots.length) {
    main.replaceChildren(emptyPage('noFlash', 'noFlashHint', '/', 'backHome'));
    return t('flash');
  }
  main.replaceChildren(el('h1.page-title', null, t('flash')), el('p.hint', null, t('flashHint')),
    needsAddress ? el('section.panel', { 'aria-labelledby': 'first-address' },
      el('h2', { id: 'first-address' }, t('firstAddress')), addressForm(null, () => show(main))) : '',
    el('ul.flash-sales', null, lots.map(lot => lot.node)));
  const tick = () => { for (const lot of lots) lot.draw(Date.now() + ahead); };
  tick();
  clock = setInterval(tick, 200);
  return t('flash');
}

/** A sale as a panel; `draw(now)` shows it as it is at a time of the server. */
function makeSale({ id, goods, price, start_at: start, end_at: end }, { isSoldOut, needsAddress }) {
  const button = el('button.primary', { type: 'button', 'data-claim': id });
  const time = el('p.countdown', { role: 'timer' }), state = el('p.notice', { role: 'status' });
  state.hidden = true;
  let isBusy = false, shown = '';

  function draw(now) {
    const isOn = now >= start && now < end;
    const text = now < start ? t('startsIn', duration(start - now)) : isOn ? t('endsIn', duration(end - now)) : t('problem.ended');
    if (text !== shown) time.textContent = shown = text;
    button.disabled = !isOn || isBusy || isSoldOut || needsAddress;
    button.textContent = t(isSoldOut ? 'problem.sold_out' : now < start ? 'notYet' : 'claim');
  }

  function say(...content) {
    state.replaceChildren(...content);
    state.hidden = false;
  }

  // The pauses grow: the order is there within moments unless thousands wait.
  async function follow(ticket) {
    isBusy = true;
    remember(id, ticket);
    say(t('ticket.queued'));
    for (let pause = 300; ; pause = Math.min(pause * 1.6, 5000)) {
      let reply = { status: 'queued' };
      try { reply = await get(`/flash/tickets/${ticket}`); } catch (error) {
        // A ticket that nobody knows was lost with Redis; its owner may claim again.
        if (error.status === 404) reply = { status: 'failed', reason: 'lost' };
      }
      if (reply.status === 'ordered') {
        return say(t('ticket.ordered'), ' ', el('a', { href: `/orders/${reply.order_id}` }, t('toOrder')));
      }
      if (reply.status === 'failed') {
        remember(id, null);
        isBusy = false;
        return say(t(`ticket.${reply.reason}`));
      }
      await new Promise(resume => { setTimeout(resume, pause); });
    }
  }

  // A claim whose answer was lost may have got a ticket, also when the sale was sold out right after it.
  async function claim() {
    try { return await post(`/flash/${id}/claim`); } catch (error) {
      if (error.status && error.status < 500 && error.status !== 409) throw error;
      try { return await get(`/flash/${id}/ticket`); } catch { throw error; }
    }
  }

  button.addEventListener('click', async () => {
    if (!person) return location.assign(`/login?${new URLSearchParams({ next: '/flash' })}`);
    isBusy = button.disabled = true;
    try {
      await follow((await claim()).ticket);
    } catch (error) {
      isBusy = false;
      isSoldOut ||= error.code === 'sold_out';
      say(errorText(error));
    }
  });
  const ticket = person && tickets()[id];
  if (ticket) follow(ticket);
  const node = el('li.panel.flash-sale', null, cover(goods), el('div', null,
    el('h2', { lang: languageOf(goods.name) }, el('a', { href: goodsAddress(goods.id) }, goods.name)),
    el('p.price', null, money(price), ' ', el('s', null, el('span.unseen', null, t('insteadOf')), ' ', money(goods.price))),
    time, el('p.actions', null, button), state));
  return { node, draw };
}

function duration(ms) {
  const seconds = Math.ceil(ms / 1000), two = n => String(n).padStart(2, '0');
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

// The tickets of the account, so that a page that is opened again still follows them.
function tickets() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY));
    return kept?.owner === person.username ? kept.tickets : {};
  } catch { return {}; }
}

function remember(sale, ticket) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ owner: person.username, tickets: { ...tickets(), [sale]: ticket } }));
  } catch { /* A private window may refuse storage; a claim then answers with the same ticket. */ }
}
