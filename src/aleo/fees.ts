import { DEVELOPMENT_KEYS } from "./development-keys.ts";
import { type AleoNetwork, type AleoSdk, loadSdk } from "./sdk.ts";

/** Programs that a program calls, by id: their Aleo instructions. `credits.aleo` is known without. */
export type ImportedPrograms = Readonly<Record<string, string>>;

/**
 * What deploying a program costs as a development ledger counts it, in microcredits: size, name and constructor. A real
 * network adds what its circuits' synthesis costs, which takes parameters of hundreds of megabytes to know. Some ten seconds.
 *
 * @param host Where the ledger answers, without the network's name; asked for its state root only.
 */
export async function deploymentFee(
  source: string,
  imports: ImportedPrograms,
  host: string,
): Promise<bigint> {
  const sdk = await openSdk("testnet");
  // Signs something that nobody sends; the key is public.
  const key = sdk.PrivateKey.from_string(DEVELOPMENT_KEYS[0]);
  const known = new sdk.ProgramImportsBuilder();
  for (const [id, text] of Object.entries(imports)) known.addProgram(id, text, 0);
  const built = await sdk.ProgramManagerBase.buildDevnodeDeploymentTransaction(
    key,
    source,
    0,
    undefined,
    host,
    undefined,
    known,
  );
  try {
    return built.feeAmount();
  } finally {
    built.free();
    key.free();
  }
}

/** What a function costs at least, in microcredits: the size of its transaction and what it does on the ledger. */
export async function estimateExecutionFee(
  source: string,
  name: string,
  imports: ImportedPrograms,
  network: AleoNetwork,
): Promise<bigint> {
  const sdk = await openSdk(network);
  return sdk.ProgramManagerBase.estimateExecutionFee(source, name, imports);
}

/** Fees follow the newest rules; by a development ledger's heights they all hold. */
async function openSdk(network: AleoNetwork): Promise<AleoSdk> {
  const sdk = await loadSdk(network);
  sdk.getOrInitConsensusVersionTestHeights();
  return sdk;
}
