// One projection: where its reads go, its versions, its history and its dead letters.

import { allowed, commands } from './commands.js';
import { announce, el, fill, say, show } from './dom.js';
import { describeFeed } from './feed.js';
import { DeadLettersView } from './letters.js';
import { HistoryView } from './history.js';
import { chosen, linkTo } from './overview.js';
import { isBuild } from './states.js';
import { tools } from './tools.js';
import { VersionView } from './version.js';

export class ProjectionCard {
  constructor(name) {
    this.reads = el('p', { class: 'reads' });
    this.hold = el('p', { class: 'hold' });
    this.errors = el('p', { class: 'failure', hidden: true });
    this.feed = el('p', { class: 'reads', hidden: true });
    this.buttons = Object.fromEntries(['rebuild', 'rollback', 'contract'].map((verb) => [verb, el('button', {
      type: 'button', 'aria-label': `${commands[verb].label.replace('…', '')} ${name}`, onclick: () => commands[verb].run(this.projection),
    }, commands[verb].label)]));
    this.actions = el('div', { class: 'actions' });
    this.toolButtons = Object.fromEntries(Object.entries(tools).map(([verb, tool]) => [verb, el('button', {
      type: 'button', class: 'quiet', 'aria-label': `${tool.label.replace('…', '')} of ${name}`, onclick: () => tool.run(this.projection),
    }, tool.label)]));
    this.tools = el('div', { class: 'actions' });
    this.more = el('details', { class: 'tools' }, el('summary', {}, 'Plan, try and mend'), this.tools);
    this.versions = el('ul', { class: 'versions' });
    this.retired = el('p', { class: 'retired' });
    this.letters = new DeadLettersView();
    this.history = new HistoryView();
    this.views = new Map();
    this.states = new Map();
    this.element = el('article', { 'aria-labelledby': `projection-${name}`, id: name },
      el('header', {}, el('div', {}, el('h2', { id: `projection-${name}` }, el('a', { href: linkTo(name) }, name)), this.reads, this.feed), this.actions),
      this.errors, this.hold, this.versions, this.retired, this.letters.element, this.more, this.history.element);
  }

  update(projection, may) {
    this.projection = { ...projection, may };
    const shown = projection.versions.filter((version) => version.state !== 'retired').sort((a, b) => b.version - a.version);
    say(this.reads, this.describe(shown));
    say(this.hold, projection.sourceTrouble ? `No lag is known, because the event store cannot be read at present: ${projection.sourceTrouble}`
      : projection.hold ? `Events beyond ${projection.head} are not known to be settled yet: ${projection.hold}` : '');
    show(this.hold, projection.sourceTrouble !== null || projection.hold !== null);
    say(this.errors, `Declared wrongly in this program. ${projection.errors.join(' ')}`);
    show(this.errors, projection.errors.length > 0);
    fill(this.versions, shown.map((version) => this.view(version, may)));
    const retired = projection.versions.filter((version) => version.state === 'retired').map((version) => `v${version.version}`);
    say(this.retired, retired.length ? `Retired: ${retired.join(', ')}.` : '');
    show(this.retired, retired.length > 0);
    say(this.feed, projection.feed === null ? '' : describeFeed(projection.feed));
    show(this.feed, projection.feed !== null);
    fill(this.actions, allowed(this.verbs(shown), may).map((verb) => this.buttons[verb]));
    const fitting = Object.entries(tools).filter(([, tool]) => (!tool.right || may.includes(tool.right)) && tool.fits(projection));
    fill(this.tools, fitting.map(([verb]) => this.toolButtons[verb]));
    show(this.more, fitting.length > 0);
    this.letters.update(projection, may);
    this.history.update(projection);
    if (chosen() === projection.projection && !this.wasChosen) {
      this.wasChosen = true;
      this.history.open();
    }
    this.announceChanges(projection);
  }

  describe(shown) {
    const known = this.projection.known.map((number) => `v${number}`).join(', ') || 'none';
    const reads = this.projection.liveVersion === null ? 'Nothing is live.' : `Reads go to v${this.projection.liveVersion}.`;
    return `${reads} ${shown.length === 0 ? `Never built; this program has ${known}.` : `This program has ${known}.`}`;
  }

  view(version, may) {
    if (!this.views.has(version.version)) this.views.set(version.version, new VersionView(version.version));
    const view = this.views.get(version.version);
    view.update(this.projection, version, may);
    return view.element;
  }

  verbs(shown) {
    const verbs = [];
    const busy = shown.some((version) => isBuild(version.state) && version.state !== 'catching-up');
    const free = this.projection.known.some((number) => !shown.some((version) => version.version === number));
    if (shown.some((version) => version.state === 'standby')) verbs.push('rollback');
    if (free && !busy && this.projection.errors.length === 0) verbs.push('rebuild');
    if (this.projection.contract !== null) verbs.push('contract');
    return verbs;
  }

  announceChanges(projection) {
    for (const version of projection.versions) {
      const before = this.states.get(version.version);
      this.states.set(version.version, version.state);
      if (before && before !== version.state) announce(`${projection.projection} v${version.version} is ${version.state}.`);
    }
  }
}
