// The live version beside the one that reads may go to, and who reads: what is to be known before a switch.

import { get } from './api.js';
import { confirm } from './confirm.js';
import { el } from './dom.js';
import { bytes, count, duration, moment } from './format.js';

const shownSamples = 5;
const path = (projection) => `/projections/${encodeURIComponent(projection.projection)}`;

/** Reads both sides. What is not known is said, and does not keep the rest from being shown. */
export async function readSides(projection, version) {
  const to = `to=${version.version}`;
  const [sides, queries] = await Promise.all([
    get(`${path(projection)}/side-by-side?${to}`),
    get(`${path(projection)}/queries?${to}`).catch((problem) => problem.message),
  ]);
  return [tables(sides), rows(sides, projection), statements(queries), readers(sides)];
}

export function part(title, ...content) {
  return el('section', { class: 'side' }, el('h3', {}, title), ...content);
}

export const items = (lines) => el('ul', { class: 'plain-list' }, ...lines.map((line) => el('li', {}, line)));

/** A table with a heading for each column and each row. */
export function grid(label, heads, lines) {
  return el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': label },
    el('table', {}, el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', { scope: 'col' }, head)))),
      el('tbody', {}, ...lines.map(([head, ...cells]) => el('tr', {}, el('th', { scope: 'row' }, head), ...cells.map((cell) => el('td', {}, cell)))))));
}

function tables({ live, other }) {
  const both = (what, of) => [what, of(live), of(other)];
  return grid('Both tables', ['', `v${live.version}, live`, `v${other.version}`], [
    both('Rows', (side) => `${side.rowsAreAbout ? 'about ' : ''}${count(side.rows)}`),
    both('Table', (side) => bytes(side.bytes)),
    both('Indexes', (side) => bytes(side.indexBytes)),
    both('Position', (side) => side.position ?? 'unknown'),
  ]);
}

function rows({ live, other, compared }, projection) {
  if (compared === null) return part('Rows', el('p', { class: 'warn' }, 'They have not been compared since both tables were built. Compare them first.'));
  const { result } = compared;
  const [earlier, later] = live.version < other.version ? [live, other] : [other, live];
  const when = `compared at ${moment(compared.at)}`;
  const left = result.leftOut.length === 0 ? null
    : el('p', { class: 'note' }, `Not compared: ${result.leftOut.map((column) => `${column.name} (${column.why})`).join(', ')}.`);
  if (result.differences.length === 0) return part('Rows', el('p', { class: 'good' }, `All ${count(result.equal)} rows are equal, ${when}.`), left);
  const kinds = result.differences.map((found) => ({
    values: `${count(found.rows)} with other values in ${found.columns.join(', ')}`,
    'only-earlier': `${count(found.rows)} only in v${earlier.version}`,
    'only-later': `${count(found.rows)} only in v${later.version}`,
  }[found.kind]));
  const differ = (differences) => grid('Rows that differ', ['Row', `v${earlier.version}`, `v${later.version}`],
    differences.flatMap((found) => found.samples.map((sample) => [text(sample.key), cell(sample.earlier, found.columns), cell(sample.later, found.columns)])).slice(0, shownSamples));
  const samples = el('div', {}, differ(result.differences));
  return part('Rows', el('p', { class: 'bad' }, `${count(result.equal)} rows are equal, and not so: ${kinds.join('; ')}; ${when}.`),
    samples, projection.may.includes('show-rows') ? valuesOf(projection, other, (shown) => samples.replaceChildren(differ(shown.result.differences))) : null, left);
}

/** Values may be about people: whoever wants to see them asks. */
function valuesOf(projection, other, done) {
  const ask = el('button', {
    type: 'button', class: 'quiet',
    onclick: () => confirm({
      projection: projection.projection, verb: 'show-rows', button: 'Show them', body: { to: other.version }, title: `Show the values of rows of ${projection.projection}`,
      effects: ['What is in them may be about people. The history keeps who asked for them, and why.'],
      done: (shown) => { done(shown); ask.remove(); },
    }),
  }, 'Show their values…');
  return el('div', { class: 'actions' }, ask);
}

const text = (row) => Object.entries(row).map(([column, value]) => `${column} ${value ?? 'null'}`).join(', ');

/** What differs of a row; all of it where only one table has it. */
function cell(row, columns) {
  if (row === null) return 'not there';
  return text(columns.length === 0 ? row : Object.fromEntries(columns.map((column) => [column, row[column]])));
}

function statements(queries) {
  if (typeof queries === 'string') return part('Statements of readers', el('p', { class: 'note' }, queries));
  const worse = queries.findings.map((finding) => el('li', { class: 'bad' }, el('code', {}, finding.query), ` ${calls(finding.calls)}${finding.problem}`));
  const anew = queries.preparedAnew.map((query) => el('li', { class: 'warn' }, el('code', {}, query.text),
    ` ${calls(query.calls)}it returns other columns or types; where it is prepared, it fails until it is prepared anew`));
  const found = queries.planned === 0 ? el('p', { class: 'note' }, 'The database has seen none.')
    : worse.length + anew.length === 0 ? el('p', { class: 'good' }, `None of ${count(queries.planned)} would fail, scan the table or get far slower.`)
      : el('ul', { class: 'plain-list' }, ...worse, ...anew);
  return part('Statements of readers', found,
    queries.notPlanned.length ? el('p', { class: 'note' }, `${count(queries.notPlanned.length)} could not be planned as they are now, and were left out.`) : null);
}

const calls = (number) => (number > 0 ? `(sent ${number === 1 ? 'once' : `${count(number)} times`}): ` : ': ');

function readers({ sessions, sessionsAreHidden, statements: sent, lastSwitchAt, lastWaitMilliseconds }) {
  const who = sessions.map((reader) => `${reader.application ?? 'A program without a name'} (${[reader.user, reader.address].filter(Boolean).join(', ')}): `
    + `${count(reader.sessions)} ${reader.sessions === 1 ? 'session' : 'sessions'}${reader.inTransaction ? `, ${count(reader.inTransaction)} in a transaction that a switch would wait for` : ''}`
    + `${reader.lastAt ? `, last at ${moment(reader.lastAt)}` : ''}.`);
  return part('Readers at this moment',
    who.length ? items(who) : el('p', { class: 'note' }, 'No session reads it, or read it last.'),
    sessionsAreHidden ? el('p', { class: 'note' }, 'What other roles send cannot be seen, so there may be more. Grant pg_read_all_stats.') : null,
    sent?.length ? el('details', {}, el('summary', {}, 'What they send most'), el('ul', { class: 'plain-list' }, ...sent.map((query) => el('li', {}, el('code', {}, query.text), ` ${count(query.calls)} times`)))) : null,
    el('p', { class: 'note' }, lastSwitchAt === null ? 'Reads were never switched before.'
      : `At the last switch, ${moment(lastSwitchAt)}, readers queued for ${lastWaitMilliseconds === null ? 'a time that nobody measured' : lastWaitMilliseconds < 1000 ? `${lastWaitMilliseconds.toFixed(1)} ms at most` : `${duration(lastWaitMilliseconds / 1000)} at most`}.`));
}
