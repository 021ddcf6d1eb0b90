// Reads every row of every table under a folder and says what it found: {name, version, rows} for each, as one JSON array.
// Runs inside the app's image, on its own LanceDB. Ends with 1 when a table cannot be read, or when there is none.
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

// The manifest tells a number of rows as well, but it has been seen to lie: only rows that were read count.
async function read(connection, name) {
  const table = await connection.openTable(name);
  let rows = 0;
  let batches = 0;
  for await (const batch of table.query()) {
    rows += batch.numRows;
    // The batches lie outside the heap, where nothing urges the collector; whole rounds only would take twice the time.
    gc({ type: ++batches % 32 === 0 ? "major" : "minor" });
  }
  const told = await table.countRows();
  if (rows !== told) throw new Error(`has ${rows} rows, and its manifest tells of ${told}`);
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
  console.error("there is no table: a backup of nothing is none");
  process.exitCode = 1;
}
console.log(JSON.stringify(tables));
