// Builds elements. Text always becomes text nodes, never markup.

export const $ = id => document.getElementById(id);

/**
 * A new element, e.g. `el('p.note', { lang: 'en' }, 'text', node, null)`. Attributes that are null or undefined and
 * children that are falsy are left out; lists of children are flattened.
 */
export function el(name, attributes, ...children) {
  const [tag, ...classes] = name.split('.'), node = document.createElement(tag);
  node.classList.add(...classes);
  for (const [key, value] of Object.entries(attributes ?? {})) if (value != null) node.setAttribute(key, value);
  node.append(...children.flat(3).filter(child => child));
  return node;
}

/** A link that is followed within the page: app.js handles a plain click on `data-go`. */
export const link = (address, ...children) => el('a', { href: address, 'data-go': '' }, ...children);

/** Replaces the children of an element by those that are not falsy; an element left empty is hidden. */
export function replaceContent(id, ...children) {
  $(id).replaceChildren(...children.filter(Boolean));
  $(id).hidden = !$(id).hasChildNodes();
}
