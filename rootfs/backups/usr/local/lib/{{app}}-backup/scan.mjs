// Reads every row of every table in a directory and prints {name, version, rows} for each, as one JSON array.
// Runs inside the app's image, with its own LanceDB. Exits with 1 if a table cannot be read or if there is no table.
import { connect } from "@lancedb/lancedb";

const folder = process.argv[2];

async function namesIn(connection) {
  const names = [];
  for (;;) {
    const page = await connection.tableNames({ startAfter: names.at(-1), limit: 100 });
    if (page.length === 0) return names;
    names.push(...page);
  }
}

// The manifest has a number of rows too, but it can be wrong: only rows that were read count.
async function read(connection, name) {
  const table = await connection.openTable(name);
  let rows = 0;
  let batches = 0;
  for await (const batch of table.query()) {
    rows += batch.numRows;
    // Batches are outside the heap, so nothing starts the garbage collector. Major collections alone take twice the time.
    gc({ type: ++batches % 32 === 0 ? "major" : "minor" });
  }
  const expected = await table.countRows();
  if (rows !== expected) throw new Error(`has ${rows} rows, but its manifest says ${expected}`);
  return { name, version: await table.version(), rows };
}

const connection = await connect(folder);
const tables = [];
for (const name of await namesIn(connection)) {
  try {
    tables.push(await read(connection, name));
  } catch (error) {
    console.error(`table ${name}: ${error.message.split("\n")[0]}`);
    process.exitCode = 1;
  }
}
if (tables.length === 0 && !process.exitCode) {
  console.error("no tables found; refusing to back up");
  process.exitCode = 1;
}
console.log(JSON.stringify(tables));
