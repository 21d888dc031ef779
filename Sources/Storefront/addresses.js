// Addresses: their form, and how they are shown.
import { el } from './dom.js';
import { t } from './i18n.js';
import { makeForm, PHONE } from './forms.js';
import { errorText, get, post, put, remove } from './rest.js';
import { toast } from './session.js';

/** The lines of an address: who, where, and the telephone. */
export const addressLines = ({ recipient_name: name, recipient_addr: street, zip_code: code, recipient_phone: phone }) =>
  [name, [street, code].filter(Boolean).join(' · '), phone];

/** A form for a new address, or for changing one. `done()` follows a success. */
export const addressForm = (address, done) => makeForm({
  label: 'saveAddress',
  fields: [
    { name: 'recipient_name', label: 'recipient', value: address?.recipient_name, required: '', maxlength: 20, autocomplete: 'name' },
    { name: 'recipient_addr', label: 'street', value: address?.recipient_addr, required: '', maxlength: 256, autocomplete: 'street-address' },
    { name: 'zip_code', label: 'zip', value: address?.zip_code, required: '', pattern: '[0-9]{6}', inputmode: 'numeric', autocomplete: 'postal-code' },
    { ...PHONE, name: 'recipient_phone', value: address?.recipient_phone, required: '' },
  ],
  submit: async values => {
    if (address) await put(`/addresses/${address.id}`, values); else await post('/addresses', values);
    await done();
  },
});

/** The list of addresses with its actions. */
export async function addressList() {
  const node = el('section.panel', { 'aria-labelledby': 'addresses' });
  async function draw() {
    const { items } = await get('/addresses');
    const add = el('button.secondary', { type: 'button' }, t('addAddress'));
    add.addEventListener('click', () => edit(null));
    node.replaceChildren(el('h2', { id: 'addresses', tabindex: -1 }, t('addresses')),
      items.length ? el('ul.address-list', null, items.map(row)) : el('p.hint', null, t('noAddresses')), el('p', null, add));
  }
  const edit = address => {
    const cancel = el('button.plain', { type: 'button' }, t('cancel')), form = addressForm(address, finish);
    cancel.addEventListener('click', finish);
    node.replaceChildren(el('h2', { id: 'addresses' }, t(address ? 'editAddress' : 'addAddress')), form, cancel);
    form.querySelector('input').focus();
  };
  async function finish() {
    await draw();
    node.querySelector('h2').focus();
  }
  async function act(request) {
    try { await request; } catch (error) { toast(errorText(error)); }
    await finish();
  }
  function row(address) {
    const [name, ...lines] = addressLines(address);
    const button = (key, action) => {
      const node = el('button.plain', { type: 'button', 'aria-label': t(`${key}Named`, name) }, t(key));
      node.addEventListener('click', action);
      return node;
    };
    return el('li', { 'data-address': address.id },
      el('p', null, el('strong', null, name), address.is_default ? el('span.badge.good', null, t('isDefault')) : ''),
      lines.map(line => el('p.hint', null, line)),
      el('p.row-actions', null, button('edit', () => edit(address)),
        !address.is_default && button('makeDefault', () => act(post(`/addresses/${address.id}/default`))),
        button('remove', () => act(remove(`/addresses/${address.id}`)))));
  }
  await draw();
  return node;
}
