// The storefront: one document for all pages. The path of the address chooses the module that fills the page; every
// navigation loads a document, so that the browser's history, its tabs and its reload work as everywhere.
import { $, el } from './dom.js';
import { addMessages, language, localizeDocument, setLanguage, t } from './i18n.js';
import { errorText, Failure } from './rest.js';
import { loadPerson, renderNavigation } from './session.js';
import { MESSAGES } from './messages.js';

// The first pattern that matches the path counts. A page that `needsLogin` sends people without a session to the login.
const PAGES = [
  { path: /^\/$/, load: () => import('./home.js') },
  { path: /^\/search$/, load: () => import('./searching.js') },
  { path: /^\/types\/(\d+)$/, load: () => import('./list.js') },
  { path: /^\/goods\/([^/]+)$/, load: () => import('./detail.js') },
  { path: /^\/flash$/, load: () => import('./flash.js') },
  { path: /^\/cart$/, load: () => import('./cart.js') },
  { path: /^\/checkout$/, load: () => import('./checkout.js'), needsLogin: true },
  { path: /^\/orders$/, load: () => import('./orders.js'), needsLogin: true },
  { path: /^\/orders\/([^/]+)$/, load: () => import('./order.js'), needsLogin: true, missing: 'missingOrderHint' },
  { path: /^\/account$/, load: () => import('./account.js'), needsLogin: true },
  { path: /^\/(password)$/, load: () => import('./entry.js'), needsLogin: true },
  { path: /^\/(login|bind|register|activate|forgot|reset)$/, load: () => import('./entry.js') },
];

addMessages(MESSAGES);

const main = $('main'), page = PAGES.find(candidate => candidate.path.test(location.pathname));
const isSearch = location.pathname === '/search';

/** The page as `show(main, {argument, query})` of its module draws it; the result is the title of the document. */
async function showPage() {
  localizeDocument();
  document.title = t('shopName');
  $('q').placeholder = t('placeholder');
  main.setAttribute('aria-busy', true);
  try {
    const module = await (page ?? { load: () => Promise.reject(new Failure(404)) }).load();
    const person = await loadPerson();
    renderNavigation();
    if (page.needsLogin && !person) return location.replace(loginAddress());
    const argument = page.path.exec(location.pathname)[1], query = new URLSearchParams(location.search);
    const title = await module.show(main, { argument, query });
    if (title) document.title = `${title} – ${t('shopName')}`;
  } catch (error) {
    if (error.status === 401) return location.replace(loginAddress());
    main.replaceChildren(renderFailure(error));
  }
  main.setAttribute('aria-busy', false);
  document.body.classList.add('ready');
}

const loginAddress = () => `/login?${new URLSearchParams({ next: location.pathname + location.search })}`;

function renderFailure(error) {
  const isMissing = error.status === 404;
  const retry = el('button.primary', { type: 'button' }, t('retry'));
  retry.addEventListener('click', showPage);
  return el('div.message', { role: 'alert' },
    el('h1', null, t(isMissing ? 'missingPage' : 'failed')),
    el('p', null, isMissing ? t(page?.missing ?? 'missingPageHint') : errorText(error)),
    el('p.actions', null, !isMissing && retry, el('a', { href: '/' }, t('backHome'))));
}

// The other language redraws the page; what somebody has entered stays.
async function changeLanguage(code) {
  if (code === language) return;
  if (isSearch) {   // search.js redraws the results itself
    setLanguage(code);
    return renderNavigation();
  }
  const inputs = () => [...main.querySelectorAll('input[name]:not([type=radio], [type=checkbox]), textarea[name]')];
  const entries = inputs();
  setLanguage(code);
  await showPage();
  // Two forms of a page may have fields of one name.
  for (const input of inputs()) {
    const index = entries.findIndex(entry => entry.name === input.name);
    if (index >= 0) input.value = entries.splice(index, 1)[0].value;
  }
}

for (const button of document.querySelectorAll('[data-lang]')) {
  button.addEventListener('click', () => changeLanguage(button.dataset.lang));
}
await showPage();
// The search page connects the search box itself.
if (!isSearch) (await import('./searchbox.js')).connectSearchBox();
