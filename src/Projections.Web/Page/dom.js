// Makes and changes elements. Text is always set as text, never as HTML: payloads and reasons come from elsewhere.

/** Makes an element: el('button', { class: 'x', onclick: f }, 'Text', child). */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) {
      element.addEventListener(name.slice(2), value);
    } else {
      set(element, name, value);
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Sets an attribute, or takes it away (null, undefined, false), only where that changes something. */
export function set(element, name, value) {
  if (value === null || value === undefined || value === false) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
  } else if (element.getAttribute(name) !== String(value === true ? '' : value)) {
    element.setAttribute(name, value === true ? '' : value);
  }
}

/** Sets an element's text only where it differs, so that nothing is read out twice and no selection is lost. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Shows or hides. */
export function show(element, visible) {
  if (element.hidden === visible) element.hidden = !visible;
}

/** Replaces an element's children, unless they are the same. */
export function fill(element, children) {
  const same = element.childNodes.length === children.length && children.every((child, at) => element.childNodes[at] === child);
  if (!same) element.replaceChildren(...children);
}

let announced;

/** Tells those who listen to the page what has changed. */
export function announce(text) {
  const region = document.getElementById('announcements');
  region.textContent = text;
  clearTimeout(announced);
  announced = setTimeout(() => { region.textContent = ''; }, 8000);
}

/** Shows what came of a command, for a while; a failure until it is dismissed. */
export function notice(text, failed = false) {
  const item = el('li', { class: failed ? 'failed' : 'done', role: failed ? 'alert' : 'status' }, el('span', {}, text),
    el('button', { type: 'button', class: 'plain', 'aria-label': 'Dismiss', onclick: () => item.remove() }, '×'));
  document.getElementById('notices').append(item);
  if (!failed) setTimeout(() => item.remove(), 8000);
}
