// Messages, and the formats of numbers and values, in English and in Chinese.

// Each message in English and in Chinese; t() replaces {0} and {1}.
const MESSAGES = {
  search: ['Search', '搜索'],
  placeholder: ['Title, author or any words', '书名、作者或任意词语'],
  tagline: ['Chinese and English, found together as you type.', '中英文一起搜，边输入边出结果。'],
  searchDocuments: ['Search {0} documents', '搜索 {0} 篇文档'],
  searchBooks: ['Search {0} books', '搜索 {0} 本书'],
  try: ['Try', '试试'],
  skip: ['Skip to the results', '跳到搜索结果'],
  viewAsJSON: ['These results as JSON', '以 JSON 查看结果'],
  yes: ['Yes', '是'],
  no: ['No', '否'],
  listSeparator: [', ', '、'],

  suggestions: ['Suggestions', '搜索建议'],
  title: ['Title', '书名'],
  author: ['Author', '作者'],
  series: ['Series', '系列'],
  query: ['Popular search', '热门搜索'],
  category: ['Category', '分类'],
  recent: ['Recent searches', '最近搜索'],
  recentHint: ['Delete removes one', '按 Delete 键删除一条'],
  removeRecent: ['Remove', '删除'],
  clearRecent: ['Clear recent searches', '清除最近搜索'],

  resultList: ['Results', '搜索结果'],
  book: ['{0} book', '{0} 条结果'],
  books: ['{0} books', '{0} 条结果'],
  result: ['{0} result', '{0} 条结果'],
  results: ['{0} results', '{0} 条结果'],
  milliseconds: ['{0} ms', '{0} 毫秒'],
  outOfStock: ['Out of stock', '缺货'],
  rating: ['Rated {0} out of 5', '评分 {0}（满分 5 分）'],
  pageOf: ['Page {0} of {1}', '第 {0} 页，共 {1} 页'],
  pages: ['Pages', '分页'],
  previous: ['Previous', '上一页'],
  next: ['Next', '下一页'],

  sort: ['Sort', '排序'],
  relevance: ['Relevance', '相关度'],
  descending: ['{0}: high to low', '{0}从高到低'],
  ascending: ['{0}: low to high', '{0}从低到高'],
  newestFirst: ['{0}: newest first', '{0}从新到旧'],
  oldestFirst: ['{0}: oldest first', '{0}从旧到新'],

  filters: ['Filters', '筛选'],
  filtersCount: ['Filters ({0})', '筛选 ({0})'],
  close: ['Close', '关闭'],
  showResults: ['Show {0}', '查看 {0}'],
  showMore: ['Show more ({0})', '显示更多 ({0})'],
  showFewer: ['Show fewer', '收起'],
  other: ['Other', '其他'],
  labeled: ['{0}: {1}', '{0}：{1}'],
  between: ['{0} – {1}', '{0}–{1}'],
  atLeast: ['{0} or more', '{0} 及以上'],
  atMost: ['up to {0}', '{0} 及以下'],
  minimum: ['Least {0}', '最低{0}'],
  maximum: ['Most {0}', '最高{0}'],
  removeFilter: ['Remove filter: {0}', '移除筛选：{0}'],
  clearFilters: ['Clear all', '全部清除'],

  correctedQuery: ['Showing results for {0}. Search instead for {1}', '以下是 {0} 的搜索结果。仍然搜索 {1}'],
  didYouMean: ['Did you mean {0}?', '您要找的是不是 {0}？'],
  relaxed: ['No result has all the words; these have most of them.', '没有包含全部词语的结果，以下包含其中大部分词语。'],
  someWords: ['{0} with some of the words', '包含部分词语：{0}'],
  quotes: ['The quotes around “{0}” were ignored; shown is what has these words.',
    '“{0}”未按引号精确匹配，以下为包含这些词语的结果。'],
  homophones: ['Nothing has all of this; what sounds like it is shown as well.', '没有完全匹配的结果，以下包含读音相同的结果。'],
  partial: ['The search took too long: there may be more than is shown.', '搜索用时过长，结果可能不完整。'],

  noResults: ['Nothing found', '没有找到结果'],
  noResultsFor: ['Nothing found for “{0}”', '没有找到“{0}”'],
  checkSpelling: ['Check the spelling, or try fewer words.', '请检查用字，或换用更少的词语。'],
  searchUnfiltered: ['Search without filters', '不加筛选再搜'],
  browseAll: ['Browse everything', '浏览全部'],
  failed: ['That did not work', '这次没有成功'],
  key: ['Key', '密钥'],
  useKey: ['Use it', '使用'],
  pageFor: ['There is a page for this: {0}', '相关页面：{0}'],
  retry: ['Try again', '重试'],
  startOver: ['Start over', '重新开始'],
  unreachable: ['The search service cannot be reached.', '无法连接搜索服务。'],
  unreachableHint: ['Check that it is running, then try again.', '请确认服务正在运行，然后重试。'],
  noCatalog: ['There is no catalog yet.', '还没有目录。'],
  noCatalogHint: ['Index some documents, then load this page again.', '请先导入一些文档，再重新打开本页。'],
};

const STORAGE_KEY = 'quire.lang';

/** The language of the page: `'en'` or `'zh'`. */
export let language = savedLanguage() ?? (/^zh\b/i.test(navigator.language) ? 'zh' : 'en');

// A private window may refuse storage; the choice then lasts until the page is closed.
function savedLanguage() {
  try { return ['en', 'zh'].find(code => code === localStorage.getItem(STORAGE_KEY)); } catch { return undefined; }
}

export function setLanguage(code) {
  language = code;
  try { localStorage.setItem(STORAGE_KEY, code); } catch { /* See savedLanguage(). */ }
}

export const locale = () => (language === 'zh' ? 'zh-CN' : 'en');

/** The message of a key in the language of the page, in pieces: texts, and the values, which may be nodes. */
export const pieces = (key, ...values) =>
  MESSAGES[key][language === 'zh' ? 1 : 0].split(/\{(\d)\}/).map((piece, i) => i % 2 ? values[piece] : piece);

/** The message of a key in the language of the page. */
export const t = (key, ...values) => pieces(key, ...values).join('');

/** Adds messages of a page, or replaces shared ones: `{ key: [english, chinese] }`. */
export const addMessages = messages => Object.assign(MESSAGES, messages);

export const hasMessage = key => key in MESSAGES;

/** Writes the messages that the markup names in `data-t` and `data-label`, and marks the button of the language. */
export function localizeDocument() {
  document.documentElement.lang = locale();
  for (const node of document.querySelectorAll('[data-t]')) node.textContent = t(node.dataset.t);
  for (const node of document.querySelectorAll('[data-label]')) node.setAttribute('aria-label', t(node.dataset.label));
  for (const button of document.querySelectorAll('[data-lang]')) {
    button.setAttribute('aria-pressed', button.dataset.lang === language);
  }
}

/** The text of a label of the catalog, `{en, zh}`, or the fallback. */
export const localize = (label, fallback) => label?.[language] ?? label?.en ?? fallback;

export const formatNumber = (n, options) => new Intl.NumberFormat(locale(), options).format(n);

export function formatMoney(amount, currency) {
  try {
    const options = { style: 'currency', currency, currencyDisplay: 'narrowSymbol' };
    return new Intl.NumberFormat(locale(), options).formatToParts(amount)
      .map(part => part.type === 'currency' ? `${part.value}\u00a0` : part.value).join('');
  } catch { return formatNumber(amount, { minimumFractionDigits: 2 }); }   // an unknown currency
}

export const isBooks = catalogInfo => catalogInfo?.catalog === 'books';

/** A number of hits, e.g. “2,852 books”. */
export const formatCount = (catalogInfo, n) =>
  t((isBooks(catalogInfo) ? 'book' : 'result') + (n === 1 ? '' : 's'), formatNumber(n));

/**
 * The language of a text, for its `lang` attribute, by which browsers choose glyphs and voices. It is guessed from the
 * script of the text and the language of its document.
 */
export function languageOf(text, documentLanguage = 'en') {
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return 'ja';
  if (/\p{Script=Han}/u.test(text)) return /^(zh|ja|ko)/.test(documentLanguage) ? documentLanguage : 'zh';
  return /^(?!zh|ja)[a-z]{2,3}\b/.test(documentLanguage) ? documentLanguage : 'en';
}

/** The display name of a facet value: booleans and language codes have one, other values are shown as they are. */
export function valueName(field, value) {
  if (value === 'true' || value === 'false') return t(value === 'true' ? 'yes' : 'no');
  if (!/^lang/.test(field)) return value;
  if (language === 'zh' && value === 'en') return '英文';
  try { return new Intl.DisplayNames(locale(), { type: 'language' }).of(value); } catch { return value; }
}
