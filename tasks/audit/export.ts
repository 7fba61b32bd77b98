import { basename, dirname } from "node:path";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { groth16At } from "../../src/chain/contracts.ts";
import { contractOf } from "../../src/chain/deployment.ts";
import { fromHex, type Hex } from "../../src/core/bytes.ts";
import { InputError, RefusedError } from "../../src/core/errors.ts";
import type { Json } from "../../src/core/json-value.ts";
import { createFileOnce } from "../../src/keys/files.ts";
import { deployedKey } from "../../src/ops/deployed-key.ts";
import { eventAad, Keyring } from "../../src/sequencer/at-rest/index.ts";
import {
  type AuditJson,
  auditText,
  exportAudit,
  type PayloadOpener,
  type ProvedClaim,
} from "../../src/sequencer/audit-file/index.ts";
import { readProofFile, requireSameVerifier } from "../attestation/file.ts";
import { readPolicy } from "../attestation/prove.ts";
import { openKeys } from "../support/keys.ts";
import { type LogSession, parseUuid, withLogStore } from "../support/log-store.ts";
import { type DeployedSession, openDeployedSession } from "../support/session.ts";
import { action, required, type TaskResult } from "../support/task.ts";
import { parseUnsigned } from "../support/values.ts";

interface ExportArguments {
  readonly tenant: string | undefined;
  readonly store: string | undefined;
  readonly sequences: string | undefined;
  readonly open: boolean;
  readonly proofs: string | undefined;
  readonly out: string | undefined;
}

/** Entries an auditor's file may have: it is read whole. */
const MOST_ENTRIES = 10_000n;

/** Collects what an auditor needs of a part of a stream into one file. */
export async function exportFile(args: ExportArguments, hre: HardhatRuntimeEnvironment): Promise<TaskResult> {
  const tenantId = parseUuid("--tenant", required("tenant", args.tenant, "the tenant's UUID"));
  const storeId = parseUuid("--store", required("store", args.store, "the store's UUID"));
  const sequences = parseSequences(required("sequences", args.sequences, "sequence numbers, e.g. 5-8,12"));
  const out = required("out", args.out, "a file to write");
  const session = await openDeployedSession(hre);
  const proofs = await Promise.all((args.proofs?.split(",") ?? []).map((path) => provedClaim(path, session)));
  const file = await withLogStore(async (log) => {
    const opener = openerOf(log);
    return await exportAudit(log.store.as("app"), {
      tenantId,
      storeId,
      sequences,
      open: args.open ? opener : undefined,
      openOwn: opener,
      chain: {
        chainId: BigInt(session.chain.chainId),
        registry: fromHex(
          "registry",
          contractOf(session.deployment, "registry").address.toLowerCase() as Hex,
          20,
        ),
      },
      proofs,
    });
  });
  if (!(await createFileOnce(dirname(out), basename(out), auditText(file))))
    throw new RefusedError(`${out} is there already`, { next: "choose another --out" });
  return report(file, args.open, out);
}

function openerOf({ store, atRest }: LogSession): PayloadOpener {
  const keyring = new Keyring(store.as("app"), openKeys(), atRest);
  return async ({ tenantId, storeId }, row) => {
    const aad = eventAad({
      tenantId,
      storeId,
      eventId: row.event_id,
      sequence: row.sequence,
      entityType: row.entity_type,
      entityId: row.entity_id,
      eventType: row.event_type,
    });
    const opened = await keyring.open({ tenant: tenantId, aad }, row.payload);
    return JSON.parse(new TextDecoder().decode(opened)) as Json;
  };
}

/** A proof file with what it rests on, read from the chain. */
async function provedClaim(path: string, session: DeployedSession): Promise<ProvedClaim> {
  const file = readProofFile(path);
  const { address } = contractOf(session.deployment, "verifier");
  requireSameVerifier(path, file, BigInt(session.chain.chainId), address);
  const { claim } = file;
  const { circuitVerifier } = await session.contracts.verifier.circuitVersion(claim.circuitVersion);
  const key = await deployedKey(groth16At(circuitVerifier, session.provider));
  const policy = await readPolicy(session, claim.policyId);
  return { file, policy, verifyingKey: key as unknown as ProvedClaim["verifyingKey"] };
}

/** `5-8,12`: ascending, none twice. */
export function parseSequences(text: string): bigint[] {
  const found = text.split(",").flatMap((part) => {
    const [first = "", last = first, ...more] = part.split("-");
    if (more.length > 0) throw InputError.expected("--sequences", "numbers and ranges, e.g. 5-8,12", text);
    const from = parseUnsigned("--sequences", first, 64);
    const to = parseUnsigned("--sequences", last, 64);
    if (from < 1n || to < from || to - from >= MOST_ENTRIES)
      throw InputError.expected("--sequences", `ranges of at most ${MOST_ENTRIES}, from 1 on`, part);
    return Array.from({ length: Number(to - from) + 1 }, (_, index) => from + BigInt(index));
  });
  return [...new Set(found)].sort((a, b) => (a < b ? -1 : 1));
}

function report(file: AuditJson, open: boolean, out: string): TaskResult {
  const { entries, batches, compliance } = file;
  const bytes = Buffer.byteLength(auditText(file));
  return {
    data: {
      file: out,
      entries: entries.length,
      batches: batches.length,
      proofs: compliance.length,
      open,
      bytes,
    },
    lines: [
      `${out}: ${entries.length} ${open ? "whole events" : "entries, without what they say"}, ${batches.length} batches, ${compliance.length} proofs`,
      `Next: npx proofx audit check ${out} --log-key VKEY --deployment FILE`,
    ],
  };
}

export default action(exportFile);
