import { setTimeout as sleep } from "node:timers/promises";
import { contractOf, type Deployment, readDeploymentFile } from "../../chain/deployment.ts";
import type { RelayKeys, RelayLimits } from "../../chain/relay/context.ts";
import { Outbox } from "../../chain/relay/outbox.ts";
import { Relay } from "../../chain/relay/relay.ts";
import { VerifierCalls } from "../../chain/relay/verifier-calls.ts";
import { InputError } from "../../core/errors.ts";
import type { KeyProvider } from "../../core/ports.ts";
import { type HttpServer, startHttp } from "../support/http.ts";
import type { Logger } from "../support/log.ts";
import { createMetrics } from "../support/metrics.ts";
import { openPool } from "../support/rpc.ts";
import type { RunningService } from "../support/run.ts";
import { openRelayKeys } from "./keys.ts";
import { addCounters, addGauges } from "./metrics.ts";
import { obstaclesOf } from "./obstacles.ts";
import { RELAYER_PROBLEMS } from "./problems.ts";
import { proofHolds } from "./proof-check.ts";
import { eventsOf } from "./report.ts";
import { addRelayerRoutes } from "./routes.ts";
import type { RelayerSettings } from "./settings.ts";
import { readToken } from "./token.ts";

/**
 * Starts the relayer: what clients post is kept, vouched for by the signer, sent by the sender and followed until it has
 * landed for good.
 *
 * @throws InputError when too few nodes for a quorum serve the deployment's chain, or the outbox belongs to another sender;
 * RefusedError while another relayer works in the folder.
 */
export async function startRelayer(
  settings: RelayerSettings,
  log: Logger,
  keyProvider: KeyProvider,
): Promise<RunningService> {
  const deployment = readDeploymentFile(settings.deployment);
  const chainId = BigInt(deployment.chainId);
  const verifier = contractOf(deployment, "verifier").address;
  const authorise = await readToken(settings.token_file);
  const metrics = createMetrics("relayer");
  const counters = addCounters(metrics);
  const pool = await openPool("relayer", settings, deployment, {
    fault: (endpoint, kind) => counters.rpcErrors.inc({ endpoint: String(endpoint ?? "all"), kind }),
  });
  const keys = await openRelayKeys(keyProvider, settings, chainId, verifier);
  await pool.identify();
  const outbox = await openOutbox(settings, keys, deployment, log);
  const limits = limitsOf(settings);
  const relay = new Relay({
    chainId,
    limits,
    keys,
    pool,
    outbox,
    proofHolds,
    calls: new VerifierCalls(pool, verifier, contractOf(deployment, "registry").address),
    events: eventsOf(counters, log),
    now: Date.now,
    underpriced: new Set(),
    proven: new Map(),
  });
  addGauges(metrics, { outbox, relay, pool, spendingLimit: limits.spendingLimit, gasLimit: limits.gasLimit });
  const face = { chainId: deployment.chainId, verifier, submitter: keys.sender, signer: keys.signer };
  const spent = (): boolean => isSpent(outbox, relay, limits);
  const service = {
    name: "relayer",
    description: "Vouches for proofs and sends them. /v1/submissions wants Authorization: Bearer TOKEN.",
    problems: RELAYER_PROBLEMS,
    metrics,
    log,
    routes: (server: HttpServer) => {
      const queueLength = settings.queue_length;
      addRelayerRoutes(server, { face, outbox, relay, queueLength, authorise, spent });
    },
    obstacles: async () => obstaclesOf(relay.view(), pool, limits, spent()),
  };
  const http = await startHttp(service, settings.http).catch(async (error: unknown) => {
    await outbox.close();
    throw error;
  });
  relay.start();
  log.info({ sender: keys.sender, signer: keys.signer, unfinished: outbox.unfinished().length }, "started");
  return { url: http.url, close: once(() => stop(http, relay, outbox, settings.http.stop_timeout)) };
}

/** Whether the limit on spending stops what waits, or would stop even the cheapest transaction. */
function isSpent(outbox: Outbox, relay: Relay, limits: RelayLimits): boolean {
  if (outbox.unfinished().some(({ id }) => relay.waiting(id)?.cause === "spending-limit")) return true;
  const { paid, atMost } = relay.view().spending;
  return paid + atMost + limits.gasLimit * limits.minPriorityFeePerGas > limits.spendingLimit;
}

/** @param timeout Seconds for the step under way; after a step that is cut off the next start goes on. */
async function stop(http: RunningService, relay: Relay, outbox: Outbox, timeout: number): Promise<void> {
  await http.close();
  await Promise.race([relay.stop(), sleep(timeout * 1000, undefined, { ref: false })]);
  await outbox.close();
}

function once(close: () => Promise<void>): () => Promise<void> {
  let closing: Promise<void> | undefined;
  return () => {
    closing ??= close();
    return closing;
  };
}

async function openOutbox(
  { folder, keep_for }: RelayerSettings,
  keys: RelayKeys,
  { chainId }: Deployment,
  log: Logger,
): Promise<Outbox> {
  const outbox = await Outbox.open({ folder, keepFor: keep_for * 1000, now: Date.now });
  if (outbox.tornBytes > 0)
    log.warn(
      { bytes: outbox.tornBytes },
      "cut off a step that a crash left half written; it was never taken",
    );
  const foreign = outbox
    .unfinished()
    .find(
      ({ statement }) =>
        statement.claim.submitter.toLowerCase() !== keys.sender.toLowerCase() ||
        statement.chainId !== chainId,
    );
  if (foreign === undefined) return outbox;
  await outbox.close();
  throw InputError.expected(
    "relayer.sender",
    `the key of ${foreign.statement.claim.submitter} on chain ${foreign.statement.chainId}, whose submissions in ${folder} have not ended`,
    keys.sender,
    "let that sender finish them, or give this one a folder of its own",
  );
}

function limitsOf(settings: RelayerSettings): RelayLimits {
  return {
    maxFeePerGas: settings.max_fee_per_gas,
    minPriorityFeePerGas: settings.min_priority_fee_per_gas,
    gasLimit: BigInt(settings.gas_limit),
    spendingLimit: settings.spending_limit,
    spendingWindow: settings.spending_window * 1000,
    minBalance: settings.min_balance,
    inFlight: settings.in_flight,
    confirmations: settings.confirmations,
    resubmitAfter: settings.resubmit_after * 1000,
    poll: settings.poll * 1000,
  };
}
