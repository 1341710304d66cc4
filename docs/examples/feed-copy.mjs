#!/usr/bin/env node
// A copy of a read model that is kept by its feed, over HTTP, by a program that knows nothing of PostgreSQL or .NET: see docs/applications.md. Node 20 and later.
//
//     ./projections demo --stay                               in one terminal; in another the line 'export ConnectionStrings__ReadModels=…' that it prints, and
//     ./projections rebuild invoice_summary --to 1 && ./projections switch invoice_summary --to 1
//     ./projections feed invoice_summary start
//     node docs/examples/feed-copy.mjs http://127.0.0.1:5080/projections/invoice_summary/feed /tmp/invoices.journal
//     node docs/examples/feed-copy.mjs --show /tmp/invoices.journal
//
// The copy is a journal of what it was told, one message a line, so that it may be killed at any moment: half a line at the end is not read. A worker may be, too: give the addresses
// of several with commas between, and it asks the next.

import fs from 'node:fs';

class Copy {
  rows = new Map();
  id = null;

  apply({ id, event, data }) {
    if (event === 'snapshot') {
      this.id = null; // Interrupted, it begins anew.
    }
    if (event === 'snapshot' || event === 'switched') {
      if (data.clear) {
        this.rows.clear();
      }
      for (const row of this.rows.values()) {
        data.lost.forEach((column) => delete row[column]);
      }
    }
    for (const { key, after } of data.changes ?? []) {
      after === null ? this.rows.delete(JSON.stringify(key)) : this.rows.set(JSON.stringify(key), after);
    }
    this.id = id ?? this.id;
  }

  static read(journal) {
    const copy = new Copy();
    const text = fs.existsSync(journal) ? fs.readFileSync(journal, 'utf8') : '';
    text.slice(0, text.lastIndexOf('\n') + 1).split('\n').filter((line) => line).forEach((line) => copy.apply(JSON.parse(line)));
    return copy;
  }

  // What the journal says now, in few words.
  compact(journal) {
    const changes = [...this.rows].map(([key, after]) => ({ key: JSON.parse(key), after }));
    const lines = [{ event: 'snapshot', data: { clear: true, lost: [] } }, { id: this.id, event: 'rows', data: { changes } }];
    fs.writeFileSync(`${journal}.new`, this.id === null ? '' : lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    fs.renameSync(`${journal}.new`, journal);
  }
}

async function* messages(url, id, key) {
  const headers = { ...(id && { 'Last-Event-ID': id }), ...(key && { Authorization: `Bearer ${key}` }) };
  const response = await fetch(url, { headers });
  if (response.status === 410) {
    // What follows is not kept any more: all rows, please.
    yield { event: 'gone' };
    return;
  }
  if (!response.ok) {
    throw new Error(`${response.status}: ${await response.text()}`);
  }
  let rest = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop();
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split('\n').filter((line) => !line.startsWith(':')).map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]));
      if (fields.data) {
        yield { id: fields.id, event: fields.event, data: JSON.parse(fields.data) };
      }
    }
  }
}

async function follow(urls, journal) {
  let copy = Copy.read(journal);
  for (let turn = 0; ; turn++) {
    copy.compact(journal);
    const file = fs.openSync(journal, 'a');
    try {
      for await (const message of messages(urls[turn % urls.length], copy.id, process.env.PROJECTIONS_KEY)) {
        if (message.event === 'gone') {
          copy = new Copy();
          break;
        }
        fs.writeSync(file, `${JSON.stringify(message)}\n`);
        copy.apply(message);
      }
    } catch (error) {
      console.error(`${error.message} ${error.cause?.message ?? ''}; asking again`);
    } finally {
      fs.closeSync(file);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const [first, second] = process.argv.slice(2);
if (first === '--show') {
  const copy = Copy.read(second);
  [...copy.rows.keys()].sort().forEach((key) => console.log(JSON.stringify(copy.rows.get(key))));
} else if (first && second) {
  await follow(first.split(','), second);
} else {
  console.error('node feed-copy.mjs URL[,URL] JOURNAL | --show JOURNAL');
  process.exitCode = 2;
}
