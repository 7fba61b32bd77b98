import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromHex, toHex } from "../../../src/core/bytes.ts";
import { SIGNATURE_TYPE, streamId, verifierKey } from "../../../src/core/log/index.ts";
import { ROOT } from "../support/process.ts";
import { type OwnService, startOwnService } from "./own-service.ts";
import type { Stage } from "./stage.ts";

const FOLDER = "build/runbooks/witness";
const CONFIG = "build/runbooks/witness.toml";

/** A witness of the stage's log. */
export interface StageWitness extends OwnService {
  /** Verifier key that its cosignatures hold under. */
  readonly key: string;
  readonly name: string;
  /** What it remembers. */
  readonly folder: string;
}

/** Starts one that has seen nothing yet. @param stores Whose streams it cosigns. */
export async function startWitness(stage: Stage, stores: readonly string[]): Promise<StageWitness> {
  const name = "witness.example/rehearsal";
  rmSync(join(ROOT, FOLDER), { recursive: true, force: true });
  const logs = await Promise.all(stores.map((store) => logSection(stage, store)));
  writeFileSync(
    join(ROOT, CONFIG),
    `[keys]
work_factor = 10
[log]
level = "info"
[witness]
name = "${name}"
folder = "${FOLDER}"
[witness.http]
port = 0
${logs.join("")}`,
  );
  const key = await stage.sh(
    `[ -e "$PROOFX_KEYS/witness.json" ] || npx hardhat keys create --name witness --algorithm ed25519 > /dev/null
npx proofx witness key --config ${CONFIG}`,
  );
  const service = await startOwnService(stage, "witness", ["witness", "--config", CONFIG]);
  return { ...service, key, name, folder: FOLDER };
}

async function logSection({ env }: Stage, store: string): Promise<string> {
  const answer = await fetch(`${env.SEQUENCER}/v1/keys`);
  const { log_name, keys } = (await answer.json()) as {
    log_name: string;
    keys: readonly { purpose: string; public_key: string; retired_at: string | null }[];
  };
  const origin = `${log_name}/${toHex(streamId(env.TENANT ?? "", store)).slice(2)}`;
  const signing = keys.filter(({ purpose }) => purpose === "checkpoint");
  const texts = signing.map(({ public_key }) =>
    verifierKey({ name: origin, type: SIGNATURE_TYPE.note, publicKey: fromHex("the log's key", public_key) }),
  );
  return `[[witness.logs]]\norigin = "${origin}"\nkeys = ${JSON.stringify(texts)}\n`;
}
