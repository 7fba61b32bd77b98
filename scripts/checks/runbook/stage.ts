import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseEnv } from "node:util";
import { CheckError, RefusedError } from "../../../src/core/errors.ts";
import { DOCS_HOST, DocsHost } from "../docs-host/server.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { projectEnv, ROOT, type Started, start } from "../support/process.ts";
import { ALEO_URL, furnishLedger } from "./aleo.ts";
import { readAddresses, StageChain } from "./chain.ts";
import { PORTS, urlAt } from "./ports.ts";
import { SERVICES, type ServiceName, writeStageFiles } from "./services.ts";
import { openSlowLink, type SlowLink } from "./slow-link.ts";
import { openSpareStream, type SpareStream } from "./spare-stream.ts";

const STORY = "build/story";
const LOGS = "build/test/runbooks";
const DATABASE_URL_FILE = `${LOGS}/database-url`;
const READY_SECONDS = 300;

/** What pages are rehearsed on: a chain with the contracts, the log, and services that pages ask for; all on this machine. */
export interface Stage {
  /** What every step and fault finds in its environment. */
  readonly env: NodeJS.ProcessEnv;
  /** Addresses of keys by name (`guardian`), and of contracts by their part in the deployment (`verifier`). */
  readonly addresses: Readonly<Record<string, string>>;
  /** Runs lines of a shell, in which GUARDIAN and the like are {@link addresses}; their standard output without its end. Throws CheckError for a failure. */
  sh(script: string): Promise<string>;
  readonly chain: StageChain;
  /** The PostgreSQL that has the log, for what stops it, slows it or writes past the log; throws RefusedError for another's stage. */
  readonly database: TestPostgres;
  /** The way that the log's services take to it. */
  readonly link: SlowLink;
  /** A stream that anchors outside the log, so that what faults do to it spares the log's; opened at the first call. */
  spareStream(): Promise<SpareStream>;
  /** Starts a service unless it runs. */
  service(name: ServiceName): Promise<void>;
  /** Ends one as `kill -9` does, or by SIGINT. */
  kill(name: ServiceName, signal?: "SIGKILL" | "SIGINT"): Promise<void>;
}

/** A stage, and how it ends. */
export interface OpenStage extends Stage {
  close(): Promise<void>;
}

/** Tells the story up to its first attestations and keeps it up; `reuse` takes one that somebody keeps up already. */
export async function openStage({ reuse }: { readonly reuse: boolean }): Promise<OpenStage> {
  const database = reuse ? undefined : await startPostgres({ preload: "pg_stat_statements" });
  const link = database === undefined ? undefined : await openSlowLink(database.url);
  try {
    const story = link === undefined ? undefined : await tellStory(link);
    try {
      return await furnishStage(database, link, story);
    } catch (error) {
      await story?.stop(20);
      throw error;
    }
  } catch (error) {
    await link?.close();
    await database?.close();
    throw error;
  }
}

async function furnishStage(database?: TestPostgres, link?: SlowLink, story?: Started): Promise<OpenStage> {
  const { rpcUrl } = JSON.parse(readFileSync(join(ROOT, STORY, "stack.json"), "utf8")) as { rpcUrl: string };
  const host = await DocsHost.open();
  const env: NodeJS.ProcessEnv = { ...stageEnvironment(rpcUrl, database), [DOCS_HOST]: host.socket };
  const services = new Map<ServiceName, Started>();
  const chain = new StageChain(rpcUrl);
  const addresses = readAddresses(
    `${STORY}/deployments/story.json`,
    globSync(`${ROOT}/${STORY}/keys/*.json`),
  );
  const words = Object.entries(addresses).map(
    ([name, address]) => `${name.replaceAll(/\W/g, "_").toUpperCase()}=${address}\n`,
  );
  let spare: Promise<SpareStream> | undefined;
  const stage: OpenStage = {
    env,
    addresses,
    async sh(script) {
      const child = start(["bash", "-euo", "pipefail", "-c", `${words.join("")}${script}`], {
        cwd: ROOT,
        env,
        logFile: `${LOGS}/faults.log`,
      });
      const code = await child.ended;
      if (code !== 0) throw new CheckError(`${script}\nended with ${code}\n${child.output().trim()}`);
      return child.output().trim();
    },
    chain,
    get database() {
      return ownOf(database);
    },
    get link() {
      return ownOf(link);
    },
    spareStream: () => {
      spare ??= openSpareStream(stage);
      return spare;
    },
    async service(name) {
      if (services.has(name)) return;
      services.set(name, await startService(name, env));
      if (name !== "aleo") return;
      env.PROOFX_ALEO_URL = ALEO_URL;
      await furnishLedger(stage);
    },
    async kill(name, signal = "SIGKILL") {
      const child = services.get(name);
      services.delete(name);
      if (child !== undefined) await child.stop(signal === "SIGKILL" ? 0 : 10);
    },
    async close() {
      await Promise.all([host.close(), ...[...services.values()].map((each) => each.stop(5))]);
      await story?.stop(20);
      await link?.close();
      await database?.close();
    },
  };
  await writeStageFiles(stage, rpcUrl);
  return stage;
}

function ownOf<Part>(part: Part | undefined): Part {
  if (part !== undefined) return part;
  throw new RefusedError("the database is that of whoever keeps the stage up", {
    next: "rehearse this page without --reuse",
  });
}

async function tellStory({ url }: SlowLink): Promise<Started> {
  mkdirSync(join(ROOT, LOGS), { recursive: true });
  writeFileSync(join(ROOT, DATABASE_URL_FILE), `${url}\n`, { mode: 0o600 });
  const words = ["--keep", "--until", "attest", "--database-url-file", DATABASE_URL_FILE];
  const story = start(["node", "scripts/story/main.ts", ...words], { logFile: `${LOGS}/story.log` });
  await until(story, "The chain is up", "the story");
  return story;
}

async function startService(name: ServiceName, env: NodeJS.ProcessEnv): Promise<Started> {
  const { words, ready } = SERVICES[name];
  const child = start(["node", "src/cli/main.ts", ...words], { env, logFile: `${LOGS}/${name}.log` });
  await until(child, ready, name);
  return child;
}

async function until(child: Started, text: string, what: string): Promise<void> {
  let ended: number | undefined;
  void child.ended.then((code) => {
    ended = code;
  });
  const last = performance.now() + READY_SECONDS * 1000;
  while (!child.output().includes(text)) {
    if (ended === undefined && performance.now() < last) await sleep(50);
    else {
      await child.stop(5);
      const said = child.output().trim().split("\n").slice(-15).join("\n");
      throw new CheckError(
        `${what} is not up (${ended === undefined ? "no answer" : `ended with ${ended}`})\n${said}`,
      );
    }
  }
}

/** Paths, names and URLs; no secrets. Pages name these variables, and operators set them to their own. */
function stageEnvironment(rpcUrl: string, database?: TestPostgres): NodeJS.ProcessEnv {
  const env = projectEnv();
  // Another database than the stage's own is never touched.
  delete env.DATABASE_URL;
  return {
    ...env,
    ...parseEnv(readFileSync(join(ROOT, STORY, "env"), "utf8").replaceAll(/^export /gm, "")),
    ...(database === undefined ? {} : psqlEnvironment(database)),
    PATH: [join(import.meta.dirname, "../docs-bin"), env.PATH].join(delimiter),
    NODE_COMPILE_CACHE: `${STORY}/compiled`,
    PROOFX_CONFIG: "build/runbooks/proofx.toml",
    WATCHER: urlAt(PORTS.watcher),
    NETWORK: "story",
    RPC: rpcUrl,
    DEPLOYMENT: `${STORY}/deployments/story.json`,
    ADMIN_CREDENTIAL: join(STORY, "work", "admin.key"),
    TENANT: "7e4a0000-0000-4000-8000-000000000001",
    STORE: "570e0000-0000-4000-8000-000000000001",
    RELAYER: urlAt(PORTS.relayer),
    PROVER: urlAt(PORTS.prover),
    WORK: "build/runbooks",
  };
}

/** How `psql` finds the log's database. */
function psqlEnvironment({ url }: TestPostgres): NodeJS.ProcessEnv {
  const { hostname, port, username, pathname } = new URL(url);
  return { PGHOST: hostname, PGPORT: port, PGUSER: username, PGDATABASE: pathname.slice(1) };
}
