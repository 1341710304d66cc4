// Who changed what, when and why; read when it is opened, and again when something has changed.

import { get } from './api.js';
import { el, fill, say } from './dom.js';
import { moment } from './format.js';

export class HistoryView {
  constructor() {
    this.body = el('tbody', {});
    this.trouble = el('p', { class: 'error' });
    this.element = el('details', { class: 'history' }, el('summary', {}, 'History'), this.trouble,
      el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'History' },
        el('table', {}, el('thead', {}, el('tr', {}, ...['When', 'What', 'Position', 'Who', 'Why'].map((name) => el('th', { scope: 'col' }, name)))), this.body)));
    this.element.addEventListener('toggle', () => this.read());
  }

  update(projection) {
    const mark = JSON.stringify([projection.generation, projection.versions.map((version) => [version.version, version.state])]);
    this.projection = projection;
    if (mark !== this.mark) {
      this.mark = mark;
      this.read();
    }
  }

  async read() {
    if (!this.element.open) return;
    try {
      const history = await get(`/projections/${encodeURIComponent(this.projection.projection)}/history?limit=100`);
      const lines = [
        ...history.switches.map((line) => ({ ...line, what: `Reads ${line.from === null ? '' : `v${line.from} `}→ v${line.to}`, who: line.askedBy === null ? line.who : `${line.who}, asked by ${line.askedBy}`, isSwitch: true })),
        ...history.transitions.map((line) => ({ ...line, what: `v${line.version} ${line.from === null ? '' : `${line.from} `}→ ${line.to}` })),
        ...history.commands.map((line) => ({ ...line, what: `${line.command}: ${line.outcome}`, who: line.from === null ? line.who : `${line.who}, ${line.from}` })),
      ].sort((a, b) => (a.at < b.at ? 1 : -1));
      fill(this.body, lines.map((line) => el('tr', { class: line.isSwitch ? 'switch' : null },
        el('td', {}, el('time', { datetime: line.at }, moment(line.at))), el('td', {}, line.what), el('td', {}, line.position ?? ''), el('td', {}, line.who), el('td', {}, line.why ?? ''))));
      say(this.trouble, '');
    } catch (problem) {
      say(this.trouble, problem.message);
    }
  }
}
