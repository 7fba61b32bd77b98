import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { openKeyProvider, passphraseFromFile } from "../../src/keys/index.ts";
import { Keyring } from "../../src/sequencer/at-rest/index.ts";
import { migrate, openPglite, type Store } from "../../src/sequencer/store/index.ts";
import {
  AGENT,
  append,
  openStreams,
  plain,
  read,
  SECOND,
  SETTINGS,
  sealedBy,
  sse1,
  TENANT,
} from "../sequencer/at-rest/support.ts";
import { type CommandResult, expectOk, expectRefused, openTypist, type Typist } from "../support/cli.ts";

const LEGACY = new Uint8Array(32).fill(11);

describe("log keys and log reencrypt, as an operator types them", function () {
  this.timeout(240_000);
  let folder: string;
  const path = (name: string) => join(folder, name);
  const write = (name: string, text: string) => {
    writeFileSync(path(name), text, { mode: 0o600 });
    return path(name);
  };
  let typist: Typist;
  const type = (line: string): Promise<CommandResult> => typist.type(line.split(" "));
  const keys = () =>
    openKeyProvider({
      folder: path("keys"),
      passphrase: passphraseFromFile(path("passphrase")),
      workFactor: 2,
    });
  const configure = (master: string) =>
    write("proofx.toml", `[store]\nfolder = "${path("log")}"\n[at_rest]\nmaster_key = "${master}"\n`);
  /** The embedded database is one process's at a time, and between commands ours. */
  const inStore = async <T>(work: (store: Store, keyring: Keyring) => Promise<T>): Promise<T> => {
    const store = await openPglite(path("log"));
    try {
      return await work(store, new Keyring(store.as("app"), keys(), SETTINGS));
    } finally {
      await store.close();
    }
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "proofx-test-"));
    write("passphrase", "correct horse battery staple");
    const { DATABASE_URL: _, ...environment } = process.env;
    typist = openTypist({
      ...environment,
      PROOFX_KEYS: path("keys"),
      PROOFX_PASSPHRASE_FILE: path("passphrase"),
      PROOFX_CONFIG: path("proofx.toml"),
      HARDHAT_DISABLE_TELEMETRY_PROMPT: "true",
    });
    configure(SETTINGS.master_key);
    await keys().create("log-master", "aes-256");
    await inStore(async (store, keyring) => {
      await migrate(store, { backup: async () => {} });
      await openStreams(store);
      await append(store, { tenant: TENANT, agent: AGENT }, [1n, 2n], sealedBy(keyring));
      await append(store, { tenant: TENANT, agent: AGENT }, [3n], sse1(LEGACY));
      await append(store, { tenant: TENANT, agent: AGENT }, [4n], plain);
      await append(store, { tenant: TENANT, agent: SECOND }, [5n], sealedBy(keyring));
    });
  });
  after(async () => {
    await typist.close();
    rmSync(folder, { recursive: true });
  });

  it("seal old records anew after saying what they would do, and fail while one cannot be opened", async () => {
    const legacy = write("legacy", `${Buffer.from(LEGACY).toString("hex")}\n`);
    const dry = await type(`log reencrypt --dry-run --legacy-keys ${legacy}`);
    expectOk(dry);
    expect(dry.stdout).to.contain(
      "events: 5 rows; would seal anew 1 of the format SSE1, 1 in plain, 0 under older data keys",
    );
    const without = await type("log reencrypt");
    expect(without.code).to.equal(1);
    expect(without.stdout)
      .to.contain("CANNOT BE OPENED: event 3 of store")
      .and.contain("Next: give the legacy key");
    const done = await type(`log reencrypt --legacy-keys ${legacy} --json`);
    expectOk(done);
    const { tables } = done.json<{ tables: { left: number; changed: object }[] }>();
    expect(tables.map(({ left }) => left)).to.deep.equal([0, 0]);
    expect(tables[0]?.changed).to.deep.equal({ sse1: 1, plain: 0, olderKey: 0 });
    await inStore(async (store, keyring) => {
      for (const n of [1n, 2n, 3n, 4n, 5n]) await read(store, keyring, TENANT, n);
    });
  });

  it("rotate a master key that the settings name, a tenant's key and an agent's, and list what there is", async () => {
    await keys().create("log-master.v2", "aes-256");
    configure("log-master.v2");
    const master = await type("log keys rotate --master");
    expectOk(master);
    expect(master.stdout).to.contain(
      'Rewrapped 1 tenant keys under "log-master.v2"; 0 are left under another',
    );
    expectOk(await type(`log keys rotate --tenant ${TENANT}`));
    expectOk(await type(`log keys rotate --tenant ${TENANT} --agent ${AGENT}`));
    const listed = await type(`log keys list --tenant ${TENANT}`);
    expectOk(listed);
    expect(listed.stdout)
      .to.match(/tenant key 1 +destroyed +under "log-master.v2", wraps 0 data keys/)
      .and.to.match(/tenant key 2 +in use +under "log-master.v2", wraps 3 data keys/)
      .and.to.contain("data keys: 2 in use, 1 older, 0 destroyed")
      .and.to.contain(`agent ${AGENT}  generation 2  in use`);
    const older = await type("log reencrypt");
    expect(older.stdout).to.contain("0 in plain, 4 under older data keys");
    await inStore(async (store, keyring) => {
      for (const n of [1n, 2n, 3n, 4n, 5n]) await read(store, keyring, TENANT, n);
    });
  });

  it("erase an agent once it is confirmed by its id, and nobody else", async () => {
    const line = `log keys erase --tenant ${TENANT} --agent ${AGENT}`;
    expectRefused(await type(line), 3, `add --confirm ${AGENT}`);
    expectRefused(await type(`${line} --confirm ${SECOND}`), 2, "the agent's UUID");
    const erased = await type(`${line} --confirm ${AGENT}`);
    expectOk(erased);
    expect(erased.stdout).to.contain("2 data keys destroyed, 4 records can never be opened again");
    await inStore(async (store, keyring) => {
      await read(store, keyring, TENANT, 5n);
      const error = await read(store, keyring, TENANT, 1n).catch((reason: Error) => reason);
      expect(String(error)).to.contain("payload erased");
    });
  });

  it("refuse what does not say which key, and a database that another process has open", async () => {
    for (const choice of ["", " --master --tenant x", ` --agent ${AGENT}`])
      expectRefused(
        await type(`log keys rotate${choice}`),
        2,
        "--master, --tenant T, or --tenant T --agent A",
      );
    await inStore(async () => {
      expectRefused(await type("log keys list"), 3, "is open in another process");
    });
  });
});
