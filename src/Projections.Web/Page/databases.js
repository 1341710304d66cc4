// Which databases the worker serves, where it serves several, and which of them need a look. The one that is shown is in the page's own address.

import { database, get } from './api.js';
import { el, say, show } from './dom.js';

const pause = 10000;

const addressOf = (name) => `?database=${encodeURIComponent(name)}`;

export class DatabasesView {
  constructor() {
    this.summary = el('p', {});
    this.choice = el('select', { 'aria-label': 'Database', onchange: () => { location.search = addressOf(this.choice.value); } });
    this.look = el('ul', {});
    this.element = el('section', { class: 'databases', hidden: true, 'aria-label': 'Databases' }, el('p', {}, this.choice), this.summary, this.look);
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
    this.look.replaceChildren(...list.needALook.map((one) => el('li', { class: 'failure' }, el('a', { href: addressOf(one.database) }, one.database), `: ${one.troubles.join(' ')}`)));
  }
}
