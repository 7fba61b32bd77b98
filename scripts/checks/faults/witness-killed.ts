import { randomUUID } from "node:crypto";
import type { Fault } from "../runbook/fault.ts";
import { checkpointOf, openStore, type SecondLog, startSecondLog } from "../runbook/second-log.ts";
import { type StageWitness, startWitness } from "../runbook/witness.ts";

const LIMIT_SECONDS = 2;

let witness: StageWitness | undefined;
let log: SecondLog | undefined;
let unwitnessed = "";

export const fault: Fault = {
  what: "the witness of a log is killed after its first cosignature",
  async inject(stage) {
    const witnessed = randomUUID();
    unwitnessed = randomUUID();
    witness = await startWitness(stage, [witnessed, unwitnessed]);
    const { name } = witness;
    log = await startSecondLog(stage, witness);
    await openStore(stage, log.url, witnessed);
    await checkpointOf(stage, log.url, witnessed, (note) => note.includes(name));
    await witness.stop("SIGKILL");
    await openStore(stage, log.url, unwitnessed);
    await checkpointOf(stage, log.url, unwitnessed);
    return { SEQUENCER: log.url };
  },
  watched: () => ({
    replace: { url: `"${log?.url}"`, store: `"${unwitnessed}"` },
    health: `witnesses = ["${witness?.key}"]\nwitness_silent = ${LIMIT_SECONDS}`,
  }),
  async clear() {
    await witness?.stop("SIGKILL");
    await log?.stop();
  },
};
