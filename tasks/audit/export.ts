import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { groth16At } from "../../src/chain/contracts.ts";
import { contractOf } from "../../src/chain/deployment.ts";
import { writeFileDurably } from "../../src/chain/files.ts";
import { fromHex } from "../../src/core/bytes.ts";
import { InputError } from "../../src/core/errors.ts";
import type { Json } from "../../src/core/json.ts";
import { deployedKey } from "../../src/ops/deployed-key.ts";
import { Keyring } from "../../src/sequencer/at-rest/index.ts";
import {
  auditText,
  exportAudit,
  type PayloadOpener,
  type ProvedClaim,
} from "../../src/sequencer/audit-file/index.ts";
import { payloadAtRestAad } from "../../src/sequencer/read/index.ts";
import { readProofFile, requireSameVerifier } from "../attestation/file.ts";
import { readPolicy } from "../attestation/prove.ts";
import { openKeys } from "../support/keys.ts";
import { type LogSession, parseUuid, withLogStore } from "../support/log-store.ts";
import { type DeployedSession, openDeployedSession } from "../support/session.ts";
import { action, required, type TaskResult } from "../support/task.ts";
import { parseUnsigned } from "../support/values.ts";

export interface AuditExportArguments {
  readonly tenant: string | undefined;
  readonly store: string | undefined;
  readonly sequences: string | undefined;
  readonly open: boolean;
  readonly proof: string | undefined;
  readonly out: string | undefined;
}

const MOST = 1000;

/** Writes an auditor's file from the log's database; anchors and proofs are named when `--network` has a deployment. */
export async function exportAuditFile(
  args: AuditExportArguments,
  hre: HardhatRuntimeEnvironment,
): Promise<TaskResult> {
  const tenantId = parseUuid("--tenant", required("tenant", args.tenant, "a UUID"));
  const storeId = parseUuid("--store", required("store", args.store, "a UUID"));
  const sequences = parseSequences(required("sequences", args.sequences, "sequence numbers, e.g. 3,7-9"));
  const out = required("out", args.out, "a file to write");
  const session = hre.globalOptions.network === undefined ? undefined : await openDeployedSession(hre);
  const proofs = await readProofs(args.proof, session);
  return await withLogStore(async (log) => {
    const open = openerOf(log);
    const file = await exportAudit(log.store.as("app"), {
      tenantId,
      storeId,
      sequences,
      open: args.open ? open : undefined,
      openOwn: open,
      chain:
        session === undefined
          ? undefined
          : {
              chainId: session.chain.chainId,
              registry: fromHex(
                "registry",
                contractOf(session.deployment, "registry").address.toLowerCase(),
                20,
              ),
            },
      proofs,
    });
    writeFileDurably(out, auditText(file), 0o600);
    const anchors = file.batches.filter(({ anchor }) => anchor !== undefined).length;
    return {
      data: {
        file: out,
        entries: sequences.length,
        open: args.open,
        batches: file.batches.length,
        anchors,
        proofs: proofs.length,
      },
      lines: [
        `${out}: ${sequences.length} ${args.open ? "events, whole" : "leaves"}, ${file.batches.length} batches (${anchors} anchored), ${proofs.length} compliance proofs`,
        `check it: npx proofx audit check ${out} --log-key VKEY`,
      ],
    };
  });
}

/** Opens payloads by the keys at rest. */
function openerOf({ store, atRest }: LogSession): PayloadOpener {
  const keyring = new Keyring(store.as("app"), openKeys(), atRest);
  return async ({ tenantId }, row) => {
    if (row.payload.length === 0)
      throw new InputError(
        `sequence ${row.sequence}: its payload is in an archive, so it cannot be shown whole`,
        {
          next: "leave out --open, or choose others",
        },
      );
    const bytes = await keyring.open({ tenant: tenantId, aad: payloadAtRestAad(row) }, row.payload);
    return JSON.parse(new TextDecoder().decode(bytes)) as Json;
  };
}

async function readProofs(
  files: string | undefined,
  session: DeployedSession | undefined,
): Promise<ProvedClaim[]> {
  if (files === undefined) return [];
  if (session === undefined)
    throw InputError.expected(
      "--network",
      "the network whose policies and keys the proofs are about",
      undefined,
    );
  const proofs: ProvedClaim[] = [];
  for (const path of files.split(",")) {
    const file = readProofFile(path);
    requireSameVerifier(
      path,
      file,
      session.chain.chainId,
      contractOf(session.deployment, "verifier").address,
    );
    const policy = await readPolicy(session, file.claim.policyId);
    const { circuitVerifier } = await session.contracts.verifier.circuitVersion(file.claim.circuitVersion);
    const key = await deployedKey(groth16At(circuitVerifier, session.provider));
    // ethers hands out arrays of its own kind.
    const ic = [...key.ic].map(([x, y]): [bigint, bigint] => [x, y]);
    proofs.push({ file, policy, verifyingKey: { ...key, ic } });
  }
  return proofs;
}

/** `"3,7-9"` as ascending numbers. */
function parseSequences(text: string): bigint[] {
  const all = new Set<bigint>();
  for (const part of text.split(",")) {
    const [first = "", last = first] = part.trim().split("-");
    const end = parseUnsigned("--sequences", last, 64);
    for (let n = parseUnsigned("--sequences", first, 64); n <= end; n++) {
      all.add(n);
      if (all.size > MOST) throw InputError.expected("--sequences", `at most ${MOST} of them`, text);
    }
  }
  return [...all].sort((a, b) => (a < b ? -1 : 1));
}

export default action(exportAuditFile);
