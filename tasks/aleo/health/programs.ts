import { administrationOf } from "../../../src/aleo/administration.ts";
import { programChecksum } from "../../../src/aleo/build-record.ts";
import { credits } from "../../../src/aleo/client.ts";
import { addresses } from "../../../src/aleo/rehearse.ts";
import { inspectBuild } from "../support/build.ts";
import { type AleoProgram, REGISTRY } from "../support/programs.ts";
import type { AleoSession } from "../support/session.ts";
import type { Finding } from "./finding.ts";

/** Keys of the registry's totals that its credits have to cover: staked, waiting, taken by slashes. */
const OWED = ["0u8", "1u8", "2u8"] as const;

/** What can be said of one program. */
export async function programFindings(session: AleoSession, program: AleoProgram): Promise<Finding[]> {
  const { ledger } = session;
  const { id, short } = program;
  const source = await ledger.program(id);
  if (source === undefined) {
    return [
      { what: short, ok: false, text: `${id} is not deployed`, next: "npx hardhat aleo deploy --key …" },
    ];
  }
  const { record } = await inspectBuild(program);
  const same = (await programChecksum(source)) === record.checksum;
  const { admin, pending, paused, migrating } = await administrationOf(ledger, id);
  const handOver =
    pending === undefined ? "" : `; ${pending.admin} may take over from height ${pending.readyAt}`;
  return [
    {
      what: `${short}, program`,
      ok: same,
      text: `${id} edition ${await ledger.edition(id)}, ${same ? "as committed" : "NOT as committed"}`,
      next: "npx hardhat aleo verify-deployment",
    },
    { what: `${short}, admin`, ok: admin !== undefined, text: `${admin ?? "nobody"}${handOver}` },
    {
      what: `${short}, paused`,
      ok: !paused,
      text: paused ? "PAUSED" : "runs",
      next: `once the reason is gone: npx hardhat aleo unpause --program ${short} --key …`,
    },
    ...(migrating ? [{ what: `${short}, migration`, ok: true, text: "open: nobody can register yet" }] : []),
    ...(id === REGISTRY.id ? [await escrow(session)] : []),
  ];
}

/** The registry's credits against what it owes. */
async function escrow({ ledger }: AleoSession): Promise<Finding> {
  const addressOf = await addresses();
  const held = await ledger.balance(addressOf(REGISTRY.id));
  let owed = 0n;
  for (const key of OWED) {
    const text = await ledger.mapping(REGISTRY.id, "totals", key);
    owed += BigInt(text?.replace("u64", "") ?? "0");
  }
  return {
    what: "escrow",
    ok: held >= owed,
    text: `${credits(held)} held for ${credits(owed)} owed`,
    next: "pause at once (npx hardhat aleo pause --key …), then npx hardhat aleo activity",
  };
}
