// The account: profile, addresses, goods seen last.
import { el } from './dom.js';
import { t } from './i18n.js';
import { errorText, get, post, put, remove } from './rest.js';
import { addressList } from './addresses.js';
import { linkToQQ, PASSWORD } from './entry.js';
import { makeForm, PHONE } from './forms.js';
import { shelf } from './goods.js';
import { person, toast } from './session.js';

const CODE = { name: 'code', label: 'smsCode', hint: 'smsCodeHint', inputmode: 'numeric', autocomplete: 'one-time-code',
  pattern: '[0-9]{6}', required: '' };

/** Fills a place with what verifies the number of the person by a text message, if nobody has. */
function drawProof(place) {
  if (!person.phone) return place.replaceChildren();
  if (person.phone_verified) return place.replaceChildren(el('p.hint', null, t('phoneVerified')));
  const button = el('button.secondary', { type: 'button' }, t('sendCode', person.phone));
  button.addEventListener('click', async () => {
    const { phone } = person;
    button.disabled = true;
    try {
      await post('/me/phone/code', { phone });
      place.replaceChildren(makeForm({ label: 'verifyPhone', fields: [CODE], submit: async ({ code }) => {
        await post('/me/phone', { phone, code });
        Object.assign(person, { phone, phone_verified: true });
        drawProof(place);
      } }));
    } catch (error) { toast(errorText(error)); }
    button.disabled = false;
  });
  place.replaceChildren(button);
}

export async function show(main) {
  const [addresses, recent] = await Promise.all([addressList(), get('/history')]);
  const leave = el('button.secondary', { type: 'button', id: 'logout' }, t('logout'));
  leave.addEventListener('click', async () => {
    leave.disabled = true;
    try {
      await post('/logout');
      return location.assign('/');
    } catch (error) { toast(errorText(error)); }
    leave.disabled = false;
  });
  const proof = el('div.proof', { 'aria-live': 'polite' });
  drawProof(proof);
  const phone = makeForm({
    label: 'savePhone', fields: [{ ...PHONE, label: 'phoneOptional', value: person.phone }],
    submit: async values => {
      const { phone, phone_verified } = await put('/me', { phone: values.phone || null });
      Object.assign(person, { phone, phone_verified });
      drawProof(proof);
      toast(t('phoneSaved'));
    },
  });
  main.replaceChildren(
    el('h1.page-title', null, t('account')),
    el('section.panel', { 'aria-labelledby': 'profile' }, el('h2', { id: 'profile' }, t('profile')),
      el('dl.facts', null, [['username', person.username], ['email', person.email]].map(([key, value]) =>
        el('div', null, el('dt', null, t(key)), el('dd', null, value)))), phone, proof,
      el('p.row-actions', null, el('a', { href: '/orders' }, t('orders')), el('a', { href: '/password' }, t('changePassword')), leave)),
    qqPanel(main),
    addresses,
    recent.items.length ? el('section.shelf-section', { 'aria-labelledby': 'recent' },
      el('div.section-head', null, el('h2', { id: 'recent' }, t('recentlyViewed'))), shelf(recent.items)) : '');
  return t('account');
}

// Whether the account is bound to QQ, with the way to change it.
function qqPanel(main) {
  const link = linkToQQ('bindQQ', '/account');
  if (!person.qq && !link) return '';
  const unbind = person.qq && makeForm({
    label: 'unbindQQ', fields: [PASSWORD],
    submit: async values => {
      await remove('/oauth/qq', values);
      delete person.qq;
      await show(main);
      main.querySelector('#qq').focus();
      toast(t('qqUnbound'));
    },
  });
  return el('section.panel', { 'aria-labelledby': 'qq' }, el('h2', { id: 'qq', tabindex: -1 }, 'QQ'),
    el('p', null, person.qq ? t('qqBound', person.qq) : t('qqNotBound')), unbind || link);
}
