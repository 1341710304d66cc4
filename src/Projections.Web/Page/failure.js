// Why a version stopped, what helps, and the event that it stopped at. What is in an event may be about people, so it is shown to
// whoever asks for it, and the history keeps who did.

import { get } from './api.js';
import { showEvent } from './commands.js';
import { el, fill, say, set, show } from './dom.js';
import { moment, payload } from './format.js';

export class FailureView {
  constructor() {
    this.text = el('p', {});
    this.ways = el('ol', { class: 'ways' });
    this.facts = el('p', { class: 'note' });
    this.data = el('pre', { tabindex: 0, hidden: true });
    this.ask = el('button', { type: 'button', class: 'quiet', hidden: true, onclick: () => this.askForData() }, 'Show its data…');
    this.event = el('details', { class: 'event' }, el('summary', {}, 'The event'), this.facts, this.data, el('div', { class: 'actions' }, this.ask));
    this.help = el('div', { class: 'help' }, el('p', {}, el('strong', {}, 'What helps, in this order')), this.ways);
    this.element = el('div', { class: 'failed', hidden: true }, el('div', { class: 'failure' }, this.text), this.help, this.event);
    this.event.addEventListener('toggle', () => this.read());
  }

  update(projection, version, may) {
    this.projection = projection;
    this.version = version;
    this.may = may.includes('show-event');
    show(this.element, Boolean(version.failure));
    if (!version.failure) return;
    const at = version.failurePosition ? ` at position ${version.failurePosition}` : '';
    // What stopped says so itself, and where.
    const itself = `${projection.projection} v${version.version} stopped${at}: `;
    say(this.text, `Failed${at}: ${version.failure.startsWith(itself) ? version.failure.slice(itself.length) : version.failure}`);
    set(this.ask, 'aria-label', `Show the data of the event at which v${version.version} stopped`);
    const ways = version.waysOut.map((way) => way.what);
    if (ways.join() !== this.told) fill(this.ways, ways.map((way) => el('li', {}, way)));
    this.told = ways.join();
    show(this.help, ways.length > 0);
    show(this.event, version.failurePosition !== null);
    if (version.failurePosition !== this.position) {
      this.position = version.failurePosition;
      this.show(null);
      this.read();
    }
  }

  async read() {
    if (!this.event.open || this.shown !== null || this.position === null) return;
    try {
      this.show(await get(`/projections/${encodeURIComponent(this.projection.projection)}/versions/${this.version.version}/failed-event`));
    } catch (problem) {
      say(this.facts, problem.message);
    }
  }

  show(event) {
    this.shown = event;
    show(this.data, event !== null);
    show(this.ask, event?.dataIsHidden === true && this.may);
    if (event === null) return;
    say(this.facts, `${event.type}, event ${event.streamVersion} of ${event.stream}, stored ${moment(event.time)}.`
      + (event.dataIsHidden ? ' Its values are hidden, as they may be about people.' : ' It was kept in the history that you asked for it.'));
    say(this.data, payload(event.data));
  }

  askForData() {
    showEvent(this.projection, this.version.version, this.position, (event) => this.show(event));
  }
}
