// Which programs work, and on what; read when it is opened, and again while it is.

import { get } from './api.js';
import { bytes, moment } from './format.js';
import { el, say } from './dom.js';
import { grid } from './sides.js';

const pause = 5000;

export class FleetView {
  constructor() {
    this.note = el('p', { class: 'note' });
    this.troubles = el('ul', { 'aria-label': 'What needs a look' });
    this.body = el('div', {});
    this.element = el('details', { class: 'fleet' }, el('summary', {}, 'Workers'), this.note, this.troubles, this.body);
    this.element.addEventListener('toggle', () => this.read());
  }

  async read() {
    clearTimeout(this.timer);
    if (!this.element.open) return;
    try {
      this.draw(await get('/fleet'));
    } catch (problem) {
      say(this.note, problem.message);
    }
    this.timer = setTimeout(() => this.read(), pause);
  }

  draw(fleet) {
    say(this.note, `Read models in ${fleet.database}, PostgreSQL ${fleet.server}, ${bytes(fleet.bytes)}. Events from ${fleet.source}.`);
    const told = JSON.stringify([fleet.workers, fleet.troubles]);
    if (told === this.told) return;
    this.told = told;
    this.troubles.replaceChildren(...fleet.troubles.map((trouble) => el('li', { class: 'failure' }, trouble)));
    this.body.replaceChildren(grid('Workers', ['Worker', 'Release', 'Holds', 'Carries out', 'Sessions'], fleet.workers.map((worker) => [
      worker.worker, worker.release ?? 'unknown', worker.versions.join(', ') || 'nothing', worker.orders.join(', ') || 'nothing',
      worker.sessions === 0 ? 'none: it is gone, and what it holds passes to another' : `${worker.sessions}, since ${moment(worker.since)}`,
    ])));
  }
}
