// Numbers and times as people read them.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

export const count = (number) => whole.format(number);

export const brief = (number) => short.format(number);

export const events = (number) => `${count(number)} ${number === 1 ? 'event' : 'events'}`;

/** A length of time, as the command line writes it: 4 s, 3 min 20 s, 2 h 5 min. */
export function duration(seconds) {
  if (seconds < 1) return 'under 1 s';
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
  if (seconds < 172800) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86400)} days`;
}

/** A size on disk. */
export function bytes(number) {
  const steps = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = Math.min(steps.length - 1, number < 1 ? 0 : Math.floor(Math.log(number) / Math.log(1024)));
  return `${step === 0 ? number : (number / 1024 ** step).toFixed(1)} ${steps[step]}`;
}

/** A moment in the reader's own time; with the date unless it is of today. */
export function moment(text) {
  const at = new Date(text);
  const time = at.toLocaleTimeString('en-GB');
  return at.toDateString() === new Date().toDateString() ? time : `${at.toLocaleDateString('en-CA')} ${time}`;
}

// Who follows commits all the time; between the commits of a replay there may be minutes.
const inHand = (version) => ['replaying', 'catching-up'].includes(version.state) && version.eventsInProgress > 0;

/** The checkpoint, and up to where events are folded that are not committed yet. */
export const position = (version) => `${version.position ?? 'none'}${inHand(version) ? `, folded up to ${version.foldedThrough}` : ''}`;

export function lag(version) {
  if (version.lagEvents === null) return version.position === null || version.state === 'retired' ? '–' : 'unknown';
  if (version.lagEvents === 0 && version.lagSeconds < 1) return 'none';
  // While history is read, its age says nothing.
  const number = `${version.lagIsAtLeast ? 'at least ' : version.lagIsAbout ? 'about ' : ''}${events(version.lagEvents)}${inHand(version) ? `, ${count(version.eventsInProgress)} of them folded` : ''}`;
  return ['replaying', 'building'].includes(version.state) ? number : `${number}, ${duration(version.lagSeconds)}`;
}

export const rate = (perSecond) => `${perSecond >= 100000 ? brief(perSecond) : count(perSecond)}/s`;

/** JSON with indentation, or the text as it is when it is none. */
export function payload(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
