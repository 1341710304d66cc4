// All projections, or the one that the address names (#/invoice_summary). Many are folded by what they need from somebody, and can be searched.

import { el, fill, say } from './dom.js';
import { isBuild } from './states.js';

// Up to here one looks through them faster than one types or unfolds.
const few = 8;

const has = (projection, of) => projection.versions.some(of);
const groups = [
  { title: 'Failed or broken', open: true, of: (one) => one.errors.length > 0 || has(one, (version) => version.state === 'failed' || ['stuck', 'broken'].includes(version.lastCheck?.verdict)) },
  { title: 'Being built', open: true, of: (one) => has(one, (version) => isBuild(version.state)) },
  { title: 'Waiting for a decision', open: true, of: (one) => has(one, (version) => ['ready', 'paused'].includes(version.state) || version.deadLetters > 0) },
  { title: 'Live', open: false, of: (one) => one.liveVersion !== null },
  { title: 'Not live', open: false, of: () => true },
];

/** The projection that the address names, if any. */
export const chosen = () => (location.hash.startsWith('#/') ? decodeURIComponent(location.hash.slice(2)) : null);

export const linkTo = (name) => `#/${encodeURIComponent(name)}`;

export class Overview {
  /** @param place Where it goes. @param cardOf Gives a projection's card, as it is now. */
  constructor(place, cardOf) {
    this.place = place;
    this.cardOf = cardOf;
    this.search = el('input', { type: 'search', id: 'find', autocomplete: 'off', spellcheck: 'false' });
    this.found = el('p', { class: 'note', role: 'status' });
    this.finder = el('div', { class: 'field find', role: 'search' }, el('label', { for: 'find' }, 'Find by name or state'), this.search, this.found);
    this.back = el('p', {}, el('a', { href: '#/' }, 'All projections'));
    this.folds = groups.map((group) => {
      const title = el('summary', {});
      const body = el('div', { class: 'cards' });
      return { ...group, caption: title, body, element: el('details', { class: 'fold', open: group.open }, title, body) };
    });
    this.search.addEventListener('input', () => this.draw());
    window.addEventListener('hashchange', () => {
      this.draw();
      window.scrollTo(0, 0);
    });
  }

  update(projections) {
    this.projections = projections;
    this.draw();
  }

  draw() {
    if (!this.projections) return;
    const name = chosen();
    if (name) return this.drawOne(this.projections.find((one) => one.projection === name), name);
    const many = this.projections.length > few;
    fill(this.place, many ? [this.finder, ...this.drawFolds()] : this.projections.length > 0 ? this.projections.map(this.cardOf)
      : [this.none ??= el('p', {}, 'This program has no projections, and the catalog has none.')]);
  }

  drawOne(projection, name) {
    document.title = `${name} · Projections`;
    this.missing ??= el('p', {});
    say(this.missing, `There is no projection '${name}', neither in this program nor in the catalog.`);
    fill(this.place, [this.back, projection ? this.cardOf(projection) : this.missing]);
  }

  drawFolds() {
    const wanted = this.search.value.trim().toLowerCase();
    const matches = (one) => one.projection.toLowerCase().includes(wanted) || has(one, (version) => version.state.startsWith(wanted));
    const left = new Set(this.projections.filter(matches));
    say(this.found, wanted ? `${left.size} of ${this.projections.length}` : '');
    const shown = this.folds.filter((fold) => {
      const members = [...left].filter(fold.of);
      members.forEach((one) => left.delete(one));
      say(fold.caption, `${fold.title} (${members.length})`);
      fill(fold.body, members.map(this.cardOf));
      // What was looked for is shown, wherever it is.
      if (wanted && wanted !== this.last) fold.element.open = true;
      return members.length > 0;
    });
    this.last = wanted;
    return shown.map((fold) => fold.element);
  }
}
