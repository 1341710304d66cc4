// Which databases the worker serves, where it serves several, and which of them need a look. The one that is shown is in the page's own address.

import { database, get } from './api.js';
import { el, say, show } from './dom.js';

const pause = 10000;
// Of many that need a look, so many are shown at once.
const mostShown = 10;

const addressOf = (name) => `?database=${encodeURIComponent(name)}`;

const items = (several) => el('ul', {}, ...several.map((one) => el('li', {},
  el('a', { href: addressOf(one.database), 'aria-current': one.database === database ? 'page' : null }, one.database), el('div', {}, ...one.troubles.map((trouble) => el('p', {}, trouble))))));

function folded(needALook) {
  if (needALook.length === 0) return [];
  const more = needALook.slice(mostShown);
  return [items(needALook.slice(0, mostShown)), more.length === 0 ? null : el('details', {}, el('summary', {}, `and ${more.length} more`), items(more))].filter((part) => part !== null);
}

export class DatabasesView {
  constructor() {
    this.summary = el('p', {});
    this.choice = el('select', { id: 'database', onchange: () => { location.search = addressOf(this.choice.value); } });
    this.look = el('div', { class: 'look' });
    this.element = el('section', { class: 'databases', hidden: true, 'aria-label': 'Databases' },
      el('div', { class: 'choice' }, el('label', { for: 'database' }, 'Database'), this.choice, this.summary), this.look);
  }

  /** Shows the list, and goes on showing it. Returns whether there is a database to show: one without a name, or one that was chosen. */
  async begin() {
    const list = await get('/databases');
    this.draw(list);
    if (!this.timer && list.databases.length > 0) this.timer = setInterval(() => this.read(), pause);
    return list.databases.length === 0 || database !== null;
  }

  async read() {
    try {
      this.draw(await get('/databases'));
    } catch {
      // Whoever is connected tells that the connection is lost.
    }
  }

  draw(list) {
    show(this.element, list.databases.length > 0);
    say(this.summary, `${list.well} of ${list.databases.length} databases as they should be${list.listTrouble ? `. The list cannot be read: ${list.listTrouble}` : ''}`);
    const told = JSON.stringify([list.databases, list.needALook]);
    if (told === this.told) return;
    this.told = told;
    const options = list.databases.map((name) => el('option', { value: name, selected: name === database }, name));
    this.choice.replaceChildren(...(database === null ? [el('option', { value: '', selected: true, disabled: true }, 'Choose a database')] : []), ...options);
    this.look.replaceChildren(...folded(list.needALook));
  }
}
