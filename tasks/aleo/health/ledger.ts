import { heightOf, timeOf } from "../../../src/aleo/block.ts";
import { durationText } from "../support/administration.ts";
import type { AleoSession } from "../support/session.ts";
import type { Finding } from "./finding.ts";

/** Whether the node answers and its ledger moves on. */
export async function ledgerFindings({ ledger, network, settings }: AleoSession): Promise<Finding[]> {
  const newest = await ledger.latestBlock();
  const age = Math.max(0, Math.floor(Date.now() / 1000) - timeOf(newest));
  const limit = settings.alerts.block_age;
  // A development ledger makes a block when there is something to put into it.
  const stands = network !== "devnode" && age > limit;
  return [
    { what: "node", ok: true, text: `${ledger.url} answers` },
    {
      what: "ledger",
      ok: !stands,
      text: `height ${heightOf(newest)}, newest block ${durationText(age)} old`,
      next: `a block takes about 3 s: ask another node; if they say the same, the network has stopped (https://status.aleo.org)`,
    },
  ];
}
