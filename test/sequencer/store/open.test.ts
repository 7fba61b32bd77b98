import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { RefusedError, UnavailableError } from "../../../src/core/errors.ts";
import {
  allMigrations,
  migrate,
  openPglite,
  openPostgres,
  openStore,
  storeSettings,
} from "../../../src/sequencer/store/index.ts";

const HOLD = `
  const { openPglite } = await import("./src/sequencer/store/index.ts");
  await openPglite(process.argv[1]);
  console.log("open");
  setInterval(() => {}, 1000);
`;

describe("Opening the log's database", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "proofx-open-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("refuses an embedded one that another process has, and takes it the moment that process was killed", async () => {
    let holder: ChildProcess | undefined;
    try {
      holder = spawn(process.execPath, ["--input-type=module", "-e", HOLD, folder], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      await once(holder.stdout as NodeJS.ReadableStream, "data");
      const refusal = await openPglite(folder).catch((error: unknown) => error);
      expect(refusal).to.be.instanceOf(RefusedError);
      expect((refusal as RefusedError).next).to.contain("DATABASE_URL");
      const ended = once(holder, "exit");
      holder.kill("SIGKILL");
      await ended;
      await (await openPglite(folder)).close();
    } finally {
      holder?.kill("SIGKILL");
    }
  });

  it("refuses it to a second opener in the same process", async () => {
    const store = await openPglite(folder);
    expect(await openPglite(folder).catch((error: unknown) => error)).to.be.instanceOf(RefusedError);
    await store.close();
  });

  it("begins anew after a process that was killed while it made the database", async () => {
    const torn = join(folder, "torn");
    mkdirSync(join(torn, "pglite.making", "base"), { recursive: true });
    writeFileSync(join(torn, "pglite.making", "PG_VERSION"), "18\n");
    const store = await openPglite(torn);
    await store.as("owner").transaction(null, (tx) => tx.query("CREATE TABLE whole (id int)"));
    await store.close();
    expect(readdirSync(torn)).to.have.members(["pglite", "lock"]);
  });

  it("does not repeat the URL of a PostgreSQL that does not answer", async () => {
    const error = await openPostgres("postgres://me:secret-word@127.0.0.1:9/log").catch((reason) => reason);
    expect(error).to.be.instanceOf(UnavailableError);
    expect(JSON.stringify([error.message, error.next])).not.to.contain("secret-word");
  });

  it("makes no empty database where one was to be read", async () => {
    const nowhere = join(folder, "nowhere");
    const settings = storeSettings.parse({ folder: nowhere });
    const error = await openStore(settings, {}).catch((reason) => reason);
    expect(error).to.be.instanceOf(UnavailableError);
    expect(error.message).to.equal(`no log at ${nowhere}`);
    expect(error.next).to.contain("npx proofx log init");
    expect(existsSync(nowhere)).to.equal(false);
  });

  it("prefers DATABASE_URL, and says what it cannot be", async () => {
    const settings = storeSettings.parse({ folder });
    const error = await openStore(settings, { DATABASE_URL: "mysql://x" }).catch((reason) => reason);
    expect(error.message).to.contain("postgres://");
  });

  it("refuses a schema with a step that is unknown, or reads otherwise, and takes a backup before a new step", async () => {
    const store = await openPglite(null);
    try {
      const steps = allMigrations();
      await migrate(store, { backup: () => Promise.reject(new Error("there is nothing to keep yet")) });
      const altered = steps.map((step, index) => (index === 0 ? { ...step, hash: "other" } : step));
      const fault = async (migrations: typeof steps) =>
        (await migrate(store, { backup: async () => {}, migrations }).catch(
          (error: Error) => error.message,
        )) as string;
      expect(await fault(altered)).to.contain("another text");
      expect(await fault(steps.slice(0, -1))).to.contain("to be none");

      const next = { name: "9999-next", sql: "CREATE TABLE proofx.next (n int)", hash: "h" };
      const taken: string[] = [];
      const refused = await migrate(store, {
        backup: async () => Promise.reject(new Error("no room")),
        migrations: [...steps, next],
      }).catch((error: Error) => error.message);
      expect(refused).to.equal("no room");
      const backup = async (before: string) => void taken.push(before);
      expect(await migrate(store, { backup, migrations: [...steps, next] })).to.deep.equal(["9999-next"]);
      expect(taken).to.deep.equal(["9999-next"]);
    } finally {
      await store.close();
    }
  });
});
