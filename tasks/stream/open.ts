import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { openStream as openStreamChange } from "../../src/chain/changes/index.ts";
import { toHex } from "../../src/core/bytes.ts";
import { InputError, RefusedError } from "../../src/core/errors.ts";
import { streamId } from "../../src/core/log/index.ts";
import type { ActArguments } from "../support/act.ts";
import { type Build, carryOut } from "../support/carry-out.ts";
import { openDeployedSession, type Session } from "../support/session.ts";
import { action, required, type TaskIo, type TaskResult } from "../support/task.ts";
import { parseAddress } from "../support/values.ts";

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
  const anchorer = parseAddress("--anchorer", required("anchorer", args.anchorer, "an address"));
  const maturityDelay = maturityOf(session, args.maturity);
  const build: Build = (context) => openStreamChange(context, { streamId: id, anchorer, maturityDelay });
  return (await carryOut({ hre, session, args, io }, [build], { data: { streamId: id, anchorer } })).result;
}

function maturityOf({ chain }: Session, given: string | undefined): number {
  const maturity = given ?? (chain.isPublic ? String(DEFAULT_PUBLIC_MATURITY) : "0");
  if (chain.isPublic && maturity === "0") {
    throw new RefusedError(
      "a maturity of 0 on a public network leaves guardians no time to veto a forged batch",
      {
        next: "choose --maturity of 600 seconds or more",
      },
    );
  }
  if (!/^\d{1,6}$/.test(maturity)) throw InputError.expected("--maturity", "seconds, up to 604800", maturity);
  return Number(maturity);
}

export default action(openStream);
