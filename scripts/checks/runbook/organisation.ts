import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "../../../src/chain/local-node.ts";
import { CheckError } from "../../../src/core/errors.ts";
import { openAlerts } from "../../../src/ops/alerts/index.ts";
import { ROOT } from "../support/process.ts";
import { anchoredLog } from "./anchored-log.ts";
import { headOf } from "./spare-stream.ts";
import type { Stage } from "./stage.ts";

/** Everything that a disaster takes. */
const HOME = "build/runbooks/organisation";
/** What is kept on another site: backups, the holders' identities, the signer's public key. */
const ELSEWHERE = "build/runbooks/elsewhere";
const PATIENCE_MS = 60_000;
const HOLDERS = ["alice", "bob"] as const;

/** An organisation of its own on the stage's chain: keys, deployments, configuration, an anchored log, alerts, an incident. */
export interface Organisation {
  readonly home: string;
  readonly elsewhere: string;
  /** What its shell has in place of the stage's: paths and URLs. */
  readonly env: Readonly<Record<string, string>>;
}

/** Makes it with copies of the stage's log and keys, its services stopped, and takes last night's backup, which two holders open together. */
export async function foundOrganisation(stage: Stage): Promise<Organisation> {
  for (const place of [HOME, ELSEWHERE]) {
    rmSync(join(ROOT, place), { recursive: true, force: true });
    mkdirSync(join(ROOT, place), { recursive: true, mode: 0o700 });
  }
  await openStreams(stage);
  await stopAnchoring(stage);
  const { folder } = await anchoredLog(stage);
  const [sequencer = 0, prover = 0, watcher = 0] = await freePorts(3);
  const url = (port: number): string => `http://127.0.0.1:${port}`;
  const env = {
    PROOFX_CONFIG: `${HOME}/proofx.toml`,
    PROOFX_KEYS: `${HOME}/keys`,
    PROOFX_DEPLOYMENTS: `${HOME}/deployments`,
    DEPLOYMENT: `${HOME}/deployments/story.json`,
    SEQUENCER: url(sequencer),
    PROVER: url(prover),
    WATCHER: url(watcher),
  };
  await stage.sh(`mv ${folder} ${HOME}/log
cp -R "$PROOFX_KEYS" ${HOME}/keys
cp -R "$PROOFX_DEPLOYMENTS" ${HOME}/deployments
for holder in ${HOLDERS.join(" ")}; do npx proofx backup identity --out ${ELSEWHERE}/$holder.txt > ${ELSEWHERE}/$holder.recipient; done`);
  writeFileSync(join(ROOT, HOME, "proofx.toml"), settings(stage, { sequencer, prover, watcher }));
  // As its watcher's first start does.
  await openAlerts({ folder: join(ROOT, HOME, "alerts"), sinks: [] }).close();
  const exports = Object.entries(env).map(([name, value]) => `export ${name}='${value}'\n`);
  await stage.sh(`${exports.join("")}npx hardhat keys create --name backup-signer --algorithm ed25519
npx proofx alerts silence --rule DiskFilling --for 2h --reason "a new disk comes" --by operations
npx hardhat incident open --id last-week --severity P3 --title "A slow database" --text "It is looked at"
npx proofx backup create | tee ${ELSEWHERE}/created.txt
sed -n 's/^signed by backup-signer, //p' ${ELSEWHERE}/created.txt > ${ELSEWHERE}/signer.txt`);
  return { home: HOME, elsewhere: ELSEWHERE, env };
}

/**
 * Streams that no batch is anchored of yet are opened for it: the operator's own, in which tenants and API keys are noted, and what other
 * rehearsals left. Until they are, the log's sequencer is not ready.
 */
async function openStreams(stage: Stage): Promise<void> {
  const unanchored = await stage.database.query(
    `select tenant_id, store_id from streams s where not exists
      (select from anchors a where (a.tenant_id, a.store_id) = (s.tenant_id, s.store_id) and a.status <> 'pending')`,
  );
  for (const { tenant_id, store_id } of unanchored)
    await stage.sh(
      `npx hardhat stream open --network "$NETWORK" --tenant ${tenant_id} --store ${store_id} --anchorer "$ANCHORER" --key admin`,
    );
}

const STOP = "REVOKE INSERT ON proofx.batches FROM proofx_anchor";
const GO_ON = "GRANT INSERT ON proofx.batches TO proofx_anchor";

/** The stage's log closes batches again. */
export async function goOnAnchoring({ database }: Stage): Promise<void> {
  await database.query(GO_ON);
}

/**
 * Everything that the log has is anchored, and then nothing any more: the stage's sequencer writes on while its copy is away, and a chain that
 * went on with it would be ahead of the copy.
 */
async function stopAnchoring(stage: Stage): Promise<void> {
  const last = performance.now() + PATIENCE_MS;
  const open = (end: string) =>
    `select '0x' || encode(s.stream_id, 'hex') as id, ${end} as end from streams s`;
  const anchored = async (wanted: string): Promise<void> => {
    for (const stream of await stage.database.query(open(wanted)))
      while ((await headOf(stage, String(stream.id))).end < BigInt(String(stream.end))) {
        if (performance.now() > last) throw new CheckError(`stream ${stream.id} is not anchored`);
        await sleep(100);
      }
  };
  await anchored("s.head");
  await stage.database.query(STOP);
  await anchored(
    "(select coalesce(max(b.end_sequence), 0) from batches b where (b.tenant_id, b.store_id) = (s.tenant_id, s.store_id))",
  );
}

function settings(
  { env }: Stage,
  ports: { readonly sequencer: number; readonly prover: number; readonly watcher: number },
): string {
  const recipient = (name: string): string =>
    /age1\w+/.exec(readFileSync(join(ROOT, ELSEWHERE, `${name}.recipient`), "utf8"))?.[0] ?? "";
  const http = (name: keyof typeof ports): string => `[${name}.http]\nport = ${ports[name]}\n`;
  const chain = `deployment = "${HOME}/deployments/story.json"\nrpc_urls = ["${env.RPC}"]\nconfirmations = 1\npoll = 1\n`;
  return `[keys]
work_factor = 10
folder = "${HOME}/keys"
[log]
level = "info"
[store]
folder = "${HOME}/log"
[sequencer]
log_name = "story.proofx.local"
batches = "anchor"
${http("sequencer")}[anchor]
${chain}key = "anchorer"
max_fee_per_gas = "50"
min_balance = "0.05"
[anchor.http]
port = 0
[prover]
workers = 1
[[prover.circuits]]
version = 1
${http("prover")}[watcher]
${chain}folder = "${HOME}/watcher"
[[watcher.logs]]
url = "http://127.0.0.1:${ports.sequencer}"
tenant = "${env.TENANT}"
store = "${env.STORE}"
token_file = "${env.ADMIN_CREDENTIAL}"
${http("watcher")}[alerts]
folder = "${HOME}/alerts"
[incidents]
folder = "${HOME}/incidents"
[health]
disks = ["."]
[health.services]
${Object.entries(ports)
  .map(([name, port]) => `${name} = "http://127.0.0.1:${port}"`)
  .join("\n")}
[backup]
folder = "${ELSEWHERE}/backups"
threshold = 2
signer = "backup-signer"
[backup.holders]
${HOLDERS.map((name) => `${name} = "${recipient(name)}"`).join("\n")}
`;
}
