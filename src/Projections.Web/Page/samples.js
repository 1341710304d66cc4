// Rates and lags of the last minutes, by projection and version: what the worker kept, and what has come in since.

const kept = 600;
const lines = new Map();
const nameOf = (projection, version) => `${projection}/${version}`;

/** Takes what the worker kept. */
export function load(all) {
  lines.clear();
  for (const line of all) lines.set(nameOf(line.projection, line.version), { samples: line.samples, done: null, at: null });
}

/** Adds what a version is and does now. */
export function add(at, projection, version) {
  const name = nameOf(projection, version.version);
  if (!lines.has(name)) lines.set(name, { samples: [], done: null, at: null });
  const line = lines.get(name);
  const last = line.samples.at(-1);
  // The worker gives the moment that it has already put into its samples once more.
  if (last && last.at >= at) return;
  // Who follows tells no rate; it is what was folded since the last look.
  const since = line.at !== null && version.eventsDone >= line.done ? (version.eventsDone - line.done) / ((at - line.at) / 1000) : null;
  line.samples.push({ at, rate: version.eventsPerSecond ?? since, lagEvents: version.lagEvents, lagSeconds: version.lagSeconds });
  line.done = version.eventsDone;
  line.at = at;
  if (line.samples.length > kept) line.samples.shift();
}

export const read = (projection, version) => lines.get(nameOf(projection, version))?.samples ?? [];
