// What a version's state means, and what can be asked of it then. The states are those of the catalog.

const meanings = {
  planned: 'Asked for; no worker has begun.',
  building: 'A worker creates the table.',
  replaying: 'History is being read into the table.',
  'catching-up': 'What came in during the replay is being folded.',
  ready: 'Current, and can be switched to.',
  live: 'Reads go to it.',
  standby: 'Was live before, and is kept current for a rollback.',
  retired: 'Its table is gone.',
  paused: 'Stopped by a command; goes on from its checkpoint when resumed.',
  failed: 'Stopped by an error; goes on from its checkpoint when resumed.',
};

const marks = {
  planned: '○', building: '◔', replaying: '◑', 'catching-up': '◕', ready: '✓', live: '●', standby: '◌', retired: '·', paused: '‖', failed: '!',
};

export const meaning = (state) => meanings[state] ?? '';
export const mark = (state) => marks[state] ?? '?';
export const isBuild = (state) => ['planned', 'building', 'replaying', 'catching-up'].includes(state);
export const isStopped = (state) => state === 'paused' || state === 'failed';

/** Whether its rows were found to agree with those of the live version. */
export const isCompared = (version) => version.verified?.agrees === true;

/** Whether a version was never live, so that it is given up rather than retired. */
const isNew = (version) => isBuild(version.state) || version.state === 'ready'
  || (isStopped(version.state) && (isBuild(version.resumeState) || version.resumeState === 'ready'));

/** What somebody had better do next with a version, if anything. */
export function firstChoice(projection, version) {
  if (version.state === 'ready') return projection.liveVersion === null || isCompared(version) ? 'switch' : 'verify';
  if (version.waysOut[0]?.way === 'set-aside') return 'setAside';
  return isStopped(version.state) ? 'resume' : null;
}

/** The verbs that make sense for a version, the likeliest first. */
export function verbsOf(projection, version) {
  const verbs = [];
  if (version.state === 'ready' || version.state === 'standby') verbs.push('switch');
  if (verbs.length && projection.liveVersion !== null && version.version !== projection.liveVersion) verbs.push('verify');
  if (version.waysOut.some((way) => way.way === 'set-aside')) verbs.push('setAside');
  if (isStopped(version.state)) verbs.push('resume');
  if (version.state === 'failed' && projection.known.includes(version.version)) verbs.push('anew');
  if (isBuild(version.state)) verbs.push('pause', 'throttle');
  if (isNew(version)) verbs.push('abort');
  else if (version.state !== 'retired' && version.version !== projection.liveVersion) verbs.push('retire');
  return verbs;
}
