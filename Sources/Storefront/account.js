// The account: profile, addresses, goods seen last.
import { el } from './dom.js';
import { t } from './i18n.js';
import { errorText, get, post, put, remove } from './rest.js';
import { addressList } from './addresses.js';
import { linkToQQ, PASSWORD } from './entry.js';
import { makeForm, PHONE } from './forms.js';
import { shelf } from './goods.js';
import { person, toast } from './session.js';

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
  const phone = makeForm({
    label: 'savePhone', fields: [{ ...PHONE, label: 'phoneOptional', value: person.phone }],
    submit: async values => {
      person.phone = (await put('/me', { phone: values.phone || null })).phone;
      toast(t('phoneSaved'));
    },
  });
  main.replaceChildren(
    el('h1.page-title', null, t('account')),
    el('section.panel', { 'aria-labelledby': 'profile' }, el('h2', { id: 'profile' }, t('profile')),
      el('dl.facts', null, [['username', person.username], ['email', person.email]].map(([key, value]) =>
        el('div', null, el('dt', null, t(key)), el('dd', null, value)))), phone,
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
