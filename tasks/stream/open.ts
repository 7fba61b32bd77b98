import { getAddress, isAddress } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { abiOf } from "../../src/chain/artifacts.ts";
import { makeCall } from "../../src/chain/call.ts";
import { contractOf } from "../../src/chain/deployment.ts";
import { toHex } from "../../src/core/bytes.ts";
import { InputError, RefusedError } from "../../src/core/errors.ts";
import { streamId } from "../../src/core/log/index.ts";
import { type ActArguments, act } from "../support/act.ts";
import { openDeployedSession } from "../support/session.ts";
import { action, required, type TaskIo, type TaskResult } from "../support/task.ts";

export interface OpenArguments extends ActArguments {
  readonly tenant: string | undefined;
  readonly store: string | undefined;
  readonly anchorer: string | undefined;
  readonly maturity: string | undefined;
}

const DEFAULT_PUBLIC_MATURITY = 3_600;

/** Opens a stream. On public networks a facts root counts after an hour unless --maturity says otherwise. */
export async function openStream(
  args: OpenArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const session = await openDeployedSession(hre);
  const id = toHex(
    streamId(required("tenant", args.tenant, "a UUID"), required("store", args.store, "a UUID")),
  );
  const anchorer = required("anchorer", args.anchorer, "an address");
  if (!isAddress(anchorer)) throw InputError.expected("--anchorer", "an address", anchorer);
  const maturity = args.maturity ?? (session.chain.isPublic ? String(DEFAULT_PUBLIC_MATURITY) : "0");
  if (session.chain.isPublic && maturity === "0") {
    throw new RefusedError(
      "a maturity of 0 on a public network leaves guardians no time to veto a forged batch",
      {
        next: "choose --maturity of 600 seconds or more",
      },
    );
  }
  if (!/^\d{1,6}$/.test(maturity)) throw InputError.expected("--maturity", "seconds, up to 604800", maturity);

  const call = makeCall(
    abiOf("AnchorRegistry"),
    contractOf(session.deployment, "registry").address,
    "openStream",
    [id, getAddress(anchorer), Number(maturity)],
    `Open stream ${id} for anchorer ${getAddress(anchorer)}`,
  );
  const outcome = await act(session, call, session.deployment.settings.admin, args, io);
  if (outcome.status !== "sent") return outcome.result;
  const data = { status: "sent", streamId: id, anchorer, transactionHash: outcome.receipt.hash };
  return {
    data,
    lines: [`Stream ${id} is open`, `  anchorer ${anchorer}`, `  transaction ${outcome.receipt.hash}`],
  };
}

export default action(openStream);
