import { readFileSync } from "node:fs";
import { EXIT, errorCode, InputError, UnavailableError } from "../../core/errors.ts";
import {
  parseVerifierKey,
  SIGNATURE_TYPE,
  type SignatureType,
  type VerifierKey,
} from "../../core/log/index.ts";
import {
  type AuditTrust,
  checkAudit,
  type Finding,
  openAuditChain,
  type ProofCheck,
  parseAudit,
} from "../../sequencer/audit-file/index.ts";
import { proofHolds } from "../../services/relayer/proof-check.ts";
import type { CommandResult } from "../output.ts";
import { pinDeployment, withNode } from "./chain.ts";

export interface AuditOptions {
  readonly logKey?: string;
  readonly witness?: readonly string[];
  readonly deployment?: string;
  readonly rpc?: string;
}

const MARKS = { proved: "proved      ", "not proved": "NOT PROVED  ", refused: "REFUSED     " } as const;

/**
 * Checks an auditor's file with what the auditor pins.
 *
 * @throws InputError for what is no auditor's file, and for a pin of another kind.
 */
export async function checkAuditFile(path: string, options: AuditOptions): Promise<CommandResult> {
  const file = parseAudit(readText(path), path);
  const pin = options.deployment === undefined ? undefined : pinDeployment(options.deployment);
  const trust: AuditTrust = {
    witnesses: (options.witness ?? []).map((text) => keyOf("--witness", text, SIGNATURE_TYPE.cosignature)),
    ...(options.logKey === undefined
      ? {}
      : { logKey: keyOf("--log-key", options.logKey, SIGNATURE_TYPE.note) }),
    ...(pin === undefined ? {} : { deployment: pin }),
  };
  if (options.rpc === undefined) return describe(path, await checkAudit(file, trust, holds));
  if (pin === undefined)
    throw new InputError("--rpc: expected --deployment beside it, which names the contracts to ask");
  return await withNode(options.rpc, async (provider) => {
    const chain = await openAuditChain(provider, pin);
    return describe(path, await checkAudit(file, { ...trust, chain }, holds));
  });
}

const holds: ProofCheck = (key, signals, { a, b, c }) =>
  proofHolds(key, signals, { a: texts(a), b: [texts(b[0]), texts(b[1])], c: texts(c) });
const texts = ([x, y]: readonly [bigint, bigint]): [string, string] => [String(x), String(y)];

function describe(
  path: string,
  { holds, findings }: { readonly holds: boolean; readonly findings: readonly Finding[] },
): CommandResult {
  const count = (status: Finding["status"]): number =>
    findings.filter((each) => each.status === status).length;
  const verdict = holds
    ? `${path} holds: ${count("proved")} statements proved, ${count("not proved")} not proved`
    : `${path} does NOT hold: rely on nothing in it`;
  return {
    data: { file: path, holds, findings },
    lines: [...findings.map(({ status, what }) => `${MARKS[status]}${what}`), verdict],
    exitCode: holds ? EXIT.ok : EXIT.failed,
  };
}

function keyOf(option: string, text: string, type: SignatureType): VerifierKey {
  const key = parseVerifierKey(text, option);
  if (key.type === type) return key;
  const expected = type === SIGNATURE_TYPE.note ? "a note key (type 1)" : "a cosignature key (type 4)";
  throw InputError.expected(option, expected, `type ${key.type}`);
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new UnavailableError(`${path} cannot be read (${errorCode(cause)})`, { cause });
  }
}
