// Places in the texts that people edit, as the server's problems name them.

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

const lineAt = (text, offset) => text.slice(0, offset).split('\n').length;

/** The line of the value at a path such as `[0].filter` in a JSON text, or of the deepest part of the path there is. */
export function lineOfPath(text, path) {
  const levels = [];
  let deepest = '', line = lineAt(text, text.search(/\S|$/));
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const level = levels.at(-1);
    if (token === '}' || token === ']') levels.pop();
    else if (token === ',' && level) level.key = level.isList ? level.key + 1 : null;
    else if (level && level.key === null) level.key = token.slice(1, -1);
    else if (token !== ':') {
      const here = levels.map(({ isList, key }) => isList ? `[${key}]` : `.${key}`).join('');
      if (here.length > deepest.length && path.startsWith(here) && /^([.[]|$)/.test(path.slice(here.length))) {
        deepest = here;
        line = lineAt(text, index);
      }
      if (token === '{' || token === '[') levels.push({ isList: token === '[', key: token === '[' ? 0 : null });
    }
  }
  return line;
}

/** The line that a problem is about: it names a line, a path, or something in quotes. Null if it names none of them. */
export function lineOfProblem(text, problem) {
  const [, line] = problem.match(/\bline (\d+), column \d+/) ?? [];
  if (line) return Number(line);
  const [, path] = problem.match(/^at ((?:\.[^.[\],:\s]+|\[\d+\])+)/) ?? [];
  if (path) return lineOfPath(text, path);
  const [, name] = problem.match(/"([^"]+)"/) ?? [], offset = name ? text.indexOf(`"${name}"`) : -1;
  return offset < 0 ? null : lineAt(text, offset);
}
