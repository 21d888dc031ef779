// Quire's search page: the shared search, with what only this page shows around it.
import { searchPath } from './api.js';
import { $ } from './dom.js';
import { formatNumber, isBooks, localize, t } from './i18n.js';
import { exampleLinks } from './results.js';
import { startSearch } from './search.js';
import { addressOf, BROWSE_ALL } from './url.js';

function renderFrame({ request, catalogInfo, response }) {
  const home = addressOf(request, BROWSE_ALL);
  document.title = request.q ? `${request.q} – Quire` : 'Quire';
  $('home').href = home;
  $('hero').hidden = !response || addressOf(request, {}) !== home || request.page > 1;
  $('headline').textContent =
    t(isBooks(catalogInfo) ? 'searchBooks' : 'searchDocuments', formatNumber(catalogInfo?.documents ?? 0));
  $('examples').replaceChildren(...exampleLinks(request));
  $('note').textContent = localize(catalogInfo?.note, '');
  $('json').href = catalogInfo ? searchPath({ request, catalogInfo }) : '/v1';
}

startSearch({ renderFrame });
