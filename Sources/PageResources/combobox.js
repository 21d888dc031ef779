// An input with a list of options below it: the combobox of WAI-ARIA 1.2 with manual selection. The focus stays in the
// input, whose aria-activedescendant names the active option.

/**
 * Connects an input with a listbox. Calls `open()` when a key asks for the closed list, `choose(option)`,
 * `remove(option)` for the Delete key or a click on the option's `data-remove`, and `clear()` for Escape when the list
 * is closed.
 */
export function combobox(input, list, { open, choose, remove, clear }) {
  let active = null;
  const options = () => [...list.querySelectorAll('[role=option]')];

  function activate(option) {
    active?.setAttribute('aria-selected', false);
    active = option ?? null;
    active?.setAttribute('aria-selected', true);
    active?.scrollIntoView({ block: 'nearest' });
    if (active) input.setAttribute('aria-activedescendant', active.id);
    else input.removeAttribute('aria-activedescendant');
  }

  /** Shows other content; without an option in it the list closes. */
  function show(...content) {
    activate(null);
    list.replaceChildren(...content);
    options().forEach((option, i) => { option.id = `${list.id}-${i}`; });
    list.hidden = !options().length;
    list.scrollTop = 0;
    input.setAttribute('aria-expanded', !list.hidden);
  }

  // Between the last option and the first the input itself has its turn.
  function step(distance) {
    if (list.hidden) return open();
    const ring = [null, ...options()];
    activate(ring.at((ring.indexOf(active) + distance) % ring.length));
  }

  // The option that takes the place of the removed one is the active one.
  function removeActive() {
    const index = options().indexOf(active);
    remove(active);
    activate(options()[index]);
  }

  // True if the key was for the list. Its effect on the input is then prevented.
  function handleKey(key) {
    if (key === 'ArrowDown') step(1);
    else if (key === 'ArrowUp') step(-1);
    else if (key === 'Escape' && !list.hidden) show();
    else if (key === 'Escape' && input.value) clear();
    else if (!active) return false;
    else if (key === 'Home') activate(options()[0]);
    else if (key === 'End') activate(options().at(-1));
    else if (key === 'Enter') choose(active);
    else if (key === 'Delete' && active.querySelector('[data-remove]')) removeActive();
    else {
      if (key === 'ArrowLeft' || key === 'ArrowRight') activate(null);
      return false;
    }
    return true;
  }

  input.addEventListener('keydown', event => {
    // Keys of an input method are its own; Safari reports those that end a composition with key code 229 only.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.metaKey || event.ctrlKey || event.altKey || event.shiftKey) return;
    if (handleKey(event.key)) event.preventDefault();
  });
  input.addEventListener('blur', () => show());
  list.addEventListener('mousedown', event => event.preventDefault());   // keeps the focus, after a touch too
  list.addEventListener('click', ({ target }) => {
    const option = target.closest('[role=option]');
    if (option && target.closest('[data-remove]')) remove(option);
    else if (option) choose(option);
  });

  return { show, leave: () => activate(null), isChoosing: () => active !== null, isOpen: () => !list.hidden };
}
