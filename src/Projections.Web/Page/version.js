// One version: its state, how far it is, and what can be asked of it.

import { Chart } from './chart.js';
import { allowed, commands } from './commands.js';
import { el, fill, say, set, show } from './dom.js';
import { FailureView } from './failure.js';
import * as format from './format.js';
import * as samples from './samples.js';
import { firstChoice, isBuild, isStopped, mark, meaning, verbsOf } from './states.js';

export class VersionView {
  constructor(number) {
    this.mark = el('span', { class: 'mark', 'aria-hidden': 'true' });
    this.state = el('span', {});
    this.badge = el('span', { class: 'badge' }, this.mark, this.state);
    this.note = el('p', { class: 'note' });
    this.facts = Object.fromEntries(['Position', 'Lag', 'Events', 'Rate', 'Worker'].map((name) => [name, el('dd', {})]));
    this.bar = el('progress', { max: 1 });
    this.numbers = el('span', { class: 'numbers' });
    this.progress = el('div', { class: 'progress' }, this.bar, this.numbers);
    this.failure = new FailureView();
    this.check = el('div', { class: 'check-result', hidden: true });
    this.rate = new Chart('Rate', (sample) => sample.rate, format.rate);
    this.lag = new Chart('Lag', (sample) => sample.lagEvents, (value) => (value === 0 ? 'none' : format.events(value)));
    this.charts = el('details', { class: 'charts' }, el('summary', {}, 'Rate and lag'), el('div', { class: 'pair' }, this.rate.element, this.lag.element));
    this.buttons = new Map();
    this.actions = el('div', { class: 'actions' });
    this.element = el('li', { class: 'version' },
      el('div', { class: 'head' }, el('h3', {}, `v${number}`), this.badge, this.actions),
      this.note, this.progress, this.failure.element, this.check,
      el('dl', {}, ...Object.entries(this.facts).map(([name, value]) => el('div', {}, el('dt', {}, name), value))),
      this.charts);
    this.charts.addEventListener('toggle', () => this.draw());
  }

  update(projection, version, may) {
    this.projection = projection;
    this.version = version;
    set(this.element, 'data-state', version.state);
    say(this.mark, mark(version.state));
    say(this.state, version.state);
    say(this.note, this.describe());
    say(this.facts.Position, format.position(version));
    say(this.facts.Lag, format.lag(version));
    say(this.facts.Events, format.count(version.eventsDone));
    say(this.facts.Rate, version.eventsPerSecond ? format.rate(version.eventsPerSecond) : '–');
    say(this.facts.Worker, version.worker ?? 'nobody');
    set(this.facts.Worker, 'title', version.worker);
    this.failure.update(projection, version, may);
    this.updateCheck();
    this.updateProgress();
    this.updateActions(may);
    if (isBuild(version.state) && !this.opened) {
      this.opened = true;
      this.charts.open = true;
    }
    this.draw();
  }

  describe() {
    const version = this.version;
    const parts = [version.trouble ? `Cannot go on at present: ${version.trouble}` : version.activity ? `${version.activity[0].toUpperCase()}${version.activity.slice(1)}.` : meaning(version.state)];
    if (version.version === this.projection.liveVersion && version.state !== 'live') parts.push('Reads go to it all the same, and see it as of its checkpoint.');
    if (version.external) parts.push('Written by another program.');
    if (version.throttle && isBuild(version.state)) parts.push(`Throttled to ${format.count(version.throttle)} events a second.`);
    if (version.switchWhenReady && isBuild(version.state)) parts.push('Reads go to it as soon as it is ready.');
    if (version.seededFrom) parts.push(`Began with the rows of v${version.seededFrom}. ${version.seedFinding ?? 'Reads move to it once they are proved to be right.'}`);
    if (version.table === 'distributed') parts.push('Its rows are on several servers (Citus), which no snapshot shows at one moment.');
    if (this.isCandidate()) parts.push(this.describeComparison());
    if (version.deadLetters > 0) parts.push(`${format.events(version.deadLetters)} set aside wait${version.deadLetters === 1 ? 's' : ''} for a decision.`);
    return parts.join(' ');
  }

  isCandidate() {
    return ['ready', 'standby'].includes(this.version.state) && this.projection.liveVersion !== null;
  }

  describeComparison() {
    const verified = this.version.verified;
    if (verified === null) return `Its rows have not been compared with those of v${this.projection.liveVersion}.`;
    return verified.agrees
      ? `Its rows agreed with those of v${verified.with} when they were compared at ${format.moment(verified.at)}.`
      : `Its rows differed from those of v${verified.with} when they were compared at ${format.moment(verified.at)}.`;
  }

  // What the last catch-up check found, where it found something.
  updateCheck() {
    const check = this.version.lastCheck;
    // Why it failed stands there already.
    const found = (check?.findings ?? []).filter((finding) => finding.rule !== 'failed');
    const mark = JSON.stringify([check?.at, found]);
    if (mark === this.checked) return;
    this.checked = mark;
    show(this.check, found.length > 0);
    fill(this.check, [el('p', {}, el('strong', {}, check?.verdict ?? ''), ` at the check of ${check ? format.moment(check.at) : ''}`),
      el('ul', {}, ...found.map((finding) => el('li', {}, `${finding.problem} ${finding.wayOut}`)))]);
  }

  updateProgress() {
    const version = this.version;
    const building = isBuild(version.state) || (isStopped(version.state) && isBuild(version.resumeState));
    show(this.progress, building && version.eventsTotal !== null);
    if (!building || version.eventsTotal === null) return;
    const share = version.eventsTotal > 0 ? Math.min(1, version.eventsDone / version.eventsTotal) : 1;
    if (this.bar.value !== share) this.bar.value = share;
    const parts = [`${Math.floor(share * 100)} %`, `${format.count(version.eventsDone)} of ${version.eventsTotalIsAbout ? 'about ' : ''}${format.events(Math.max(version.eventsTotal, version.eventsDone))}`];
    if (version.eventsPerSecond && isBuild(version.state)) parts.push(format.rate(version.eventsPerSecond));
    if (version.secondsLeft !== null) parts.push(`${format.duration(version.secondsLeft)} left`);
    say(this.numbers, parts.join(' · '));
    set(this.bar, 'aria-label', `v${version.version}: ${parts.join(', ')}`);
  }

  updateActions(may) {
    const verbs = allowed(verbsOf(this.projection, this.version), may);
    fill(this.actions, verbs.map((verb) => this.button(verb)));
  }

  // A button stays the same element as long as it is there, so that it keeps the focus.
  button(verb) {
    if (!this.buttons.has(verb)) {
      const command = commands[verb];
      const label = verb === 'switch' ? `Switch to v${this.version.version}…` : command.label;
      this.buttons.set(verb, el('button', {
        type: 'button',
        'aria-label': `${command.name ?? label.replace('…', '')} ${verb === 'switch' ? '' : `v${this.version.version} `}of ${this.projection.projection}`,
        onclick: () => command.run(this.projection, this.version),
      }, label));
    }
    const button = this.buttons.get(verb);
    set(button, 'class', commands[verb].danger ? 'quiet danger' : verb === firstChoice(this.projection, this.version) ? 'primary' : 'quiet');
    return button;
  }

  draw() {
    if (!this.charts.open || !this.version) return;
    const points = samples.read(this.projection.projection, this.version.version);
    this.rate.draw(points);
    this.lag.draw(points);
  }
}
