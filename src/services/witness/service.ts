import { fromHex } from "../../core/bytes.ts";
import { CheckError, InputError, ProofXError } from "../../core/errors.ts";
import { verifyEd25519 } from "../../core/log/signature.ts";
import type { NoteSigner } from "../../core/log/signed-note.ts";
import { SIGNATURE_TYPE, verifierKey } from "../../core/log/verifier-key.ts";
import type { KeyProvider } from "../../core/ports.ts";
import { type HttpServer, startHttp } from "../support/http.ts";
import type { Logger } from "../support/log.ts";
import { createMetrics } from "../support/metrics.ts";
import type { RunningService } from "../support/run.ts";
import { Heads } from "./heads.ts";
import { addCounters, addGauges } from "./metrics.ts";
import { WITNESS_PROBLEMS } from "./problems.ts";
import { addWitnessRoutes } from "./routes.ts";
import type { WitnessSettings } from "./settings.ts";
import { Witness } from "./witness.ts";

/** The witness's verifier key, which whoever trusts it is given. @throws InputError when its key is not ed25519. */
export async function witnessVerifierKey(
  { name, key }: Pick<WitnessSettings, "name" | "key">,
  keys: KeyProvider,
): Promise<string> {
  const publicKey = await publicKeyOf(keys, key);
  return verifierKey({ name, publicKey, type: SIGNATURE_TYPE.cosignature });
}

/**
 * Starts a witness: it cosigns heads of the logs it is told of, each only if it extends the head it cosigned before.
 *
 * @param now Milliseconds since the epoch.
 * @throws RefusedError while another witness works in the folder; CheckError when a kept head is damaged.
 */
export async function startWitness(
  settings: WitnessSettings,
  log: Logger,
  keys: KeyProvider,
  now: () => number = Date.now,
): Promise<RunningService> {
  const signer = await openSigner(settings, keys);
  const vkey = await witnessVerifierKey(settings, keys);
  const origins = settings.logs.map(({ origin }) => origin);
  const heads = Heads.open(settings.folder, origins);
  try {
    const metrics = createMetrics("witness");
    const counters = addCounters(metrics);
    for (const origin of origins) counters.equivocations.inc({ origin }, 0);
    const onEquivocation = (origin: string, size: bigint, path: string): void => {
      counters.equivocations.inc({ origin });
      log.error({ origin, size: size.toString(), path }, "the log signed two heads of one size");
    };
    const witness = new Witness({ heads, signer, logs: settings.logs, now, onEquivocation });
    addGauges(metrics, witness);
    const service = {
      name: "witness",
      description: "Cosigns the heads of logs that only grow: c2sp.org/tlog-witness.",
      problems: WITNESS_PROBLEMS,
      metrics,
      log,
      routes: (server: HttpServer) => addWitnessRoutes(server, { witness, vkey, counters }),
      obstacles: async () => obstaclesOf(witness, settings),
    };
    const http = await startHttp(service, settings.http);
    log.info({ vkey, logs: origins.length }, "started");
    let closing: Promise<void> | undefined;
    const close = async (): Promise<void> => {
      await http.close();
      heads.close();
    };
    return {
      url: http.url,
      close: () => {
        closing ??= close();
        return closing;
      },
    };
  } catch (error) {
    heads.close();
    throw error;
  }
}

function obstaclesOf(witness: Witness, { logs }: WitnessSettings): string[] {
  if (logs.length === 0) return ["no log is configured"];
  try {
    witness.sizes();
    return [];
  } catch (error) {
    if (error instanceof ProofXError) return [error.message];
    throw error;
  }
}

/** A message that is no checkpoint and no event: it opens the key at the start, where a wrong passphrase is noticed. */
const OPENING = new TextEncoder().encode("proofx witness start\n");

async function openSigner({ name, key }: WitnessSettings, keys: KeyProvider): Promise<NoteSigner> {
  const publicKey = await publicKeyOf(keys, key);
  if (!verifyEd25519(await keys.signMessage(key, OPENING), OPENING, publicKey))
    throw new CheckError(`key "${key}" does not sign as its public key says`);
  return { name, publicKey, sign: (message) => keys.signMessage(key, message) };
}

async function publicKeyOf(keys: KeyProvider, name: string): Promise<Uint8Array> {
  const { algorithm, publicKey } = await keys.info(name);
  if (algorithm !== "ed25519")
    throw InputError.expected(`witness.key "${name}"`, "an ed25519 key", algorithm);
  return fromHex("public key", publicKey, 32);
}
