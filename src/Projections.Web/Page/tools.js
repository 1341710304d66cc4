// What can be looked at and tried before anything is changed, and what mends rows: plan, rehearsal, explanation, repair, check.

import { get } from './api.js';
import { checkbox, choice, confirm, line, look } from './confirm.js';
import { el } from './dom.js';
import { bytes, count, duration, moment, payload } from './format.js';
import { follow } from './orders.js';
import { grid, items, part } from './sides.js';

const path = (projection) => `/projections/${encodeURIComponent(projection.projection)}`;
const newest = (projection) => Math.max(...projection.known);
const versions = (numbers, name, chosen) => choice(name, 'Version', numbers.map((number) => ({ value: number, text: `v${number}` })), chosen);
const withTables = (projection) => projection.versions.filter((version) => !version.external && !['planned', 'retired'].includes(version.state)).map((version) => version.version);

export const tools = {
  plan: {
    label: 'Plan…', fits: (projection) => projection.known.length > 0,
    run: (projection) => look({
      title: `Plan a version of ${projection.projection}`, button: 'Show the plan', text: 'Says what a rebuild and a switch will do to readers, and about what they take. Nothing is done.',
      fields: [versions(projection.known, 'to', newest(projection))],
      read: async ({ to }) => planned(await get(`${path(projection)}/plan?to=${to}`)),
    }),
  },
  'dry-run': {
    label: 'Rehearse…', right: 'dry-run', fits: (projection) => projection.known.length > 0,
    run: (projection) => confirm({
      projection: projection.projection, verb: 'dry-run', title: `Rehearse a rebuild of ${projection.projection}`, button: 'Rehearse it', done: follow,
      effects: ['A worker folds the events of a part of the streams into a table that nobody sees, and drops it. What it found is shown here.'],
      fields: [versions(projection.known, 'to', newest(projection)),
        choice('sample', 'Part of the streams', [[0.01, '1 %'], [0.05, '5 %'], [0.25, '25 %'], [1, 'all']].map(([value, text]) => ({ value, text })), 0.05)],
    }),
  },
  explain: {
    label: 'Explain a row…', fits: (projection) => withTables(projection).length > 0,
    run: (projection) => look({
      title: `Explain a row of ${projection.projection}`, button: 'Explain it', text: 'Folds the events that made a row by each version, one by one, and shows at which they part.',
      fields: [line('key', 'Key of the row', 'Several parts with commas between them.', true)],
      read: async ({ key }) => explained(await get(`${path(projection)}/explain?key=${encodeURIComponent(key)}`), projection, key),
    }),
  },
  repair: {
    label: 'Repair rows…', right: 'repair', fits: (projection) => withTables(projection).length > 0,
    run: (projection) => confirm({
      projection: projection.projection, verb: 'repair', title: `Repair rows of ${projection.projection}`, button: 'Fold them anew', done: follow,
      effects: ['A worker folds the rows anew from their events and replaces them, while the version goes on being followed.'],
      fields: [versions(withTables(projection), 'version', projection.liveVersion),
        keys(), checkbox('whereDifferent', 'All rows in which it differs from the live one', 'Of the live one: those in which it differs from the newest beside it.')],
    }),
  },
  check: {
    label: 'Check now…', right: 'check', fits: (projection) => projection.versions.length > 0,
    run: (projection) => confirm({
      projection: projection.projection, verb: 'check', title: `Check ${projection.projection} now`, button: 'Check it',
      effects: ['Every version gets its verdict. What the settings allow a check to do is done.'],
    }),
  },
};

/** One row by its key: the command takes a list of them. */
function keys() {
  const field = line('keys', 'Key of a row', 'Several parts with commas between them. Leave it empty for all that differ.');
  return { ...field, read: () => { const { keys: key } = field.read(); return key ? { keys: [key] } : {}; } };
}

function planned(plan) {
  const about = (number, of) => (number === null ? 'unknown' : `about ${of(number)}`);
  const types = Object.entries(plan.events).map(([type, events]) => [type, `${plan.eventsAreAbout ? 'about ' : ''}${count(events)}`]);
  return [
    grid('The plan', ['', `v${plan.version.number}`], [
      ['History', { none: 'no replay is needed', seed: 'is not read: its rows are taken from the live version', part: 'goes on from its checkpoint', full: 'is read in full' }[plan.replay]],
      ['Events', `${plan.eventsAreAbout ? 'about ' : ''}${count(plan.eventsInAll)}`],
      ...(plan.replay === 'none' ? [] : [
        ['Time', plan.duration === null ? 'unknown, as nothing of it was built before; a rehearsal measures it' : about(seconds(plan.duration), duration)],
        ['Disk', about(plan.bytes, bytes)], ['Write-ahead log', about(plan.walBytes, bytes)], ['Connections', count(plan.connections)],
      ]),
    ]),
    ...(types.length ? [el('details', {}, el('summary', {}, 'Events by type'), grid('Events by type', ['Type', 'Events'], types))] : []),
    ...(plan.remarks.length ? [part('To be known', items(plan.remarks))] : []),
  ];
}

/** A span as .NET writes it: 1.02:03:04.5. */
function seconds(span) {
  const [, days, hours, minutes, rest] = /^(?:(\d+)\.)?(\d+):(\d+):([\d.]+)$/.exec(span);
  return ((Number(days ?? 0) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(rest);
}

function explained(story, projection, key) {
  const content = el('div', {});
  const ask = el('button', {
    type: 'button', class: 'quiet',
    onclick: () => confirm({
      projection: projection.projection, verb: 'explain', button: 'Show them', body: { key }, title: 'Show the values of the row and its events',
      effects: ['What is in them may be about people. The history keeps who asked for them, and why.'],
      done: (shown) => content.replaceChildren(...steps(shown)),
    }),
  }, 'Show values…');
  content.replaceChildren(...(story.steps.length > 0 && projection.may.includes('explain')
    ? [el('p', { class: 'note' }, 'Values are hidden, as they may be about people.'), el('div', { class: 'actions' }, ask)] : []), ...steps(story));
  return [content];
}

function steps(story) {
  if (story.steps.length === 0) return [el('p', {}, `No event up to position ${story.through} did anything to such a row.`)];
  const row = (of) => `${of.row ?? 'none'}${of.error ? ` (${of.error})` : of.changed ? '' : ' (unchanged)'}`;
  return [
    ...story.steps.map((step) => part(`${step.type}, position ${step.position}`,
      el('p', { class: 'note' }, `Event ${step.streamVersion} of ${step.stream}, ${moment(step.time)}`),
      story.partsAt?.position === step.position ? el('p', { class: 'bad' }, 'Here the versions part.') : null,
      grid(`The row after position ${step.position}`, ['Version', 'Row after it'], step.rows.map((of) => [`v${of.version}`, row(of)])),
      el('details', {}, el('summary', {}, 'The event'), el('pre', { tabindex: 0 }, payload(step.data))))),
    part('In the tables', grid('In the tables', ['Version', 'Row'], story.stored.map((of) => [`v${of.version}`, of.row ?? 'none']))),
  ];
}
