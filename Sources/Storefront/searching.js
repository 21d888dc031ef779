// The search page of the shop: the shared search, whose titles lead to the goods and whose hits can be bought.
import { PAGE_SIZE } from './api.js';
import { $ } from './dom.js';
import { queryShown, tellClick } from './events.js';
import { t } from './i18n.js';
import { cartButton, cover, goodsAddress } from './goods.js';

export async function show(main) {
  main.replaceChildren($('search-page').content.cloneNode(true));
  const { startSearch } = await import('./search.js');
  let shown = { q: '', first: 1 };
  startSearch({
    renderFrame: ({ request, response }) => {
      document.title = `${request.q || t('allBooks')} – ${t('shopName')}`;
      if (!response) return;
      shown = { q: request.q, id: response.query_id, first: 1 + (response.page - 1) * PAGE_SIZE };
      queryShown(request.q);
    },
    hitAddress: hit => goodsAddress(hit.id),
    hitCover: ({ id, document: { title: name, image, language } }) => cover({ id, name, image, language }),
    hitAction: hit => cartButton(Number(hit.id), hit.document.title, { isInStock: hit.document.stock !== 0 }),
  });
  main.addEventListener('click', ({ target }) => {
    const hit = target.closest('h2 a, .secondary')?.closest('.hit');
    if (!hit) return;
    const place = [...main.querySelectorAll('.hit')].indexOf(hit);
    tellClick(shown.q, shown.id, hit.dataset.id, shown.first + place);
  });
  return '';
}
