// Typing, with or without an input method. The letters of an unfinished composition are no text yet: "nihao" on the way
// to "你好" is not what somebody searches for.

/**
 * Watches an input. Calls `changed()` when its text changed, but during a composition only once at its end, and
 * `composing()` when a composition begins. Returns a function that tells whether the input is within a composition, of
 * which the Enter that ends it is a part.
 */
export function watchTyping(input, { changed, composing }) {
  let isComposing = false, isEndingByEnter = false;
  input.addEventListener('compositionstart', () => { isComposing = true; composing(); });
  input.addEventListener('compositionend', () => { isComposing = false; changed(); });
  input.addEventListener('input', event => { if (!isComposing && !event.isComposing) changed(); });
  // Safari ends the composition before it reports the key.
  input.addEventListener('keydown', event => {
    isEndingByEnter = event.key === 'Enter' && (event.isComposing || event.keyCode === 229);
  });
  input.addEventListener('keyup', () => { isEndingByEnter = false; });
  return () => isComposing || isEndingByEnter;
}
