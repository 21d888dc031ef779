// One book: what it is, what it costs, and how to buy it.
import { el } from './dom.js';
import { formatNumber, languageOf, t, valueName } from './i18n.js';
import { tellView } from './events.js';
import { get } from './rest.js';
import { cartButton, cover, money, shelf, stepper } from './goods.js';
import { breadcrumbs } from './list.js';

export async function show(main, { argument }) {
  const goods = await get(`/goods/${encodeURIComponent(argument)}`);
  const { id, name, author, price, stock, sales, attributes, types } = goods;
  const isDemo = attributes?.is_demo === true, language = languageOf(name, attributes?.language);
  tellView(id);
  const related = await get(`/goods/${id}/related`);
  let count = 1;
  const buy = el('div.buy', null,
    el('p.price', null, money(price), isDemo ? el('span.demo', null, t('demoPrice')) : ''),
    el('p.stock', null, stock > 0 ? t('inStock', formatNumber(stock)) : t('outOfStock'), ' · ', t('sold', formatNumber(sales))),
    stock > 0 ? el('div.buy-row', null,
      stepper({ name, count, most: Math.min(stock, 99), changed: n => { count = n; } }),
      cartButton(id, name, { isPrimary: true, count: () => count })) : '');
  main.replaceChildren(
    breadcrumbs(types),
    el('article.detail', { 'data-goods': id },
      el('div.detail-cover', null, cover(goods)),
      el('div.detail-text', null,
        el('h1', { lang: language }, name),
        author.length > 0 && el('p.by', null, author.flatMap((person, i) => [i > 0 && t('listSeparator'), authorLink(person)])),
        buy, renderFacts(goods))),
    renderDescription(goods, language),
    related.items.length ? el('section.shelf-section', { 'aria-labelledby': 'related' },
      el('div.section-head', null, el('h2', { id: 'related' }, t('related'))), shelf(related.items)) : '');
  return name;
}

// Backquotes and backslashes would end the value of the filter.
const authorLink = name => el('a', { lang: languageOf(name),
  href: `/search?${new URLSearchParams({ filter: `author:=\`${name.replace(/[`\\]/g, '\\$&')}\`` })}` }, name);

function renderFacts({ publisher, isbn, attributes = {} }) {
  const { year, series, language, original_title: original, dynasty, rating } = attributes;
  const facts = [
    ['fact.publisher', publisher], ['fact.year', year], ['fact.series', series], ['fact.original', original],
    ['fact.dynasty', dynasty], ['fact.language', language && valueName('language', language)], ['fact.isbn', isbn],
    ['fact.rating', rating > 0 && formatNumber(rating, { minimumFractionDigits: 1, maximumFractionDigits: 1 })],
  ].filter(([, value]) => value);
  return el('dl.facts', null, facts.map(([key, value]) =>
    el('div', null, el('dt', null, t(key)), el('dd', { lang: languageOf(String(value)) }, String(value)))));
}

// The detail is HTML that the server has cleaned when it was written. The parser makes inert nodes of it, and the
// policy of the page forbids scripts that stand in markup.
function renderDescription({ description, detail }, language) {
  const parsed = new DOMParser().parseFromString(detail || '', 'text/html').body;
  if (!parsed.textContent.trim() && !description) return '';
  const content = parsed.textContent.trim() ? [...parsed.childNodes] : [el('p', null, description)];
  return el('section.prose', { 'aria-labelledby': 'about' }, el('h2', { id: 'about' }, t('about')),
    el('div', { lang: language }, content));
}
