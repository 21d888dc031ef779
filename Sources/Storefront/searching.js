// The search page of the shop: the shared search, whose titles lead to the goods and whose hits can be bought.
import { $ } from './dom.js';
import { t } from './i18n.js';
import { cartButton, cover, goodsAddress } from './goods.js';

export async function show(main) {
  main.replaceChildren($('search-page').content.cloneNode(true));
  const { startSearch } = await import('./search.js');
  startSearch({
    renderFrame: ({ request }) => { document.title = `${request.q || t('allBooks')} – ${t('shopName')}`; },
    hitAddress: hit => goodsAddress(hit.id),
    hitCover: ({ id, document: { title: name, image, language } }) => cover({ id, name, image, language }),
    hitAction: hit => cartButton(Number(hit.id), hit.document.title, { isInStock: hit.document.stock !== 0 }),
  });
  return '';
}
