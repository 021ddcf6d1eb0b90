// Reads every row of every table in a directory and prints {name, version, rows} for each, as one JSON array.
//   lancedb.mjs DIRECTORY auto|ROWS      rows in a batch; `auto`: as many as have the bytes of a batch
// Runs inside the app's image, with its own LanceDB. Exit codes: 1 a table cannot be read, or there is no table; 3 no LanceDB.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const [directory, wanted] = process.argv.slice(2);
const batchBytes = 8 * 1024 * 1024;
const mostRows = 1024;

const { connect } = await import("@lancedb/lancedb").catch((error) => {
  console.error(error.message);
  process.exit(3);
});

async function namesIn(connection) {
  const names = [];
  for (;;) {
    const page = await connection.tableNames({ startAfter: names.at(-1), limit: 100 });
    if (page.length === 0) return names;
    names.push(...page);
  }
}

function bytesOf(name) {
  const files = readdirSync(join(directory, `${name}.lance`), { recursive: true, withFileTypes: true });
  return files.reduce(
    (sum, file) => sum + (file.isFile() ? statSync(join(file.parentPath ?? file.path, file.name)).size : 0),
    0,
  );
}

/** Rows in a batch. A thousand large rows in one batch would need more memory than the container has. */
function batchRows(name, rows) {
  if (wanted !== "auto") return Number(wanted);
  const rowBytes = bytesOf(name) / Math.max(rows, 1);
  return Math.max(1, Math.min(mostRows, Math.floor(batchBytes / rowBytes)));
}

// The manifest has a number of rows too, but it can be wrong: only rows that were read count.
async function read(connection, name) {
  const table = await connection.openTable(name);
  const expected = await table.countRows();
  let rows = 0;
  let batches = 0;
  for await (const batch of await table.query().execute({ maxBatchLength: batchRows(name, expected) })) {
    rows += batch.numRows;
    // Batches are outside the heap, so nothing starts the garbage collector. Major collections alone take twice the time.
    gc({ type: ++batches % 32 === 0 ? "major" : "minor" });
  }
  if (rows !== expected) throw new Error(`has ${rows} rows, but its manifest says ${expected}`);
  return { name, version: await table.version(), rows };
}

const connection = await connect(directory);
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
