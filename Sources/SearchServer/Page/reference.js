// Quire's page of its API: /openapi.json, for people.
import { $, el } from './dom.js';

let api;

/** The part of the document that an object refers to, or the object itself. */
const resolved = part => part?.$ref
  ? part.$ref.split('/').slice(1).reduce((inner, name) => inner[name], api)
  : part;

/** A text whose parts between backticks are code. */
const prose = text => text.split('`').map((part, i) => i % 2 ? el('code', {}, part) : part);

const nameOf = part => part.$ref?.split('/').at(-1);

/** A schema in words: `text, at most 512 characters`, `list of Hit`, `one of: a, b`. */
function inWords(schema) {
  if (!schema) return '';
  if (schema.$ref) return nameOf(schema);
  if (schema.enum) return `one of: ${schema.enum.join(', ')}`;
  const choices = schema.oneOf ?? schema.allOf;
  if (choices) return choices.map(inWords).join(' or ');
  const type = [schema.type ?? 'anything'].flat().join(' or ');
  const limits = [
    schema.minimum != null && schema.maximum != null ? `from ${schema.minimum} to ${schema.maximum}`
      : schema.minimum != null ? `from ${schema.minimum}` : '',
    schema.maxLength != null ? `at most ${schema.maxLength} characters` : '',
    schema.maxItems != null ? `at most ${schema.maxItems}` : '',
    schema.default != null ? `${schema.default} by default` : ''];
  const whole = type === 'array' ? `list of ${inWords(schema.items)}` : type;
  return [whole, ...limits].filter(Boolean).join(', ');
}

const rows = (heading, list) => list.length > 0 && [
  heading && el('h4', {}, heading),
  el('table', {}, el('tbody', {}, list.map(([name, text, note]) => el('tr', {},
    el('th', { scope: 'row' }, el('code', {}, name)),
    el('td', {}, prose(text), note && el('small', {}, note)))))),
];

/** The members of an object's schema as rows; none for other schemas. */
function members(schema) {
  const whole = resolved(schema) ?? {};
  const required = new Set(whole.required);
  return Object.entries(whole.properties ?? {}).map(([name, member]) =>
    [name, member.description ?? resolved(member).description ?? '',
      [inWords(member), required.has(name) ? '' : 'optional'].filter(Boolean).join('; ')]);
}

/** The schemas that a schema names, itself included, each once. */
function named(schema, found = new Set()) {
  if (schema == null || typeof schema !== 'object') return found;
  if (schema.$ref?.includes('/schemas/')) {
    if (found.has(nameOf(schema))) return found;
    found.add(nameOf(schema));
    return named(resolved(schema), found);
  }
  for (const part of Object.values(schema)) named(part, found);
  return found;
}

function drawBody(heading, content) {
  return Object.entries(content ?? {}).map(([type, { schema, example }]) => [
    rows(heading, [[type, resolved(schema)?.description ?? '', inWords(schema)]]),
    example != null && el('pre', {}, typeof example === 'string' ? example : JSON.stringify(example)),
    [...named(schema)].map(name => {
      const list = members(api.components.schemas[name]);
      return list.length > 0 && el('details', {}, el('summary', {}, name), rows('', list));
    }),
  ]).flat(Infinity);
}

function drawCall(path, method, call) {
  const parameters = (call.parameters ?? []).map(resolved);
  const responses = Object.entries(call.responses).map(([status, response]) => [status, resolved(response)]);
  const good = responses.filter(([status]) => status < 300);
  const codes = response =>
    response.content?.['application/problem+json']?.schema.properties.code.enum.join(', ') ?? '';
  return el('section.call', { id: call.operationId, 'aria-label': call.summary },
    el('h3', {}, el('strong', {}, method.toUpperCase()), ` ${path}`),
    el('p', {}, prose([`${call.summary}.`, call.description].filter(Boolean).join(' '))),
    el('p.role', {}, call['x-role'] ? `Key with the role ${call['x-role']}` : 'Without a key'),
    rows('Parameters', parameters.map(({ name, in: place, description, required, schema }) =>
      [name, description ?? '', [place, inWords(schema), required && 'required'].filter(Boolean).join('; ')])),
    call.requestBody && drawBody('Body', resolved(call.requestBody).content),
    good.map(([status, { description, content }]) => [
      rows('Reply', [[status, description]]), drawBody('', content)]),
    el('details', {}, el('summary', {}, 'Other replies'),
      rows('', responses.filter(([status]) => status >= 300).map(([status, response]) =>
        [status, response.description, codes(response)]))));
}

function draw() {
  const calls = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, call]) => ({ path, method, call })));
  $('about').replaceChildren(...prose(api.info.description));
  for (const { name } of api.tags) {
    const own = calls.filter(({ call }) => call.tags.includes(name));
    $('contents').append(el('h2', {}, name), el('ul', {}, own.map(({ path, method, call }) => el('li', {},
      el('a', { href: `#${call.operationId}` }, el('strong', {}, method.toUpperCase()), ` ${path}`)))));
    $('calls').append(el('h2', {}, name), ...own.map(({ path, method, call }) => drawCall(path, method, call)));
  }
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

try {
  const reply = await fetch('/openapi.json');
  if (!reply.ok) throw new Error(`status ${reply.status}`);
  api = await reply.json();
  draw();
} catch (error) {
  $('about').textContent = `The description of the API cannot be read: ${error.message}`;
}
document.body.classList.add('ready');
