// The events that a version could not handle and set aside, and what is to become of them. Their data is shown to whoever asks for it.

import { get } from './api.js';
import { decide, showEvent } from './commands.js';
import { el, fill, say, show } from './dom.js';
import { events, moment, payload } from './format.js';

export class DeadLettersView {
  constructor() {
    this.caption = el('summary', {});
    this.list = el('ul', { class: 'letters' });
    this.bulk = el('div', { class: 'actions' });
    this.trouble = el('p', { class: 'error' });
    this.element = el('details', { hidden: true }, this.caption, this.trouble, this.bulk, this.list);
    this.element.addEventListener('toggle', () => this.read());
  }

  update(projection, may) {
    const waiting = projection.versions.reduce((sum, version) => sum + version.deadLetters, 0);
    const mark = JSON.stringify(projection.versions.map((version) => version.deadLetters));
    const changed = mark !== this.mark;
    this.projection = projection;
    this.mayCommand = may.includes('dead-letters');
    this.mayShow = may.includes('show-event');
    this.mark = mark;
    say(this.caption, waiting === 0 ? 'Dead letters: none wait' : `Dead letters: ${events(waiting)} ${waiting === 1 ? 'waits' : 'wait'} for a decision`);
    // Once shown it stays, so that what was decided can be looked at.
    if (waiting > 0) show(this.element, true);
    if (changed) this.read();
  }

  async read() {
    if (!this.element.open) return;
    try {
      const letters = await get(`/projections/${encodeURIComponent(this.projection.projection)}/dead-letters?limit=200`);
      fill(this.list, letters.map((letter) => this.item(letter)));
      const versions = [...new Set(letters.filter((letter) => letter.status === 'waiting').map((letter) => letter.version))];
      fill(this.bulk, this.mayCommand ? versions.flatMap((version) => [this.button('Retry all', 'retry', version), this.button('Discard all', 'discard', version)]) : []);
      say(this.trouble, '');
    } catch (problem) {
      say(this.trouble, problem.message);
    }
  }

  item(letter) {
    const by = letter.setAsideBy ? ` by ${letter.setAsideBy} (${letter.setAsideWhy})` : '';
    const decided = letter.decidedBy ? `, ${letter.status} by ${letter.decidedBy}` : letter.status === 'waiting' ? '' : `, ${letter.status}`;
    return el('li', { 'data-status': letter.status },
      el('p', {}, el('strong', {}, letter.type), ` at position ${letter.position}, v${letter.version}`),
      el('p', { class: 'failure' }, letter.error),
      el('p', { class: 'note' }, `Stream ${letter.stream}, event ${letter.streamVersion}; set aside ${moment(letter.setAsideAt)}${by}, ${letter.attempts} ${letter.attempts === 1 ? 'try' : 'tries'}${decided}.`),
      this.payload(letter),
      this.mayCommand && letter.status === 'waiting'
        ? el('div', { class: 'actions' }, this.button('Retry', 'retry', letter.version, letter), this.button('Discard', 'discard', letter.version, letter))
        : null);
  }

  payload(letter) {
    const data = el('pre', { tabindex: 0 }, payload(letter.data));
    const ask = el('button', {
      type: 'button', class: 'quiet', 'aria-label': `Show the data of the event at position ${letter.position}`,
      onclick: () => showEvent(this.projection, letter.version, letter.position, (event) => { say(data, payload(event.data)); ask.remove(); }, true),
    }, 'Show its data…');
    return el('details', {}, el('summary', {}, 'Payload'), el('p', { class: 'note' }, 'Values are hidden, as they may be about people.'), data,
      this.mayShow ? el('div', { class: 'actions' }, ask) : null);
  }

  button(label, verb, version, letter) {
    return el('button', {
      type: 'button', class: verb === 'discard' ? 'quiet danger' : 'quiet',
      'aria-label': letter ? `${label} the event at position ${letter.position}` : `${label} waiting events of v${version}`,
      onclick: () => decide(this.projection, verb, version, letter, () => this.read()),
    }, letter ? `${label}…` : `${label} of v${version}…`);
  }
}
