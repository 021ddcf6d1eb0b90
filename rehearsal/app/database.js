/** The app's LanceDB table. The old and the new release write to the same folder while one replaces the other. */
import { setTimeout as sleep } from "node:timers/promises";

const TABLE = "items";
const ATTEMPTS = 5;
const PAUSE_MS = 50;

/** Two first starts at once collide on the table's first commit, and writers collide on the next: the loser tries again. */
async function retried(operation) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await operation();
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      await sleep(PAUSE_MS * attempt * (0.5 + Math.random()));
    }
  }
}

const firstRow = { id: "first", text: "the table's schema, as a row", createdAt: 0 };

async function openItems(folder) {
  const { connect } = await import("@lancedb/lancedb");
  const connection = await connect(folder);
  const names = await connection.tableNames();
  return names.includes(TABLE)
    ? connection.openTable(TABLE)
    : connection.createTable(TABLE, [firstRow], { existOk: true });
}

/** Opens on first use and after a failure; `open()` starts that early. */
export class Database {
  #folder;
  #items;
  #writes = Promise.resolve();

  constructor(folder) {
    this.#folder = folder;
  }

  open() {
    this.#items ??= retried(() => openItems(this.#folder)).catch((error) => {
      this.#items = undefined;
      throw error;
    });
    return this.#items;
  }

  /** Rows in the newest version on disk, whoever wrote it. Fails when the folder is gone or unreadable. */
  async countLatest() {
    const items = await this.open();
    await items.checkoutLatest();
    return items.countRows();
  }

  /** Adds one row and counts. One write at a time here; LanceDB settles conflicts with another process. */
  add(row) {
    const write = this.#writes.then(async () => {
      const items = await this.open();
      await retried(() => items.add([row]));
      return this.countLatest();
    });
    this.#writes = write.catch(() => undefined);
    return write;
  }

  /** Up to `limit` rows of the newest version. */
  async list(limit) {
    const items = await this.open();
    await items.checkoutLatest();
    const rows = await items.query().limit(limit).toArray();
    return rows.map(({ id, text, createdAt }) => ({ id, text, createdAt: Number(createdAt) }));
  }
}
