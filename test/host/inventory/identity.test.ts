import { describe, expect, test } from "vitest";
import type { Inventory } from "../../../host/inventory/inventory";
import { movedApp, movedData, movedDomain, renamedApp } from "../../../host/inventory/rules/identity";
import type { Expectations } from "../../../host/inventory/rules/problem";

type Parts = Partial<Pick<Inventory, "app" | "identity" | "data" | "owned" | "nginx-name">>;

const expected: Expectations = {
  app: "shop",
  owner: "infra/prod/shop",
  claims: {},
  domains: ["shop.test"],
  host: "203.0.113.7",
  data: ["/opt/shop/data/db"],
  memoryMb: 512,
  sshPort: 22,
  adopt: [],
  allow: [],
  now: 0,
};
const last = { app: "shop", host: "203.0.113.7", identity: "one", hasBackups: true };

const server = (parts: Parts): Inventory =>
  ({ app: [], identity: [], data: [], owned: [], "nginx-name": [], ...parts }) as unknown as Inventory;

const deployed: Parts = { app: [{ name: "shop" }], identity: [{ app: "shop", id: "one" }] };

describe("renamedApp", () => {
  const find = (parts: Parts, changes: Partial<Expectations>): string[] =>
    renamedApp(server(parts), { ...expected, ...changes }).map(({ fact }) => fact);
  const fact = "the app of this stack is blog, and the configuration says shop: shop would start with empty data";

  test("names the app of the last update, on whatever server it is", () => {
    expect(find({}, { last: { ...last, app: "blog" } })).toEqual([fact]);
    expect(find({ app: [{ name: "blog" }] }, { last: { ...last, app: "blog" } })).toEqual([fact]);
  });

  test("finds the former name on the server when the outputs of an earlier version do not have it", () => {
    const blog = (owner: string): Parts => ({ app: [{ name: "blog" }], owned: [{ path: "/opt/blog", owner }] });
    const former = { last: { hasBackups: false } };
    expect(find(blog("infra/prod/blog"), former)).toEqual([fact]);
    expect(find(blog(""), former)).toEqual([fact]);
    expect(find(blog("infra/staging/blog"), former)).toEqual([]);
    expect(find({ ...blog("infra/prod/blog"), app: [{ name: "blog" }, { name: "shop" }] }, former)).toEqual([]);
  });

  test("accepts the same name, and a second app with a state of its own", () => {
    expect(find(deployed, { last })).toEqual([]);
    expect(find({ app: [{ name: "blog" }], owned: [{ path: "/opt/blog", owner: "infra/prod/blog" }] }, {})).toEqual([]);
  });

  test("accepts a name to which the data moved: the id tells it, or for an earlier version the data itself", () => {
    const changes = { last: { ...last, app: "blog" } };
    expect(find({ identity: [{ app: "shop", id: "one" }] }, changes)).toEqual([]);
    expect(find({ identity: [{ app: "shop", id: "two" }] }, changes)).toEqual([fact]);
    const data = [{ path: "/opt/shop/data", uid: 1001, content: "full" as const }];
    expect(find({ data }, changes)).toEqual([fact]);
    expect(find({ data }, { last: { app: "blog", hasBackups: false } })).toEqual([]);
  });

  test("prints the command that keeps the name", () => {
    const [problem] = renamedApp(server({}), { ...expected, last: { ...last, app: "blog" } });
    expect(problem?.choices[0]).toBe("pulumi config set --path app.name blog   keeps the name");
  });
});

describe("movedApp", () => {
  const find = (parts: Parts, changes: Partial<Expectations>) => movedApp(server(parts), { ...expected, ...changes });

  test("none before the first update, on the server of the last one, and with the operator's word", () => {
    expect(find({}, {})).toEqual([]);
    expect(find(deployed, { last })).toEqual([]);
    expect(find({}, { last, accept: "host" })).toEqual([]);
  });

  test("an app of an earlier version has no id, and neither have its outputs", () => {
    expect(find({ app: [{ name: "shop" }] }, { last: { hasBackups: false } })).toEqual([]);
    expect(find({ app: [{ name: "shop" }] }, { last: { ...last, identity: "" } })).toEqual([]);
  });

  test("another server without the app is a question, with the way to the data", () => {
    expect(find({}, { last: { ...last, host: "198.51.100.1" } })).toEqual([
      {
        fact: "203.0.113.7 does not have the app shop: its data is on 198.51.100.1, and this server has none",
        choices: [
          "pulumi config set --path host.host 198.51.100.1   keeps the server",
          "pulumi up -c accept=host   starts with empty data; then `ops restore latest --in-place` restores the backup",
        ],
      },
    ]);
  });

  test("without backups the data is copied by hand", () => {
    const [problem] = find({}, { last: { ...last, host: "198.51.100.1", hasBackups: false } });
    expect(problem?.choices[1]).toContain("rsync -a --numeric-ids root@198.51.100.1:/opt/shop/data/ /opt/shop/data/");
  });

  test("a reinstalled server at the same address", () => {
    expect(find({}, { last }).map(({ fact }) => fact)).toEqual([
      "203.0.113.7 does not have the app shop: its data is on the server's former installation, and this server has none",
    ]);
  });

  test("a server that has other data under the name", () => {
    const other = { app: [{ name: "shop" }], identity: [{ app: "shop", id: "two" }] };
    expect(find(other, { last: { ...last, host: "198.51.100.1" } })).toEqual([
      {
        fact: "the data of shop on 203.0.113.7 is not the data of this stack, which is on 198.51.100.1",
        choices: [
          "pulumi config set --path host.host 198.51.100.1   keeps the server",
          "pulumi up -c accept=host   continues with the data of this server",
        ],
      },
    ]);
  });

  test("the same server at a new address is no question", () => {
    expect(find(deployed, { last: { ...last, host: "old.example.com" } })).toEqual([]);
  });
});

describe("movedDomain", () => {
  const file = "/etc/nginx/sites-enabled/shop.conf";
  const site = { owned: [{ path: file, owner: "infra/prod/shop" }], "nginx-name": [{ file, names: ["old.test"] }] };
  const find = (changes: Partial<Expectations>) => movedDomain(server(site), { ...expected, ...changes });

  test("a site that would lose all its names is a question", () => {
    expect(find({})).toEqual([
      {
        fact: "the site is old.test, and the configuration says shop.test: the present name would get no answer",
        choices: [
          "pulumi config rm --path app.domain; pulumi config set --path 'app.domains[0]' shop.test; pulumi config set --path 'app.domains[1]' old.test   leads visitors of the present name to the new one",
          "pulumi up -c accept=domain   gives the present name up; certbot delete --cert-name old.test   deletes its certificate afterwards",
        ],
      },
    ]);
  });

  test("none when the present name stays, and with the operator's word", () => {
    expect(find({ domains: ["shop.test", "old.test"] })).toEqual([]);
    expect(find({ accept: "domain" })).toEqual([]);
  });
});

describe("movedData", () => {
  const full = (path: string) => ({ path, uid: 1001, content: "full" as const });
  const empty = (path: string) => ({ path, uid: 1001, content: "empty" as const });
  const find = (...data: Inventory["data"]) => movedData(server({ data }), expected).map(({ fact }) => fact);

  test("an empty directory beside a full one that no key names is a question", () => {
    const fact = "/opt/shop/data/db has no data, and no entry of `data` names /opt/shop/data/main, which has some";
    expect(find(full("/opt/shop/data"), full("/opt/shop/data/main"))).toEqual([fact]);
    expect(find(empty("/opt/shop/data/db"), full("/opt/shop/data/main"))).toEqual([fact]);
  });

  test.each([
    ["a fresh server", []],
    ["full data", [full("/opt/shop/data"), full("/opt/shop/data/db"), full("/opt/shop/data/former")]],
    ["what an earlier restore kept", [empty("/opt/shop/data/db"), full("/opt/shop/data/db.before-20260101T000000Z")]],
  ])("none with %s", (_, data) => {
    expect(find(...data)).toEqual([]);
  });
});
