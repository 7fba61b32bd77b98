import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { agentField } from "../../../src/aleo/agent-id.ts";
import { readBindings } from "../../../src/aleo/bridge/log.ts";
import { BridgePrograms } from "../../../src/aleo/bridge/programs.ts";
import type { AleoLedger } from "../../../src/aleo/ledger.ts";
import type { RecordedBinding } from "../../../src/core/aleo/index.ts";
import { EXIT } from "../../../src/core/errors.ts";
import { action, type TaskIo, type TaskResult } from "../../support/task.ts";
import { type AleoArguments, ledgerOf } from "../support/session.ts";
import { instant, recordData } from "./bind.ts";
import { openStream, type StreamArguments } from "./open.ts";

interface BindingsArguments extends AleoArguments, StreamArguments {
  readonly check: boolean;
}

/** What the registry has beside a binding; `unknown` when it does not know the agent. */
type Owned = "same" | "unknown" | `aleo1${string}`;

/** Lists the bindings that count, and what was written and does not. */
export async function bindings(
  args: BindingsArguments,
  _hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const { ledger } = ledgerOf(args);
  const { log, place, signatures } = await openStream(args, ledger.address.network);
  io.note(`reading the bindings to ${place.program} on ${place.network} …`);
  const { book, verdicts } = await readBindings(log, place, signatures);
  const bound = book.bindings(BigInt(Date.now()));
  const refused = verdicts.flatMap((verdict) => (verdict.kind === "refused" ? [verdict] : []));
  const owned = args.check ? await Promise.all(bound.map((record) => ownerBeside(ledger, record))) : [];
  const wrong = owned.some((owner) => owner.startsWith("aleo1"));
  return {
    data: {
      bindings: bound.map((record, index) => ({ ...recordData({ record }), registry: owned[index] ?? null })),
      refused: refused.map(({ sequence, reason }) => ({ sequence, reason })),
    },
    lines: [
      `${bound.length} agents are bound for ${place.program} on ${place.network}`,
      ...bound.map((record, index) => line(record, owned[index])),
      ...(refused.length === 0 ? [] : ["Written, and does not count:"]),
      ...refused.map(({ sequence, reason }) => `  sequence ${sequence}: ${reason}`),
    ],
    ...(wrong ? { exitCode: EXIT.failed } : {}),
  };
}

async function ownerBeside(ledger: AleoLedger, { binding }: RecordedBinding): Promise<Owned> {
  const owner = await new BridgePrograms(ledger).ownerOf(agentField(binding.agentId));
  if (owner === undefined) return "unknown";
  return owner === binding.aleoAddress ? "same" : (owner as Owned);
}

const SAID = { same: "; so the registry has it", unknown: "; the registry does not know the agent" };

function line({ binding, sequence }: RecordedBinding, owned: Owned | undefined): string {
  const { agentId, aleoAddress, expiry } = binding;
  const beside =
    owned === undefined
      ? ""
      : owned === "same" || owned === "unknown"
        ? SAID[owned]
        : `; but in the registry ${owned} owns it`;
  return `  ${agentId}  ${aleoAddress}  sequence ${sequence}, until ${instant(expiry)}${beside}`;
}

export default action(bindings);
