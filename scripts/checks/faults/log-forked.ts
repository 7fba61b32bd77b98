import { randomUUID } from "node:crypto";
import { globSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { CheckError } from "../../../src/core/errors.ts";
import type { Fault } from "../runbook/fault.ts";
import { prometheusOf } from "../runbook/prometheus.ts";
import { checkpointOf, openStore, type SecondLog, startSecondLog } from "../runbook/second-log.ts";
import { type StageWitness, startWitness } from "../runbook/witness.ts";

const PATIENCE_MS = 20_000;

let witness: StageWitness | undefined;
let log: SecondLog | undefined;

let store = "";

export const fault: Fault = {
  what: "a log that was restored from a backup goes on under the old name, and both are shown to a witness",
  async before(stage) {
    store = randomUUID();
    witness = await startWitness(stage, [store]);
    log = await startSecondLog(stage, witness);
    await (await prometheusOf(stage)).reads("witness", witness.url);
  },
  async inject(stage) {
    const { SEQUENCER = "" } = stage.env;
    if (witness === undefined || log === undefined) throw new CheckError("it was not prepared");
    await openStore(stage, SEQUENCER, store);
    await cosign(witness, await checkpointOf(stage, SEQUENCER, store));
    await openStore(stage, log.url, store);
    const evidence = await evidenceOf(witness);
    await log.stop();
    return { EVIDENCE: evidence, CONFIG: log.config };
  },
  async clear() {
    await witness?.stop("SIGKILL");
    await log?.stop();
  },
};

/** Shows a witness the first head of a log that it hears of. */
async function cosign({ url }: StageWitness, note: string): Promise<void> {
  const answer = await fetch(`${url}/add-checkpoint`, { method: "POST", body: `old 0\n\n${note}` });
  if (!answer.ok) throw new CheckError(`the witness: ${answer.status} ${await answer.text()}`);
}

async function evidenceOf({ folder }: StageWitness): Promise<string> {
  const last = performance.now() + PATIENCE_MS;
  while (performance.now() < last) {
    const [file] = globSync(`${folder}/evidence/*.json`);
    if (file !== undefined) return file;
    await sleep(100);
  }
  throw new CheckError("the witness was shown no second history");
}
