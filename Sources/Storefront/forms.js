// Forms: fields with labels, hints and errors beside them.
import { el } from './dom.js';
import { t } from './i18n.js';
import { errorText } from './rest.js';

let formCount = 0;

/** The field of a mobile number, which may have blanks and hyphens. */
export const PHONE = { name: 'phone', label: 'phone', hint: 'phoneHint', type: 'tel', autocomplete: 'tel',
  pattern: '[ \\-]*1[ \\-]*[3-9]([ \\-]*[0-9]){9}[ \\-]*' };

/**
 * A form. Each field is `{name, label, type?, hint?, value?, ...attributes}`, where label and hint are keys of messages
 * and the attributes are those of the input. `submit(values)` is called with what was entered once it keeps the rules
 * of the attributes; a failure whose `param` names a field is shown beside that field.
 */
export function makeForm({ fields, label, submit, children = [] }) {
  const prefix = `form${++formCount}`, alert = el('p.form-error', { role: 'alert', tabindex: -1 });
  alert.hidden = true;
  const rows = fields.map(field => makeField(`${prefix}-${field.name}`, field));
  const button = el('button.primary', { type: 'submit' }, t(label));
  const form = el('form.form', { novalidate: '' }, alert, rows.map(row => row.node), children,
    el('p.actions', null, button));

  function showErrors(errors, general = '') {
    for (const row of rows) row.showError(errors[row.name] ?? '');
    alert.textContent = general;
    alert.hidden = !general;
    const first = rows.find(row => errors[row.name]);
    if (first) first.input.focus(); else if (general) alert.focus();
  }

  async function send() {
    const invalid = rows.filter(row => !row.input.checkValidity());
    if (invalid.length) return showErrors(Object.fromEntries(invalid.map(row => [row.name, row.validity()])));
    showErrors({});
    button.disabled = true;
    form.setAttribute('aria-busy', true);
    try {
      await submit(Object.fromEntries(rows.map(row => [row.name, row.value()])), form);
    } catch (error) {
      const isOfField = rows.some(row => row.name === error.param), text = errorText(error);
      showErrors(isOfField ? { [error.param]: text } : {}, isOfField ? '' : text);
    }
    button.disabled = false;
    form.setAttribute('aria-busy', false);
  }

  form.addEventListener('submit', event => {
    event.preventDefault();
    if (!button.disabled) send();
  });
  return form;
}

function makeField(id, { name, label, hint, type = 'text', value, ...attributes }) {
  const isCheck = type === 'checkbox', hintID = hint && `${id}-hint`, errorID = `${id}-error`;
  const input = el('input', { id, name, type, ...attributes, value: isCheck ? null : value });
  if (isCheck) input.checked = Boolean(value);
  const describe = ids => input.setAttribute('aria-describedby', ids.filter(Boolean).join(' '));
  const error = el('p.field-error', { id: errorID });
  error.hidden = true;
  if (hint) describe([hintID]);
  const caption = el('label', { for: id }, t(label));
  const node = isCheck ? el('div.field.check', null, input, caption, error)
    : el('div.field', null, caption, hint && el('p.field-hint', { id: hintID }, t(hint)), input, error);

  function showError(text) {
    error.textContent = text;
    error.hidden = !text;
    if (text) input.setAttribute('aria-invalid', true); else input.removeAttribute('aria-invalid');
    if (text || hint) describe([hintID, text && errorID]); else input.removeAttribute('aria-describedby');
  }

  // The first rule that the value breaks, in words of the page's language.
  function validity() {
    const { validity: broken, minLength, maxLength } = input;
    if (broken.valueMissing) return t('invalid.missing');
    if (broken.tooShort) return t('invalid.short', String(minLength));
    if (broken.tooLong) return t('invalid.long', String(maxLength));
    return t(`invalid.${type === 'text' ? name : type}`);
  }

  input.addEventListener('input', () => { if (!error.hidden && input.checkValidity()) showError(''); });
  return { name, node, input, showError, validity, value: () => isCheck ? input.checked : input.value };
}
