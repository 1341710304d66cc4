// Runs the vendor's client: node vendor.mjs FOLDER PACKAGE CONNECTION-STRING MARK FROM VERB [ARGUMENTS]
// and prints what it sees, a JSON object a line. The names of what it writes begin with MARK; it looks at what is in the log from
// the position FROM (COMMIT/PREPARE, or start).
import { createRequire } from "node:module";

const [folder, name, connectionString, mark, from, verb, ...rest] = process.argv.slice(2);
const vendor = createRequire(`${folder}/`)(name);
const client = (vendor.KurrentDBClient ?? vendor.EventStoreDBClient).connectionString(connectionString);
const any = vendor.KurrentDBClient ? { streamState: vendor.ANY } : { expectedRevision: vendor.ANY };

const [commit, prepare] = from.split("/");
const fromPosition = from === "start" ? vendor.START : { commit: BigInt(commit), prepare: BigInt(prepare) };

const bytes = (event, value) => {
    // An empty body of JSON comes as an empty text, which no JSON gives here.
    if (value === undefined || value === null || value === "") return "";
    return Buffer.from(value instanceof Uint8Array ? value : JSON.stringify(value)).toString("base64");
};

const print = (value) => console.log(JSON.stringify(value, (_, one) => (typeof one === "bigint" ? one.toString() : one)));

const show = (resolved) => {
    const { event, link } = resolved;
    const place = link ?? event;
    print({
        commit: place.position?.commit ?? resolved.commitPosition,
        prepare: place.position?.prepare ?? resolved.commitPosition,
        place: place.revision,
        stream: event?.streamId,
        revision: event?.revision,
        type: event?.type,
        isJson: event?.isJson,
        data: event && bytes(event, event.data),
        metadata: event && bytes(event, event.metadata),
        created: event && (event.created instanceof Date ? event.created.getTime() : Math.floor(Number(event.created) / 10000)),
    });
};

const verbs = {
    async write() {
        for (let invoice = 0; invoice < 20; invoice++) {
            await client.appendToStream(`${mark}invoice-${invoice}`, [
                vendor.jsonEvent({ type: `${mark}issued`, data: { number: invoice, text: "żółć 東京 \"quoted\" \\ / \u0001" }, metadata: { $correlationId: `c-${invoice}`, $causationId: "x", tenantId: "t1" } }),
                vendor.jsonEvent({ type: `${mark}paid`, data: { amount: 12.5 } }),
                vendor.binaryEvent({ type: `${mark}scanned`, data: Buffer.from([0, 1, 2, 255]), metadata: Buffer.from([123, 200]) }),
            ], any);
            await client.appendToStream(`${mark}order-${invoice}`, vendor.jsonEvent({ type: `${mark}paid_twice`, data: [1, 2, { a: null }] }), any);
        }
        await client.appendToStream(`${mark}large-1`, vendor.jsonEvent({ type: `${mark}large`, data: { text: "x".repeat(900_000) } }), any);
        await client.setStreamMetadata(`${mark}invoice-3`, { truncateBefore: 1 });
        await client.deleteStream(`${mark}invoice-4`);
        await client.tombstoneStream(`${mark}invoice-5`);
        await client.appendToStream(`${mark}invoice-4`, vendor.jsonEvent({ type: `${mark}issued`, data: { again: true } }), any);
        try {
            await client.appendToStream(`${mark}invoice-1`, vendor.jsonEvent({ type: `${mark}issued`, data: {} }), { expectedRevision: 7n, streamState: 7n });
        } catch (error) {
            print({ refused: error.type });
        }
    },
    async read() {
        for await (const event of client.readAll({ fromPosition })) show(event);
    },
    async readFiltered(regex) {
        for await (const event of client.readAll({ fromPosition, filter: vendor.eventTypeFilter({ regex }) })) show(event);
    },
    async readStream(stream, resolve) {
        for await (const event of client.readStream(stream, { resolveLinkTos: resolve === "true" })) show(event);
    },
    // Ends after so many events and after having caught up.
    async subscribe(kind, regex, count) {
        const make = kind === "type" ? vendor.eventTypeFilter : vendor.streamNameFilter;
        const filter = make({ regex, maxSearchWindow: 10, checkpointInterval: 1, checkpointReached: (_, position) => print({ checkpoint: position.commit }) });
        const subscription = client.subscribeToAll({ fromPosition, filter });
        let [left, live] = [Number(count), false];
        await new Promise((resolve, reject) => {
            const endIfDone = () => left === 0 && live && resolve();
            subscription.on("data", (event) => { show(event); left--; endIfDone(); });
            subscription.on("caughtUp", () => { print({ caughtUp: true }); live = true; endIfDone(); });
            subscription.on("error", reject);
        });
        await subscription.unsubscribe();
    },
};

await verbs[verb](...rest);
await client.dispose?.();
// Only when everything has been printed; connections would else keep the process alive.
process.stdout.write("", () => process.exit(0));
