// Talks to the worker. A key, where one is needed, lives as long as the tab does and is sent with each request; no cookie, so
// no other site can use it.

const keyName = 'projections-key';

export const key = {
  get: () => sessionStorage.getItem(keyName),
  set: (text) => sessionStorage.setItem(keyName, text),
  forget: () => sessionStorage.removeItem(keyName),
};

/** A request that was not carried out; the message says why, for people. */
export class Refusal extends Error {
  constructor(status, problem) {
    super(problem?.detail ?? problem?.title ?? `The worker answered with ${status}.`);
    this.status = status;
    this.kind = problem?.kind;
    this.gates = problem?.gates ?? [];
  }
}

/** The database that the page is about, where the worker serves several. */
export const database = new URLSearchParams(location.search).get('database');

const about = (path) => (database === null ? path : `${path}${path.includes('?') ? '&' : '?'}database=${encodeURIComponent(database)}`);

async function send(path, options = {}) {
  const headers = { ...options.headers };
  if (key.get()) headers.Authorization = `Bearer ${key.get()}`;
  const answer = await fetch(about(path), { ...options, headers });
  if (answer.ok) return answer;
  throw new Refusal(answer.status, await answer.json().catch(() => null));
}

/** A new command's id. crypto.randomUUID would do, but not on a page that came over plain HTTP from another machine. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return [...bytes].map((byte, at) => ([4, 6, 8, 10].includes(at) ? '-' : '') + byte.toString(16).padStart(2, '0')).join('');
}

export const get = async (path) => (await send(path)).json();

/** Sends a command. The id makes sure that it is carried out once, also when the answer got lost and it is sent again. */
export async function command(projection, verb, body, id) {
  const answer = await send(`/projections/${encodeURIComponent(projection)}/${verb}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': id },
    body: JSON.stringify(body),
  });
  return answer.json();
}

/** Reads server-sent events until the stream ends. EventSource could not send a key. */
export async function watch(path, signal, heard) {
  const answer = await send(path, { headers: { Accept: 'text/event-stream' }, signal });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  while (true) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value.replaceAll('\r', '')).split('\n\n');
    rest = blocks.pop();
    for (const block of blocks) {
      const lines = block.split('\n');
      const name = lines.find((line) => line.startsWith('event: '))?.slice(7) ?? 'message';
      const data = lines.filter((line) => line.startsWith('data: ')).map((line) => line.slice(6)).join('\n');
      if (data) heard(name, JSON.parse(data));
    }
  }
}
