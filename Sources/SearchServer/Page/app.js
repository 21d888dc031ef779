// Quire's search page: no framework, no build step. The address bar is the only state:
// whatever changes it runs one search, and each answer is drawn afresh. What narrows a search is in filters.js.
'use strict';

const TYPING_PAUSE = 120;  // milliseconds without a key before a search is sent
const EXAMPLES = ['python', '三体', '"harry potter"', '人民银行', 'tolkien'];

const WORDS = {            // each in English and in Chinese
  search: ['Search', '搜索'], filters: ['Filters', '筛选'], filtersOf: ['Filters ({0})', '筛选 ({0})'], close: ['Close', '关闭'],
  yes: ['Yes', '是'], no: ['No', '否'], sort: ['Sort', '排序'], relevance: ['Relevance', '相关度'], try: ['Try', '试试'], list: ['Results', '搜索结果'],
  skip: ['Skip to the results', '跳到搜索结果'], json: ['These results as JSON', '以 JSON 查看结果'],
  placeholder: ['Title, author or any words', '书名、作者或任意词语'], comma: [', ', '、'],
  tagline: ['Chinese and English, found together as you type.', '中英文一起搜，边输入边出结果。'],
  book: ['{0} book', '{0} 条结果'], books: ['{0} books', '{0} 条结果'],
  result: ['{0} result', '{0} 条结果'], results: ['{0} results', '{0} 条结果'],
  hello: ['Search {0} documents', '搜索 {0} 篇文档'], helloBooks: ['Search {0} books', '搜索 {0} 本书'],
  took: ['{0} ms', '{0} 毫秒'], page: ['Page {0} of {1}', '第 {0} 页，共 {1} 页'], show: ['Show {0}', '查看 {0}'],
  pages: ['Pages', '分页'], previous: ['Previous', '上一页'], next: ['Next', '下一页'],
  more: ['Show more ({0})', '显示更多 ({0})'], less: ['Show fewer', '收起'], other: ['Other', '其他'],
  named: ['{0}: {1}', '{0}：{1}'], between: ['{0} – {1}', '{0}–{1}'], atLeast: ['{0} or more', '{0} 及以上'], atMost: ['up to {0}', '{0} 及以下'],
  least: ['Least {0}', '最低{0}'], most: ['Most {0}', '最高{0}'], remove: ['Remove filter: {0}', '移除筛选：{0}'], clear: ['Clear all', '全部清除'],
  falling: ['{0}: high to low', '{0}从高到低'], rising: ['{0}: low to high', '{0}从低到高'],
  newest: ['{0}: newest first', '{0}从新到旧'], oldest: ['{0}: oldest first', '{0}从旧到新'],
  soldOut: ['Out of stock', '缺货'], rated: ['Rated {0} out of 5', '评分 {0}（满分 5 分）'],
  relaxed: ['Few results have all the words; those with some of them are shown as well.', '包含全部词语的结果较少，以下也列出包含部分词语的结果。'],
  typos: ['Nothing has “{0}”; shown is what is spelt like it.', '没有找到“{0}”，以下为拼写相近的结果。'],
  quotes: ['The quotes around “{0}” were ignored; shown is what has these words.', '“{0}”未按引号精确匹配，以下为包含这些词语的结果。'],
  sounds: ['Nothing has all of this; what sounds like it is shown as well.', '没有完全匹配的结果，以下包含读音相同的结果。'],
  partial: ['The search took too long: there may be more than is shown.', '搜索用时过长，结果可能不完整。'],
  nothing: ['Nothing found', '没有找到结果'], nothingFor: ['Nothing found for “{0}”', '没有找到“{0}”'],
  spelling: ['Check the spelling, or try fewer words.', '请检查用字，或换用更少的词语。'],
  unfilter: ['Search without filters', '不加筛选再搜'], all: ['Browse everything', '浏览全部'],
  wrong: ['That did not work', '这次没有成功'], retry: ['Try again', '重试'], restart: ['Start over', '重新开始'],
  noCatalog: ['There is no catalog yet.', '还没有目录。'], down: ['The search service cannot be reached.', '无法连接搜索服务。'],
  downHint: ['Check that it is running, then try again.', '请确认服务正在运行，然后重试。'],
  noCatalogHint: ['Index some documents, then load this page again.', '请先导入一些文档，再重新打开本页。'],
};

const $ = id => document.getElementById(id), box = $('q');
let lang = savedLanguage() ?? (/^zh\b/i.test(navigator.language) ? 'zh' : 'en');
let state = readAddress();
let info = null, answer = null, problem = null;   // GET /v1/{catalog}; the newest answer; or what went wrong instead

// --- Words, numbers and languages
const t = (key, ...parts) => WORDS[key][lang === 'zh' ? 1 : 0].replace(/\{(\d)\}/g, (_, i) => parts[i]);
const locale = () => (lang === 'zh' ? 'zh-CN' : 'en');
const number = (n, options) => new Intl.NumberFormat(locale(), options).format(n);
const local = (label, fallback) => label?.[lang] ?? label?.en ?? fallback;
const isBooks = () => info?.catalog === 'books';
const count = n => t((isBooks() ? 'book' : 'result') + (n === 1 ? '' : 's'), number(n));

// Private windows may refuse storage; the choice then simply lasts as long as the page.
function savedLanguage() {
  try { return ['en', 'zh'].find(l => l === localStorage.getItem('quire.lang')); } catch { return undefined; }
}
function chooseLanguage({ target }) {
  lang = target.dataset.lang;
  try { localStorage.setItem('quire.lang', lang); } catch { /* see above */ }
  draw();
}

// The language of a text, for its lang attribute: it picks the right glyphs and the right voice.
function langOf(text, own = 'en') {
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return 'ja';
  if (/\p{Script=Han}/u.test(text)) return /^(zh|ja|ko)/.test(own) ? own : 'zh';
  return /^(?!zh|ja)[a-z]{2,3}\b/.test(own) ? own : 'en';
}

function valueName(field, value) {
  if (value === 'true' || value === 'false') return t(value === 'true' ? 'yes' : 'no');
  if (!/^lang/.test(field)) return value;
  if (lang === 'zh' && value === 'en') return '英文';
  try { return new Intl.DisplayNames(locale(), { type: 'language' }).of(value); } catch { return value; }
}

function money(value, currency) {
  try {
    const style = { style: 'currency', currency, currencyDisplay: 'narrowSymbol' };
    return new Intl.NumberFormat(locale(), style).formatToParts(value)
      .map(part => part.type === 'currency' ? `${part.value}\u00a0` : part.value).join('');
  } catch { return number(value, { minimumFractionDigits: 2 }); }
}

// --- The address and its filter
function readAddress() {
  const p = new URLSearchParams(location.search), get = name => (p.get(name) ?? '').trim();
  const page = Math.max(1, parseInt(get('page'), 10) || 1);
  return { catalog: get('catalog'), q: get('q'), filter: readFilter(get('filter')), sort: get('sort'), page };
}

const browsing = { q: '', filter: [], sort: '' };
const query = parts => String(new URLSearchParams(Object.entries(parts).filter(([, value]) => value)));
function address(change) {
  const s = { ...state, page: 1, ...change };
  return `/?${query({ ...s, filter: writeFilter(s.filter), page: s.page > 1 && s.page })}`.replace(/\?$/, '');
}

// --- Searching
async function getJSON(path, signal) {
  const response = await fetch(path, { signal });
  const body = await response.json().catch(error => { if (response.ok) throw error; return {}; });
  if (response.ok) return body;
  throw Object.assign(new Error(body.title), { status: response.status, body });
}

function searchPath() {
  const facets = (info.facets ?? []).map(f => f.by ? `${f.field}(by ${f.by})` : f.field).join();
  const rest = { page: state.page, per_page: 20, filter: writeFilter(state.filter), facets, sort: state.sort, highlight: true };
  return `/v1/${encodeURIComponent(info.catalog)}/search?q=${encodeURIComponent(state.q)}&${query(rest)}`;
}

async function describe(name, signal) {
  const catalog = name || (await getJSON('/v1', signal)).catalogs[0]?.name;
  if (!catalog) throw Object.assign(new Error(), { status: 0, body: { detail: t('noCatalog'), hint: t('noCatalogHint') } });
  return { ...await getJSON(`/v1/${encodeURIComponent(catalog)}`, signal), askedAs: name };
}

// Aborting saves work; the turn is what guarantees that an old answer never replaces a newer one.
let turn = 0, flight = null;
async function search() {
  const mine = ++turn;
  let found = null, failure = null;
  flight?.abort();
  flight = new AbortController();
  $('found').setAttribute('aria-busy', true);   // styled with a delay, so that quick answers never flicker
  try {
    if (info?.askedAs !== state.catalog) info = await describe(state.catalog, flight.signal);
    found = await getJSON(searchPath(), flight.signal);
  } catch (error) { failure = error; }
  if (mine !== turn) return;
  $('found').setAttribute('aria-busy', false);
  if (found?.found && !found.hits.length && state.page > found.pages) return visit(address({ page: found.pages }), true);
  [answer, problem] = [found, failure];
  draw();
}

function visit(to, replacing = false) {
  history[replacing ? 'replaceState' : 'pushState'](null, '', to);
  follow();
}
function follow() {
  clearTimeout(timer);
  state = readAddress();
  if (box.value.trim() !== state.q) box.value = state.q;
  search();
}

// --- Typing
// A run of typing is one step in the history: its first search adds an entry, later ones replace it.
let timer = 0, composing = false, typing = false;
function typed() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (box.value.trim() === state.q) return;
    visit(address({ q: box.value.trim() }), typing);
    typing = true;
  }, TYPING_PAUSE);
}

function submit(event) {
  event.preventDefault();
  if (composing) return;
  const q = box.value.trim(), again = q === state.q;
  visit(address({ q, page: again ? state.page : 1 }), typing || again);
  typing = false;
  if (matchMedia('(pointer: coarse)').matches) box.blur();   // puts the phone's keyboard away
}

// --- Building blocks
// el('p.note', {lang: 'en'}, 'text', node, null): text goes in as text nodes, never as markup.
function el(name, attributes, ...children) {
  const [tag, ...classes] = name.split('.'), node = document.createElement(tag);
  node.classList.add(...classes);
  for (const [key, value] of Object.entries(attributes ?? {})) if (value != null) node.setAttribute(key, value);
  node.append(...children.flat(3).filter(child => child));
  return node;
}
const link = (to, ...children) => el('a', { href: to, 'data-go': '' }, ...children);

function fill(id, ...children) {
  $(id).replaceChildren(...children.filter(Boolean));
  $(id).hidden = !$(id).hasChildNodes();
}

const ENTITIES = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };
const unescaped = text => text.replace(/&(?:amp|lt|gt|quot|#39);/g, entity => ENTITIES[entity]);
const plain = highlight => unescaped(highlight.replace(/<\/?mark>/g, ''));
const listOf = value => value == null || value === '' ? [] : [value].flat().map(String);
// Every odd part of the split stood between <mark> and </mark>.
const marked = highlight => highlight.split(/<mark>|<\/mark>/)
  .map((text, i) => i % 2 ? el('mark', null, unescaped(text)) : unescaped(text));

// A field's values with the found words marked; values of a facet lead to everything that shares them.
function values(hit, name, field, before) {
  const all = listOf(hit.document[field]), highlights = listOf(hit.highlights?.[field]);
  const isFacet = info.facets?.some(f => f.field === field), isText = field === info.display?.description;
  const parts = all.map((value, i) => {
    const highlight = highlights.find(h => isText || plain(h) === value);   // of a long text it is only a snippet
    const nodes = highlight ? marked(highlight) : value;
    return [i && t('comma'), isFacet ? link(address({ ...browsing, filter: [{ field, value }] }), nodes) : nodes];
  });
  return parts.length ? el(name, { lang: langOf(all.join(), hit.document.language) }, before, parts) : null;
}

// --- Results
function cover(hit, title) {
  const hash = [...String(hit.id)].reduce((sum, char) => (sum * 31 + char.codePointAt(0)) >>> 0, 7);
  const initial = title.match(/[\p{L}\p{N}]/u)?.[0].toUpperCase() ?? '·';
  return el(`div.cover.c${hash % 8}`, { 'aria-hidden': 'true', lang: langOf(title, hit.document.language) }, initial);
}

function drawHit(hit) {
  const doc = hit.document, d = info.display ?? {};
  const title = listOf(doc[d.title])[0] ?? String(hit.id);
  const price = typeof doc[d.price] === 'number' && money(doc[d.price], doc[d.currency]);
  const rating = doc[d.rating] > 0 && number(doc[d.rating], { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const details = (d.details ?? []).map(field => values(hit, 'li', field, field === 'isbn' && 'ISBN '));
  return el('li', null, el('article.hit', { 'data-id': hit.id },
    cover(hit, title),
    el('div.what', null,
      values(hit, 'h2', d.title) ?? el('h2', null, title),
      values(hit, 'p.subtitle', d.subtitle), values(hit, 'p.by', d.by),
      values(hit, 'p.text', d.description), el('ul.details', null, details)),
    el('div.deal', null,
      price && el('span.price', null, price),
      rating && el('span.rating', { title: t('rated', rating) }, `${rating} ★`),
      doc.stock === 0 && el('span.badge', null, t('soldOut')))));
}

function drawCount() {
  $('tools').hidden = !answer;
  if (!answer) return;
  const { found, page, pages, took_ms: ms } = answer, time = t('took', number(ms, { maximumFractionDigits: ms < 100 ? 1 : 0 }));
  const where = page > 1 ? ` · ${t('page', number(page), number(pages))}` : '';
  $('count').replaceChildren(count(found), el('small', null, `${where} · ${time}`));
  $('side-done').textContent = t('show', count(found));
  $('side-open').textContent = state.filter.length ? t('filtersOf', state.filter.length) : t('filters');
}

function drawPager() {
  if (!(answer?.pages > 1)) return fill('pager');
  const { page, pages } = answer, to = (n, ...text) => link(address({ page: n }), ...text);
  const near = [1, page - 2, page - 1, page, page + 1, page + 2, pages].filter(n => n >= 1 && n <= pages);
  const numbers = [...new Set(near)].flatMap((n, i, all) => {
    const node = to(n, number(n));
    if (Math.abs(n - page) === 2 && n !== 1 && n !== pages) node.className = 'far';   // no room on a phone
    if (n === page) node.setAttribute('aria-current', 'page');
    return i && n - all[i - 1] > 1 ? [el('span.gap', null, '…'), node] : node;
  });
  const step = word => el('span.step', null, t(word));
  fill('pager', page > 1 && to(page - 1, '‹ ', step('previous')), ...numbers, page < pages && to(page + 1, step('next'), ' ›'));
}

// --- Sorting, messages
function drawSort() {
  const ways = field => /year|date/.test(field) ? { desc: 'newest', asc: 'oldest' } : { desc: 'falling', asc: 'rising' };
  const options = (info?.sorts ?? []).flatMap(({ field, label }) => Object.entries(ways(field)).map(([order, way]) =>
    el('option', { value: `${field}:${order}` }, t(way, local(label, field)))));
  // Without words there is nothing to be relevant to: what is shown first then is the catalog's choice.
  const browse = !state.q && info?.sorts?.find(s => s.field === info.browse);
  const usual = browse ? t(ways(browse.field).desc, local(browse.label, browse.field)) : t('relevance');
  if (state.sort && !options.some(o => o.value === state.sort)) options.push(el('option', { value: state.sort }, state.sort));
  $('sort').replaceChildren(el('option', { value: '' }, usual), ...options.filter(o => !browse || o.value !== `${browse.field}:desc` || state.sort === o.value));
  $('sort').value = state.sort;
}

const examples = () => [el('span', null, t('try')),
  ...EXAMPLES.map(q => el('a', { href: address({ ...browsing, q }), 'data-go': '', lang: langOf(q) }, q))];

function drawProblem() {
  if (!problem) return fill('error');
  const { status, body: { detail, title, hint } = { detail: t('down'), hint: t('downHint') } } = problem;
  const again = !(status < 500) && el('button.primary', { type: 'button', id: 'retry' }, t('retry'));   // a 4xx would stay one
  fill('error', el('h2', null, t(status === 0 ? 'nothing' : 'wrong')), el('p', null, detail ?? title ?? `HTTP ${status}`), hint && el('p.hint', null, hint),
    el('p.actions', null, again, link('/', t('restart'))));
}

function drawNothing() {
  if (!answer || answer.found) return fill('nothing');
  const unfiltered = state.filter.length > 0 && link(address({ filter: [] }), t('unfilter'));
  fill('nothing', el('h2', null, state.q ? t('nothingFor', state.q) : t('nothing')), el('p', null, t(info.documents ? 'spelling' : 'noCatalogHint')),
    el('p.actions', null, unfiltered, link(address(browsing), t('all'))), el('p.examples', null, examples()));
}

// --- The whole page
function drawAround() {
  document.documentElement.lang = locale();
  document.title = state.q ? `${state.q} – Quire` : 'Quire';
  for (const node of document.querySelectorAll('[data-t]')) node.textContent = t(node.dataset.t);
  for (const node of document.querySelectorAll('[data-label]')) node.setAttribute('aria-label', t(node.dataset.label));
  for (const node of document.querySelectorAll('[data-lang]')) node.setAttribute('aria-pressed', node.dataset.lang === lang);
  box.placeholder = t('placeholder');
  $('home').href = address(browsing);
  $('hero').hidden = !answer || address() !== address(browsing) || state.page > 1;
  $('headline').textContent = t(isBooks() ? 'helloBooks' : 'hello', number(info?.documents ?? 0));
  $('examples').replaceChildren(...examples());
  $('note').textContent = local(info?.note, '');
  $('json').href = info ? searchPath() : '/v1';
}

// What was done to the query, if it matters to people: not if nothing was found by it.
function notice(reply) {
  if (reply?.partial) return t('partial');
  if (!reply?.found) return;
  const list = words => words.join(lang === 'zh' ? '、' : ', '), { applied } = reply;
  if (applied.typos.length) return t('typos', list(applied.typos));
  if (applied.homophones) return t('sounds');
  if (applied.quotes.length) return t('quotes', list(applied.quotes));
  return applied.relaxed && t('relaxed');
}

// Drawing throws the focused element away: hand the focus to the one that took its place.
function draw() {
  const before = document.activeElement, key = before?.dataset.key;
  fill('facets', ...(answer && info.facets || []).map(drawFacet));
  fill('notice', notice(answer));
  for (const part of [drawAround, drawSort, drawChips, drawProblem, drawNothing, drawCount, drawPager]) part();
  $('results').replaceChildren(...(answer?.hits ?? []).map(drawHit));
  document.body.classList.add('ready');
  if (before?.isConnected !== false) return;
  const heir = key && [...document.querySelectorAll('[data-key]')].find(node => node.dataset.key === key);
  (heir || $('count')).focus({ preventScroll: true });
}

// On a narrow screen the filters are a sheet over the page, and the rest is out of reach until it closes.
function sheet(open) {
  if (document.body.classList.toggle('sheet', open) === $('top').inert) return;   // as it was
  for (const id of ['top', 'hero', 'found', 'foot']) $(id).inert = open;
  $(open ? 'side-close' : 'side-open').focus();
}

// --- Events
box.addEventListener('compositionstart', () => { composing = true; clearTimeout(timer); });
box.addEventListener('compositionend', () => { composing = false; typed(); });
box.addEventListener('input', event => { if (!composing && !event.isComposing) typed(); });
box.addEventListener('blur', () => { typing = false; });
$('form').addEventListener('submit', submit);
$('sort').addEventListener('change', () => visit(address({ q: box.value.trim(), sort: $('sort').value })));
const narrow = filter => visit(address({ q: box.value.trim(), filter }));
$('facets').addEventListener('change', ({ target }) => {
  const { field, value, end } = target.dataset;
  if (end) return narrow(withRange(field, typedRange(target.closest('fieldset'))));
  const others = state.filter.filter(c => c.field !== field || c.value !== value);
  narrow(target.checked ? [...others, { field, value }] : others);
});

function clicked(event) {
  const { target } = event, { more } = target.dataset, a = target.closest('a[data-go]');
  if (target.id === 'retry') search();
  if (more && !opened.delete(more)) opened.add(more);
  if (more) draw();
  const bar = target.closest('[data-bar]');
  if (bar) narrow(withRange(bar.dataset.bar, bar.getAttribute('aria-pressed') === 'true' ? null : rangeOf(bar.dataset)));
  // Links keep real addresses, so that opening one in a new tab works; a plain click stays in the page.
  if (!a || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  typing = false;
  visit(a.href);
  scrollTo(0, 0);
}
function pressed(event) {
  if (event.key === 'Escape') sheet(false);
  const inField = event.target.closest('input:not([type=checkbox]), select');
  if (event.key !== '/' || inField || event.metaKey || event.ctrlKey || event.altKey || $('top').inert) return;
  event.preventDefault();
  box.select();
}

addEventListener('click', clicked);
addEventListener('keydown', pressed);
addEventListener('popstate', () => { typing = false; follow(); });
for (const node of document.querySelectorAll('[data-lang]')) node.addEventListener('click', chooseLanguage);
for (const id of ['side-open', 'side-close', 'side-done']) $(id).addEventListener('click', () => sheet(id === 'side-open'));
matchMedia('(max-width: 760px)').addEventListener('change', () => sheet(false));

drawAround();
follow();
if (!state.q && matchMedia('(pointer: fine)').matches) box.focus({ preventScroll: true });
