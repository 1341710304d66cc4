// The page: stays connected to the worker, and shows what it tells.

import { get, key, watch } from './api.js';
import { ProjectionCard } from './card.js';
import { DatabasesView } from './databases.js';
import { FleetView } from './fleet.js';
import { duration, events } from './format.js';
import { say, set, show } from './dom.js';
import { Overview } from './overview.js';
import * as samples from './samples.js';
import { signIn } from './signin.js';

const at = (id) => document.getElementById(id);
const cards = new Map();
const databases = new DatabasesView();
const overview = new Overview(at('cards'), (projection) => cards.get(projection.projection).element);
// A status comes every second; without one for this long, the connection is dead even if nobody says so.
const silence = 10000;
let about = null;
// The verbs that whoever is signed in may use, by projection.
let rights = {};

function connection(state, text) {
  set(at('connection'), 'data-state', state);
  say(at('connection'), text);
}

function showAbout() {
  say(at('source'), `Events from ${about.source}`);
  say(at('unmade'), `Not shown, because it cannot be made: ${about.errors.join(' ')}`);
  show(at('unmade'), about.errors.length > 0);
  say(at('about'), `Worker ${about.worker}, release ${about.release}`);
  const caller = at('caller');
  show(caller, key.get() !== null);
  say(caller.querySelector('span'), about.mayCommand ? about.caller : `${about.caller} (may look only)`);
}

// How far those that are being built are together; of one its card says it.
function together({ versions, eventsDone, eventsTotal, eventsTotalIsAbout, secondsLeft }) {
  if (versions < 2 || !eventsTotal) return '';
  const share = `${Math.floor((eventsDone / eventsTotal) * 100)} % of ${eventsTotalIsAbout ? 'about ' : ''}${events(eventsTotal)}`;
  return ` (together ${share}${secondsLeft === null ? '' : `, ${duration(secondsLeft)} left`})`;
}

function summarise(projections, building) {
  const versions = projections.flatMap((projection) => projection.versions);
  const parts = [`${projections.length} ${projections.length === 1 ? 'projection' : 'projections'}`];
  const tell = (number, word) => { if (number > 0) parts.push(`${number} ${word}`); };
  const failed = versions.filter((version) => version.state === 'failed').length;
  tell(building.versions, `being built${together(building)}`);
  tell(failed, 'failed');
  for (const verdict of ['lagging', 'stuck', 'broken']) tell(versions.filter((version) => version.lastCheck?.verdict === verdict).length, verdict);
  tell(versions.reduce((sum, version) => sum + version.deadLetters, 0), 'dead letters');
  say(at('summary'), parts.join(' · '));
  document.title = `${failed > 0 ? `(${failed} failed) ` : ''}Projections`;
}

function showStatus(status) {
  show(at('trouble'), false);
  connection('live', 'Live');
  for (const projection of status.projections) {
    for (const version of projection.versions) samples.add(Date.parse(status.at), projection.projection, version);
  }
  summarise(status.projections, status.building);
  for (const projection of status.projections) {
    if (!cards.has(projection.projection)) cards.set(projection.projection, new ProjectionCard(projection.projection));
    cards.get(projection.projection).update(projection, rights[projection.projection] ?? []);
  }
  overview.update(status.projections);
}

function hear(name, data) {
  if (name === 'samples') {
    samples.load(data);
  } else if (name === 'rights') {
    rights = data;
  } else if (name === 'status') {
    showStatus(data);
  } else if (name === 'trouble') {
    say(at('trouble'), data.reason);
    show(at('trouble'), true);
  }
}

async function listen() {
  const end = new AbortController();
  let timer = setTimeout(() => end.abort(), silence);
  try {
    await watch('/progress', end.signal, (name, data) => {
      clearTimeout(timer);
      timer = setTimeout(() => end.abort(), silence);
      hear(name, data);
    });
  } finally {
    clearTimeout(timer);
  }
}

async function run() {
  let pause = 500;
  while (true) {
    let state = 'Connection lost; trying again';
    try {
      const chosen = await databases.begin();
      // Without a database there is nothing of which somebody could hold anything.
      show(at('fleet'), chosen);
      if (!chosen) {
        connection('waiting', 'No database is chosen');
        return;
      }
      about = await get('/about');
      showAbout();
      pause = 500;
      await listen();
    } catch (problem) {
      if (problem.status === 401) {
        connection('waiting', 'Not signed in');
        await signIn(key.get() ? 'This worker does not know your key any more.' : null);
        continue;
      }
      // Told in one place however often it is tried, and gone with the first status.
      if (problem.status) {
        say(at('trouble'), problem.message);
        show(at('trouble'), true);
        state = 'Not available; trying again';
      }
    }
    connection('lost', state);
    await new Promise((resolve) => { setTimeout(resolve, pause); });
    pause = Math.min(pause * 2, 8000);
  }
}

at('summary').before(databases.element);
at('fleet').append(new FleetView().element);
at('caller').querySelector('button').addEventListener('click', () => {
  key.forget();
  location.reload();
});
run();
