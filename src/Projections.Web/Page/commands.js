// The commands of the page: for each, what it will do, in words, before it is done.

import { get } from './api.js';
import { confirm, checkbox, number, choice, several } from './confirm.js';
import { count } from './format.js';
import { follow } from './orders.js';
import { readSides } from './sides.js';
import { isCompared } from './states.js';

const path = (projection) => `/projections/${encodeURIComponent(projection.projection)}`;
const find = (projection, number) => projection.versions.find((version) => version.version === number);

/** What a switch does to the columns that readers see. */
function columns(change) {
  if (!change) return [];
  const list = (what, names) => (names.length ? [`${what}: ${names.join(', ')}.`] : []);
  const manner = {
    created: 'The view is created.',
    replaced: `The view is replaced in place; no reader notices, ${change.gained.length ? 'but a prepared SELECT *: it fails until it is prepared anew' : 'prepared statements included'}.`,
    recreated: 'The view is dropped and created in one transaction. A prepared SELECT *, or one that returns a column of changed type, fails until it is prepared anew; other statements live on.',
  }[change.manner];
  return [manner, ...list('Columns that readers lose', change.lost), ...list('Columns whose type changes', change.retyped),
    ...(change.manner === 'created' ? [] : list('Columns that readers gain', change.gained))];
}

/** Whether a version begins with the rows of the live one, unless history is asked for. */
const isSeeded = (projection, number) => projection.liveVersion !== null && number !== projection.liveVersion && projection.seeds.includes(number);

/** Where a version's rows come from. */
const origin = (projection, number, all) => (isSeeded(projection, number) && !all
  ? `A worker takes its rows from v${projection.liveVersion} at one position (seed.sql), in place of a replay of history, builds its indexes, and keeps it current. Reads can move to it once its rows are proved to be right.`
  : `A worker reads all of history (${projection.source}) into a table of its own, builds its indexes, and keeps it current.`);

const fromEvents = (projection, numbers) => (numbers.some((number) => isSeeded(projection, number))
  ? [checkbox('fromEvents', 'Read all of history after all', `Where it could begin with the rows of v${projection.liveVersion}.`)]
  : []);

/** Ways past a gate that is shut; offered only where that gate is. */
const overrides = {
  'not-smaller': () => checkbox('allowSmaller', 'Switch although it has far fewer rows'),
  'no-old-snapshot': () => checkbox('ignoreOldSnapshots', 'Switch although an old transaction would see it half built'),
  provable: () => checkbox('acceptExternal', 'Switch although its rows cannot be proved current'),
  'caught-up': () => number('maxLagSeconds', 'Switch if it is behind by so many seconds at most'),
  'queries-hold': () => checkbox('acceptSlower', 'Switch although statements of readers would fail or get far slower'),
  'same-access': () => checkbox('acceptAccess', 'Switch although readers would see other rows or columns'),
};

async function preview(address) {
  const answer = await get(address);
  return {
    effects: columns(answer.change),
    gates: answer.gates,
    fields: answer.gates.filter((gate) => gate.gate in overrides).map((gate) => overrides[gate.gate]()),
    answer,
  };
}

/** Versions of other projections that are ready: what may be part of the same release. */
async function companions(projection) {
  const ready = (await get('/projections')).filter((other) => other.projection !== projection.projection)
    .flatMap((other) => other.versions.filter((version) => version.state === 'ready').map((version) => ({ value: `${other.projection}=${version.version}`, text: `${other.projection} v${version.version}` })));
  return ready.length === 0 ? [] : [several('with', 'In the same transaction', ready, 'All of them move, or none.')];
}

/** What a switch and those that go with it would do, and what stands in their way. */
async function previewRelease(projection, version, body, offered) {
  const asked = `keepContract=${!!body.keepContract}&requireVerified=${!!body.requireVerified}`;
  const others = (body.with ?? []).map((one) => one.split('='));
  const [own, ...loaded] = await Promise.all([[projection.projection, version.version], ...others].map(([name, number]) => preview(`${path({ projection: name })}/versions/${number}/switch?${asked}`)));
  const named = (texts, i) => texts.map((text) => `${others[i][0]}: ${text}`);
  return {
    effects: [...own.effects, ...loaded.flatMap((one, i) => named(one.effects, i))],
    gates: [...own.gates, ...loaded.flatMap((one, i) => one.gates.map((gate) => ({ ...gate, problem: `${others[i][0]}: ${gate.problem}` })))],
    fields: [...own.fields, ...loaded.flatMap((one) => one.fields), ...await offered()],
  };
}

const requireVerified = (live) => checkbox('requireVerified', 'Only if its rows were found to agree', `Refused unless a comparison within the last hour found no difference from v${live}.`);

const keepContract = () => checkbox('keepContract', 'Keep exactly the columns that readers see now', 'Columns that only the new version has can be shown later.');

/** Asks for an event with its data, which may be about people. */
export function showEvent(projection, version, position, done, setAside = false) {
  confirm({
    projection: projection.projection, verb: 'show-event', button: 'Show it', body: setAside ? { version, position } : { version }, done,
    title: `Show the event at position ${position}`, effects: ['What is in it may be about people. The history keeps who asked for it, and why.'],
  });
}

export const commands = {
  rebuild: {
    label: 'Rebuild…',
    run(projection) {
      const live = projection.liveVersion;
      const free = projection.known.filter((number) => !find(projection, number) || find(projection, number).state === 'retired');
      const newest = Math.max(...free);
      confirm({
        projection: projection.projection, verb: 'rebuild', title: `Rebuild ${projection.projection}`, button: 'Start the rebuild',
        load: ({ to, fromEvents }) => ({ effects: [origin(projection, to, fromEvents)], gates: [], fields: [] }),
        effects: [
          live === null ? 'Nothing is live yet; readers see nothing until you switch.' : `Reads stay on v${live} the whole time; nothing that readers see changes until you switch.`,
        ],
        fields: [
          choice('to', 'Version', free.map((number) => ({ value: number, text: `v${number}${number === Math.max(...projection.known) ? ' (newest)' : ''}` })), newest),
          ...fromEvents(projection, free),
          number('throttle', 'Events a second at most', 'Leave it empty for as fast as it can; can be changed while it runs.'),
          checkbox('switchWhenReady', 'Switch reads to it as soon as it is ready'),
        ],
      });
    },
  },
  switch: {
    label: 'Switch to it…',
    run(projection, version) {
      const live = projection.liveVersion;
      let offered;
      confirm({
        projection: projection.projection, verb: 'switch', title: `Switch ${projection.projection} to v${version.version}`, button: `Switch reads to v${version.version}`,
        body: { to: version.version },
        effects: [
          live === null
            ? `The view ${projection.projection} is created; readers see v${version.version} from then on.`
            : `All reads of ${projection.projection} go to v${version.version} instead of v${live}, in one transaction. No query fails for want of it, and none sees older rows than before.`,
          ...(live === null ? [] : [`v${live} stays current, so that you can roll back until it is retired.`]),
        ],
        fields: live === null ? [] : [
          keepContract(),
          requireVerified(live),
        ],
        unsure: live !== null && !isCompared(version),
        beside: live === null ? null : () => readSides(projection, version),
        load: (body) => previewRelease(projection, version, body, () => (offered ??= companions(projection))),
      });
    },
  },
  verify: {
    label: 'Compare…',
    run: (projection, version) => confirm({
      projection: projection.projection, verb: 'verify', title: `Compare v${version.version} of ${projection.projection} with v${projection.liveVersion}`, button: 'Compare them',
      body: { from: projection.liveVersion, to: version.version }, done: follow,
      effects: [`A worker compares all rows of v${version.version} with those of v${projection.liveVersion}, both at the same position. Neither is stopped, and no reader notices.`,
        'It takes about as long as reading both tables once. What comes of it is shown here.'],
    }),
  },
  rollback: {
    label: 'Roll back…',
    run(projection) {
      confirm({
        projection: projection.projection, verb: 'rollback', title: `Roll back ${projection.projection}`, button: 'Roll back',
        effects: [`Reads go back from v${projection.liveVersion} to the version that was live before, in one transaction. It was kept current, so nothing is lost.`,
          `v${projection.liveVersion} stays current too; you can switch to it again.`],
        fields: [requireVerified(projection.liveVersion)],
        load: async (body) => {
          const loaded = await preview(`${path(projection)}/rollback?requireVerified=${!!body.requireVerified}`);
          return { ...loaded, effects: [`Reads go to v${loaded.answer.to}.`, ...loaded.effects] };
        },
      });
    },
  },
  pause: {
    label: 'Pause…',
    run: (projection, version) => confirm({
      projection: projection.projection, verb: 'pause', title: `Pause v${version.version} of ${projection.projection}`, button: 'Pause', body: { version: version.version },
      effects: ['The worker commits what it has folded and stops. Nothing is lost: it goes on from its checkpoint when you resume it.',
        ...(projection.liveVersion === null ? [] : [`Reads stay on v${projection.liveVersion}.`])],
    }),
  },
  resume: {
    label: 'Resume…',
    run: (projection, version) => confirm({
      projection: projection.projection, verb: 'resume', title: `Resume v${version.version} of ${projection.projection}`, button: 'Resume', body: { version: version.version },
      unsure: version.failurePosition !== null,
      effects: [`Work goes on from the checkpoint (position ${version.position ?? 'start'}), by whichever worker is free.`,
        ...(version.failure ? ['It failed before. If the cause is still there, it will fail at the same place again.'] : [])],
    }),
  },
  setAside: {
    label: 'Set event aside…', name: 'Set the event aside for', right: 'resume',
    run: (projection, version) => confirm({
      projection: projection.projection, verb: 'resume', title: `Set the event at position ${version.failurePosition} aside for v${version.version}`, button: 'Set it aside and go on',
      body: { version: version.version, setAside: version.failurePosition }, needsReason: true,
      effects: ['It becomes a dead letter, and its rows lack it until somebody has it folded once more.',
        `v${version.version} goes on behind it, by whichever worker is free.`],
    }),
  },
  anew: {
    label: 'Build anew…', right: 'rebuild',
    run: (projection, version) => confirm({
      projection: projection.projection, verb: 'rebuild', title: `Build v${version.version} of ${projection.projection} anew`, button: 'Build it anew', danger: true,
      body: { to: version.version, anew: true },
      effects: [`What v${version.version} has by now is given up.`,
        ...(version.version === projection.liveVersion ? ['Readers keep the rows that it has until you switch to it again.'] : [])],
      load: (body) => ({ effects: [origin(projection, version.version, body.fromEvents)], gates: [], fields: [] }),
      fields: fromEvents(projection, [version.version]),
    }),
  },
  throttle: {
    label: 'Speed…',
    run: (projection, version) => confirm({
      projection: projection.projection, verb: 'throttle', title: `Speed of v${version.version} of ${projection.projection}`, button: 'Set', body: { version: version.version },
      effects: [version.throttle ? `It takes at most ${count(version.throttle)} events a second now.` : 'It goes as fast as it can now.', 'The change takes effect within a second or two.'],
      fields: [number('eventsPerSecond', 'Events a second at most', 'Leave it empty for as fast as it can.', version.throttle)],
    }),
  },
  abort: {
    label: 'Abort…', danger: true,
    run: (projection, version) => confirm({
      projection: projection.projection, verb: 'abort', title: `Abort v${version.version} of ${projection.projection}`, button: `Abort v${version.version} and drop its table`, danger: true, body: { version: version.version },
      effects: [`The table ${projection.projection}_v${version.version} is dropped with what was built so far (${count(version.eventsDone)} events). It can be rebuilt from the start.`,
        projection.liveVersion === null ? 'Nothing is live, so no reader notices.' : `Reads stay on v${projection.liveVersion}; no reader notices.`],
    }),
  },
  retire: {
    label: 'Retire…', danger: true,
    run: (projection, version) => confirm({
      projection: projection.projection, verb: 'retire', title: `Retire v${version.version} of ${projection.projection}`, button: `Retire v${version.version} and drop its table`, danger: true, body: { version: version.version },
      effects: [`The table ${projection.projection}_v${version.version} is dropped.`, 'After that there is no rollback to it; it would have to be rebuilt from history.',
        ...(projection.liveVersion === null ? [] : [`Reads stay on v${projection.liveVersion}.`])],
    }),
  },
  contract: {
    label: 'Show all columns…',
    run: (projection) => confirm({
      projection: projection.projection, verb: 'contract', title: `Show all columns of ${projection.projection}`, button: 'Show all columns',
      effects: [`Readers see ${projection.contract.join(', ')} now. All columns of v${projection.liveVersion} are shown from then on, the new ones at the end.`],
    }),
  },
};

/** Those of the page's commands to which somebody has the right. */
export const allowed = (names, may) => names.filter((name) => may.includes(commands[name].right ?? name));

/** Decides on dead letters: one by its position, or all that wait. */
export function decide(projection, verb, version, letter, done) {
  const which = letter ? `the event at position ${letter.position}` : `all waiting events of v${version}`;
  confirm({
    projection: projection.projection, verb: `dead-letters/${verb}`, done,
    title: verb === 'retry' ? `Retry ${which}` : `Discard ${which}`, button: verb === 'retry' ? 'Retry' : 'Discard', danger: verb === 'discard',
    body: { version, ...(letter ? { position: letter.position } : {}) },
    effects: verb === 'retry'
      ? ['Whoever follows the version folds them once more, into the rows as they are now; what fails again waits again.']
      : ['They are marked as not counting: the rows stay without them. They stay listed, with who decided it.'],
  });
}
