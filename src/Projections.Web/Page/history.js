// Who changed what, when and why; read when it is opened, and again when something has changed.

import { get } from './api.js';
import { el, fill, say } from './dom.js';
import { moment } from './format.js';

// What was before is in the table below.
const mostPast = 8;

export class HistoryView {
  constructor() {
    this.body = el('tbody', {});
    this.trouble = el('p', { class: 'error' });
    this.line = el('ol', { class: 'line', 'aria-label': 'Versions that were live, one after the other' });
    this.element = el('details', { class: 'history' }, el('summary', {}, 'History'), this.trouble, this.line,
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

  open() {
    this.element.open = true;
  }

  async read() {
    if (!this.element.open) return;
    try {
      const history = await get(`/projections/${encodeURIComponent(this.projection.projection)}/history?limit=100`);
      this.drawLine(history.switches);
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

  /** One version after the other: which were live from when on, which is now, and which wait beside it. */
  drawLine(switches) {
    const past = switches.slice(0, mostPast).reverse();
    const live = past.map((line, at) => el('li', { 'data-live': at === past.length - 1, 'aria-current': at === past.length - 1 ? 'true' : null },
      el('strong', {}, `v${line.to}`), el('span', {}, at === past.length - 1 ? `live since ${moment(line.at)}` : `from ${moment(line.at)}`), el('span', {}, `by ${line.who}`)));
    const beside = this.projection.versions.filter((version) => version.version !== this.projection.liveVersion && !['standby', 'retired'].includes(version.state))
      .map((version) => el('li', { 'data-beside': true }, el('strong', {}, `v${version.version}`), el('span', {}, version.state)));
    const earlier = switches.length > mostPast ? [el('li', { class: 'note' }, `${switches.length - mostPast} earlier`)] : [];
    this.line.replaceChildren(...earlier, ...live, ...beside);
  }
}
