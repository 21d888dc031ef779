// Login, also by QQ, registration, activation, and passwords that are changed or were forgotten.
import { el } from './dom.js';
import { formatNumber, hasMessage, t } from './i18n.js';
import { makeForm, PHONE } from './forms.js';
import { post } from './rest.js';
import { logIn, moveCartLater, person } from './session.js';

const USERNAME = { name: 'username', label: 'username', required: '', autocomplete: 'username', autocapitalize: 'none' };
const EMAIL = { name: 'email', label: 'email', type: 'email', required: '', maxlength: 254, autocomplete: 'email' };
export const PASSWORD = { name: 'password', label: 'password', type: 'password', required: '', autocomplete: 'current-password' };
const NEW_USERNAME = { ...USERNAME, hint: 'usernameHint', minlength: 3, maxlength: 20 };
const NEW_PASSWORD = { name: 'password', label: 'password', hint: 'passwordHint', type: 'password', required: '',
  minlength: 8, maxlength: 128, autocomplete: 'new-password' };

export const show = (main, { argument, query }) => SHOWS[argument](main, query);

const draw = (main, title, ...children) => {
  main.replaceChildren(el('div.entry', null, el('h1.page-title', null, t(title)), children));
  return t(title);
};

// Only an address of this shop, as the browser understands it: another origin could imitate it.
const nextAddress = query => {
  try {
    const next = new URL(query.get('next') ?? '/', location.origin);
    return next.origin === location.origin ? next.href : '/';
  } catch {
    return '/';
  }
};

// The form of a login at a path of the API, after which the person goes on to the next page.
const loginForm = (main, query, label, path, username) => makeForm({
  label, fields: [{ ...USERNAME, value: username }, PASSWORD],
  submit: async ({ username, password }) => {
    const left = await logIn(username, password, path), address = nextAddress(query);
    if (!left) return location.assign(address);
    drawSent(main, 'login', t('linesLeft', formatNumber(left)), address, 'goOn');
  },
});

function showLogin(main, query) {
  const problem = `problem.${query.get('problem')}`, isRefused = hasMessage(problem);
  if (person && !isRefused) location.replace(nextAddress(query));
  return draw(main, 'login', isRefused && el('p.form-error', { role: 'alert' }, t(problem)),
    loginForm(main, query, 'login', '/login'),
    linkToQQ('loginQQ', nextAddress(query)), el('p.row-actions', null,
      el('a', { href: `/register?${query}` }, t('register')), el('a', { href: '/forgot' }, t('forgot'))));
}

/** A link that leads to QQ, and from there to an address of the shop; nothing where people cannot log in so. */
export function linkToQQ(label, address) {
  if (document.documentElement.dataset.oauth !== 'qq') return '';
  const { pathname, search } = new URL(address, location.origin);
  const link = el('a.secondary', { href: `/api/v1/oauth/qq/authorize?${new URLSearchParams({ next: pathname + search })}` }, t(label));
  link.addEventListener('click', moveCartLater);
  return el('p.by-qq', null, link);
}

// Who comes from QQ for the first time: whose account is it to be?
function showBind(main, query) {
  const create = makeForm({
    label: 'register', fields: [NEW_USERNAME, EMAIL, NEW_PASSWORD],
    submit: async values => {
      await post('/oauth/qq/bind', { create: values });
      drawSent(main, 'bindQQ', t('activationSent', values.email));
    },
  });
  const part = (id, label, form) => el('section', { 'aria-labelledby': id }, el('h2', { id }, t(label)), form);
  return draw(main, 'bindQQ', el('p.hint', null, t('bindHint')),
    part('bind-existing', 'haveAccount', loginForm(main, query, 'bind', '/oauth/qq/bind', person?.username)),
    part('bind-new', 'noAccount', create));
}

function showRegister(main) {
  const form = makeForm({
    label: 'register',
    fields: [NEW_USERNAME, EMAIL, { ...PHONE, label: 'phoneOptional' },
      NEW_PASSWORD],
    submit: async values => {
      await post('/register', { ...values, phone: values.phone || null });
      drawSent(main, 'register', t('activationSent', values.email));
    },
  });
  return draw(main, 'register', form, el('p.row-actions', null, el('a', { href: '/login' }, t('haveAccount'))));
}

// A token stands in the fragment of the address, which no server logs.
const tokenIn = query => new URLSearchParams(location.hash.slice(1)).get('token') ?? query.get('token') ?? '';

// The token stays until the server has said yes or no; after that the page only shows its answer.
const activation = { token: '', isActive: null };
async function showActivation(main, query) {
  activation.token ||= tokenIn(query);
  history.replaceState(null, '', location.pathname);
  try {
    if (activation.isActive === null) await post('/activate', { token: activation.token });
    activation.isActive ??= true;
  } catch (error) {
    if (error.status >= 500 || error.status === 429 || !error.status) throw error;
    activation.isActive = false;
  }
  return activation.isActive ? drawSent(main, 'activate', t('activated'), '/login', 'login')
    : drawSent(main, 'activate', t('notActivated'), '/register', 'register');
}

function showForgot(main) {
  const form = makeForm({ label: 'sendLink', fields: [EMAIL], submit: async ({ email }) => {
    await post('/password/forgot', { email });
    drawSent(main, 'forgot', t('resetSent', email));
  } });
  return draw(main, 'forgot', form);
}

let resetToken = '';
function showReset(main, query) {
  resetToken ||= tokenIn(query);
  history.replaceState(null, '', location.pathname);
  const form = makeForm({ label: 'setPassword', fields: [NEW_PASSWORD], submit: async ({ password }) => {
    await post('/password/reset', { token: resetToken, password });
    drawSent(main, 'reset', t('passwordSet'), '/login', 'login');
  } });
  return draw(main, 'reset', form);
}

function showChange(main) {
  const form = makeForm({
    label: 'setPassword',
    fields: [
      { name: 'old_password', label: 'oldPassword', type: 'password', required: '', autocomplete: 'current-password' },
      { ...NEW_PASSWORD, name: 'new_password', label: 'reset' },
    ],
    submit: async values => {
      await post('/password/change', values);
      drawSent(main, 'changePassword', t('passwordSet'), '/login', 'login');
    },
  });
  return draw(main, 'changePassword', form, el('p.row-actions', null, el('a', { href: '/forgot' }, t('forgot'))));
}

// What follows a form: a message that takes the focus, and where to go on.
function drawSent(main, title, text, address = '/', label = 'backHome') {
  draw(main, title, el('p.notice', { role: 'status', tabindex: -1 }, text),
    el('p.actions', null, el('a', { href: address }, t(label))));
  main.querySelector('.notice').focus();
  return t(title);
}

const SHOWS = {
  login: showLogin, bind: showBind, register: showRegister, activate: showActivation, forgot: showForgot, reset: showReset,
  password: showChange,
};
