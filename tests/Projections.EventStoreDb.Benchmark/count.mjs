// How many events a second the vendor's client reads, with nothing done to them:
// node count.mjs FOLDER PACKAGE CONNECTION-STRING, with the package installed in FOLDER.
import { createRequire } from "node:module";

const [folder, name, connectionString] = process.argv.slice(2);
const vendor = createRequire(`${folder}/`)(name);
const client = (vendor.KurrentDBClient ?? vendor.EventStoreDBClient).connectionString(connectionString);
const began = process.hrtime.bigint();
let events = 0;
for await (const _ of client.readAll()) events++;
console.log(`${events} ${Number(process.hrtime.bigint() - began) / 1e9}`);
process.stdout.write("", () => process.exit(0));
