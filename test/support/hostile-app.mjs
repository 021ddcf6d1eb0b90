// A hostile app: it tries to make root write outside the app's data. Runs as the app's user, in the app's data.
//   node hostile-app.mjs newcomers|everything TARGET ...     ends on SIGTERM and prints how often it put a link in place
// `newcomers` replaces each directory that appears in the data with a link to a target. `everything` replaces the
// directories of the database too, and puts them back.
import { readdirSync, renameSync, symlinkSync, unlinkSync } from "node:fs";

const [mode, ...targets] = process.argv.slice(2);
const own = ["lancedb", "lancedb/items.lance", "lancedb/items.lance/_versions", "lancedb/items.lance/data"];
const linkMilliseconds = 15;
let links = 0;
let placed = [];

const attempt = (action) => {
  try {
    action();
    return true;
  } catch {
    return false;
  }
};

function replace(path, keep) {
  const moved = `${keep ? path : `taken-${links}`}-moved`;
  if (!attempt(() => renameSync(path, moved))) return;
  if (!attempt(() => symlinkSync(targets[links % targets.length], path))) return;
  links += 1;
  placed.push({ path, moved: keep ? moved : undefined, until: Date.now() + linkMilliseconds });
}

function removeOldLinks() {
  const now = Date.now();
  for (const { path, moved } of placed.filter(({ until }) => until <= now)) {
    attempt(() => unlinkSync(path));
    if (moved) attempt(() => renameSync(moved, path));
  }
  placed = placed.filter(({ until }) => until > now);
}

const isNew = ({ name }) => name.startsWith(".") || /^lancedb\../.test(name);

function attack() {
  for (const entry of readdirSync(".", { withFileTypes: true })) {
    if (entry.isDirectory() && isNew(entry)) replace(entry.name, false);
  }
  if (mode === "everything" && placed.length === 0 && Math.random() < 0.001) {
    replace(own[Math.floor(Math.random() * own.length)], true);
  }
  removeOldLinks();
}

let ended = false;
process.on("SIGTERM", () => (ended = true));
function run() {
  for (let times = 0; times < 200; times += 1) attempt(attack);
  if (!ended) return setImmediate(run);
  for (const { path, moved } of placed) {
    attempt(() => unlinkSync(path));
    if (moved) attempt(() => renameSync(moved, path));
  }
  console.log(links);
}
run();
