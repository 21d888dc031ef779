// The filter syntax. A filter is a list of clauses:
//   {field, value}            field:=`value`; a list of values is one clause for each of them
//   {field, from, to, open}   field:from..to, or field:from..<to if open, which excludes `to`
//   {raw}                     an expression that this page does not write itself; it is kept as it is, so that
//                             a deep link keeps its meaning
const VALUE = '`(?:[^`\\\\]|\\\\.)*`|[^\\s`&|,()[\\]]+';
const TIME = 'T\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d+)?)?(?:Z|[+-]\\d\\d:\\d\\d)?';
const DATE_OR_NUMBER =
  `(?:\\d{4}-\\d\\d(?:-\\d\\d(?:${TIME})?)?|-?\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?)(?![\\d-])`;
const CLAUSE = new RegExp('^([\\p{L}\\p{N}_.-]+):'
  + `(?:=\\s*(?:\\[((?:\\s*(?:${VALUE})\\s*(?:,|(?=\\])))+)\\]|(${VALUE}))`
  + `|\\s*(${DATE_OR_NUMBER})?\\.\\.(<?)(${DATE_OR_NUMBER})?)$`, 'u');

// The operands of && outside of quotes and parentheses. A filter with || at that level is one operand, in parentheses.
function splitConjunction(text) {
  const operands = [''];
  let depth = 0;
  for (const [token] of text.matchAll(/`(?:[^`\\]|\\.)*`|&&|\|\||[^]/gu)) {
    if ('(['.includes(token)) depth++;
    if (')]'.includes(token)) depth--;
    if (token === '||' && !depth) return [`(${text.trim()})`];
    if (token === '&&' && !depth) operands.push(''); else operands[operands.length - 1] += token;
  }
  return operands.map(operand => operand.trim()).filter(Boolean);
}

const unquote = value => value[0] === '`' ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
const quote = value => `\`${value.replace(/[`\\]/g, '\\$&')}\``;

/** The clauses of a filter. It never fails: text it cannot parse becomes a raw clause, for the server to check. */
export function parseFilter(text) {
  const clauses = [];
  for (const operand of splitConjunction(text)) {
    const [, field, list, value, from, open, to] = CLAUSE.exec(operand) ?? [];
    // Two conditions on one field are both required, but values of one field are alternatives: the second stays raw.
    const isRepeated = clauses.some(c => c.field === field);
    if (!field || isRepeated || (list ?? value ?? from ?? to) === undefined) {
      clauses.push({ raw: operand });
    } else if (list ?? value) {
      const values = (list ?? value).match(new RegExp(VALUE, 'gu'));
      clauses.push(...values.map(v => ({ field, value: unquote(v) })));
    } else {
      clauses.push({ field, from, to, open: open === '<' });
    }
  }
  return clauses;
}

/** The text of a filter. The values of a field are alternatives; every field has to match. */
export function formatFilter(clauses) {
  const fields = [...new Set(clauses.filter(c => c.value != null).map(c => c.field))].map(field => {
    const values = [...new Set(valuesIn(clauses, field).map(quote))];
    return `${field}:=${values.length > 1 ? `[${values.join(', ')}]` : values[0]}`;
  });
  const ranges = clauses.filter(isRange).map(c => `${c.field}:${c.from ?? ''}..${c.open ? '<' : ''}${c.to ?? ''}`);
  return [...fields, ...ranges, ...clauses.flatMap(c => c.raw ?? [])].join(' && ');
}

/** True if the clause is a range. */
export const isRange = clause => !clause.raw && clause.value == null;

/** The selected values of a field. */
export const valuesIn = (filter, field) =>
  filter.filter(c => c.field === field && c.value != null).map(c => c.value);

/** The range of a field, or undefined. */
export const rangeIn = (filter, field) => filter.find(c => isRange(c) && c.field === field);

/** The filter with a value of a field selected or not. */
export function withValue(filter, field, value, isSelected) {
  const others = filter.filter(c => c.field !== field || c.value !== value);
  return isSelected ? [...others, { field, value }] : others;
}

/** The filter with the range of a field replaced, or removed if the range is null. */
export function withRange(filter, field, range) {
  const others = filter.filter(c => !(isRange(c) && c.field === field));
  return range ? [...others, { field, ...range }] : others;
}
