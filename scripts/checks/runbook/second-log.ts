import { cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CheckError } from "../../../src/core/errors.ts";
import { ROOT } from "../support/process.ts";
import { anchoredLog } from "./anchored-log.ts";
import { type OwnService, startOwnService } from "./own-service.ts";
import type { Stage } from "./stage.ts";
import type { StageWitness } from "./witness.ts";

const COPY = "build/runbooks/second-copy";
const FOLDER = "build/runbooks/second-log";
const CONFIG = "build/runbooks/second.toml";
const PATIENCE_MS = 20_000;

/** A sequencer on a copy of the stage's log, under its name and with its keys. */
export interface SecondLog extends OwnService {
  readonly config: string;
}

/** Starts it as the copy was when it was first made; its checkpoints go to a witness. */
export async function startSecondLog(stage: Stage, witness: StageWitness): Promise<SecondLog> {
  const copied = join(ROOT, COPY);
  if (!existsSync(copied)) {
    const { config, folder } = await anchoredLog(stage);
    renameSync(join(ROOT, folder), copied);
    const settings = readFileSync(join(ROOT, config), "utf8");
    writeFileSync(`${copied}.toml`, settings.replace(`"${folder}"`, `"${FOLDER}"`));
  }
  rmSync(join(ROOT, FOLDER), { recursive: true, force: true });
  cpSync(copied, join(ROOT, FOLDER), { recursive: true });
  const asked = `[[sequencer.witnesses]]\nurl = "${witness.url}"\nkey = "${witness.key}"`;
  writeFileSync(join(ROOT, CONFIG), `${readFileSync(`${copied}.toml`, "utf8")}\n${asked}\n`);
  const service = await startOwnService(stage, "second-log", ["sequencer", "--config", CONFIG]);
  return { ...service, config: CONFIG };
}

/** Opens a store's stream in a log, whose first event says when; its first checkpoint differs from any other log's. */
export async function openStore(stage: Stage, sequencer: string, store: string): Promise<void> {
  await stage.sh(
    `curl -sSf ${sequencer}/v1/stores/${store} --json '{}' -H "authorization: Bearer $(cat "$ADMIN_CREDENTIAL")" > /dev/null`,
  );
}

/** A stream's newest checkpoint that `wanted` takes, waited for. @throws CheckError when none comes. */
export async function checkpointOf(
  { env }: Stage,
  sequencer: string,
  store: string,
  wanted: (note: string) => boolean = () => true,
): Promise<string> {
  const authorization = `Bearer ${readFileSync(join(ROOT, env.ADMIN_CREDENTIAL ?? ""), "utf8").trim()}`;
  const last = performance.now() + PATIENCE_MS;
  while (performance.now() < last) {
    const answer = await fetch(`${sequencer}/v1/stores/${store}/checkpoint`, { headers: { authorization } });
    const note = answer.ok ? await answer.text() : undefined;
    if (note !== undefined && wanted(note)) return note;
    await sleep(100);
  }
  throw new CheckError(`no such checkpoint of store ${store}`);
}
