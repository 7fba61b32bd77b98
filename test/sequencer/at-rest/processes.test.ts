import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { Keyring } from "../../../src/sequencer/at-rest/index.ts";
import { migrate, openPostgres, type Store } from "../../../src/sequencer/store/index.ts";
import { startPostgres, type TestPostgres } from "../../support/postgres.ts";
import {
  AGENT,
  addProof,
  append,
  clear,
  MASTER,
  masterKeys,
  openStreams,
  plain,
  read,
  SETTINGS,
  TENANT,
} from "./support.ts";

const CHILD = fileURLToPath(new URL("./child.ts", import.meta.url));
const OWNER = { tenant: TENANT, agent: AGENT };

describe("Processes that share what is at rest", function () {
  this.timeout(120_000);
  let postgres: TestPostgres;
  let store: Store;
  let masters: Awaited<ReturnType<typeof masterKeys>>;
  before(async () => {
    masters = await masterKeys(MASTER);
    postgres = await startPostgres();
    store = await openPostgres(postgres.url);
    await migrate(store, { backup: async () => {} });
  });
  after(async () => {
    await store?.close();
    await postgres?.close();
    masters?.close();
  });
  beforeEach(() => openStreams(store));
  afterEach(() => clear(store));

  const child = async (...args: string[]): Promise<{ signal: string | null; output: string }> => {
    const env = { ...process.env, DATABASE_URL: postgres.url, PROOFX_KEYS: masters.folder };
    const running = spawn(process.execPath, [CHILD, ...args], { env, stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    running.stdout.on("data", (chunk) => {
      output += chunk;
    });
    return new Promise((resolve) => running.once("close", (_code, signal) => resolve({ signal, output })));
  };

  it("make one key an agent between them, when both need it first", async () => {
    const agents = Array.from({ length: 24 }, (_, i) => AGENT.replace(/da$/, String(10 + i))).join(",");
    const [one, two] = await Promise.all([child("prepare", agents), child("prepare", agents)]);
    expect(one.output.split(" ")).to.have.length(24);
    expect(two.output).to.equal(one.output);
    const rows = await postgres.query("SELECT FROM proofx.data_keys");
    expect(rows).to.have.length(24);
    expect(await postgres.query("SELECT FROM proofx.tenant_keys")).to.have.length(1);
  });

  it("a re-encryption killed around every batch goes on where it was and leaves no row", async () => {
    const sequences = Array.from({ length: 14 }, (_, i) => BigInt(i + 1));
    await append(store, OWNER, sequences, plain);
    for (const n of sequences.slice(0, 6)) await addProof(store, OWNER, n, plain);
    const place = async () =>
      JSON.stringify((await postgres.query("SELECT position FROM proofx.keeper_jobs"))[0]?.position ?? null);

    const places = [await place()];
    let last = { signal: "SIGKILL" as string | null, output: "" };
    for (let run = 0; last.signal !== null && run < 30; run++) {
      // Before a commit, a batch is as if it had never begun; after it, it is never done again.
      const before = await child("reencrypt", "before");
      if (before.signal !== null) expect(await place()).to.equal(places.at(-1));
      last = before.signal === null ? before : await child("reencrypt", "after");
      places.push(await place());
    }
    expect(last.signal).to.equal(null);
    // Four batches of events, two of proofs, none twice; and nothing of the job is left.
    expect(new Set(places)).to.have.length(7);
    expect(places.at(-1)).to.equal("null");
    expect(JSON.parse(last.output).map((each: { left: number }) => each.left)).to.deep.equal([0, 0]);
    const keyring = new Keyring(store.as("app"), masters.keys, SETTINGS);
    for (const n of sequences) expect(await read(store, keyring, TENANT, n)).to.equal(`{"sequence":"${n}"}`);
  });
});
