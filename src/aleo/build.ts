import type { PrivateKey } from "@provablehq/sdk/testnet.js";
import { CheckError, InputError, ProofXError, RefusedError, UnavailableError } from "../core/errors.ts";
import type { AleoAccount } from "./account.ts";
import type { AleoLedger } from "./ledger.ts";
import { requireParameters } from "./parameters.ts";
import { type Parameters, proving } from "./proving.ts";
import { type AleoSdk, loadSdk } from "./sdk.ts";

/** A signed transaction that can be sent, any number of times: a ledger takes its id once. */
export interface BuiltTransaction {
  /** `at1…` */
  readonly id: string;
  /** What it does, for people: `p.aleo/f`. */
  readonly what: string;
  /** JSON, as a ledger takes it. Holds nothing secret. */
  readonly text: string;
  /** Base and priority fee, in microcredits. */
  readonly fee: bigint;
}

export interface Call {
  readonly program: string;
  readonly name: string;
  /** Leo texts. */
  readonly inputs: readonly string[];
}

/** Built-in, so nobody has to be asked for it. */
const CREDITS = "credits.aleo";

/** Signs the execution of a function, with proofs where the ledger wants them. @param priority In microcredits. */
export async function buildExecution(
  ledger: AleoLedger,
  account: AleoAccount,
  call: Call,
  priority: bigint,
  parameters: Parameters,
): Promise<BuiltTransaction> {
  const { sdk, devnode } = await sdkFor(ledger, parameters);
  const { source, edition, imports } = await deployedProgram(sdk, ledger, call.program);
  const { host } = ledger.address;
  const what = `${call.program}/${call.name}`;
  const fee = Number(priority) / 1e6;
  const base = sdk.ProgramManagerBase;
  const build = (key: PrivateKey) => {
    const inputs: string[] = [...call.inputs];
    const args = [key, source, call.name, inputs, fee, undefined, host, undefined] as const;
    if (devnode) return base.buildDevnodeExecutionTransaction(...args, edition, imports);
    // Keys of the function are made from the parameter files; those of the fee are among them.
    const made = [undefined, undefined, undefined, undefined, undefined] as const;
    return proving(parameters, () => base.buildExecutionTransaction(...args, ...made, edition, imports));
  };
  return finished(what, () => account.withPrivateKey(build, sdk));
}

/** Signs the deployment of a program, or the upgrade of the one of its name. @param priority In microcredits. */
export async function buildDeployment(
  ledger: AleoLedger,
  account: AleoAccount,
  source: string,
  priority: bigint,
  parameters: Parameters,
): Promise<BuiltTransaction> {
  const { sdk, devnode } = await sdkFor(ledger, parameters);
  const program = parseProgram(sdk, source);
  const id = program.id();
  const imports = await importsOf(sdk, ledger, source);
  const exists = (await ledger.edition(id)) !== undefined;
  const { host } = ledger.address;
  const fee = Number(priority) / 1e6;
  const base = sdk.ProgramManagerBase;
  const build = (key: PrivateKey) => {
    const args = [key, source, fee, undefined, host, undefined] as const;
    if (devnode) {
      return exists
        ? base.buildDevnodeUpgradeTransaction(...args, imports)
        : base.buildDevnodeDeploymentTransaction(...args, imports);
    }
    const made = [undefined, undefined, undefined] as const;
    return proving(parameters, () =>
      exists
        ? base.buildUpgradeTransaction(...args, ...made, imports)
        : base.buildDeploymentTransaction(...args, ...made, imports),
    );
  };
  return finished(id, () => account.withPrivateKey(build, sdk));
}

/** @throws InputError unless the text is a program in Aleo instructions. */
export function parseProgram(sdk: AleoSdk, source: string) {
  try {
    return sdk.Program.fromString(source);
  } catch (cause) {
    throw new InputError(`expected a program in Aleo instructions, got something else: ${messageOf(cause)}`, {
      next: "compile it: npx hardhat aleo build",
    });
  }
}

/**
 * The SDK, set to the rules of the ledger.
 *
 * @throws UnavailableError when the ledger wants proofs, and what they are made with cannot be had.
 */
async function sdkFor(
  ledger: AleoLedger,
  parameters: Parameters,
): Promise<{ sdk: AleoSdk; devnode: boolean }> {
  const devnode = await ledger.isDevnode();
  const sdk = await loadSdk(ledger.address.network);
  // From which block on which rules hold: on a development ledger within the first 22 blocks. Fixed for this process.
  if (devnode) sdk.getOrInitConsensusVersionTestHeights();
  else
    requireParameters(
      ledger.url,
      ledger.address.network,
      parameters,
      sdk.CREDITS_PROGRAM_KEYS.fee_public.prover,
    );
  return { sdk, devnode };
}

async function deployedProgram(sdk: AleoSdk, ledger: AleoLedger, id: string) {
  const source = await ledger.program(id);
  if (source === undefined) {
    throw new RefusedError(`${id} is not deployed on ${ledger.url}`, {
      next: "deploy it first: npx hardhat aleo deploy; or name another ledger",
    });
  }
  const edition = id === CREDITS ? 0 : ((await ledger.edition(id)) ?? 0);
  return { source, edition, imports: await importsOf(sdk, ledger, source) };
}

/** The programs a program calls, and those that they call, as they are deployed. */
async function importsOf(sdk: AleoSdk, ledger: AleoLedger, source: string) {
  const imports = new sdk.ProgramImportsBuilder();
  const visit = async (text: string): Promise<void> => {
    for (const name of parseProgram(sdk, text).getImports() as string[]) {
      if (name === CREDITS || imports.contains(name)) continue;
      const imported = await ledger.program(name);
      if (imported === undefined) {
        throw new RefusedError(`${name}, which this program calls, is not deployed on ${ledger.url}`, {
          next: `deploy ${name} first`,
        });
      }
      await visit(imported);
      imports.addProgram(name, imported, (await ledger.edition(name)) ?? 0);
    }
  };
  await visit(source);
  return imports;
}

async function finished(
  what: string,
  build: () => Promise<{ id(): string; toString(): string; feeAmount(): bigint; free(): void }>,
): Promise<BuiltTransaction> {
  const transaction = await build().catch((error: unknown) => {
    throw error instanceof ProofXError ? error : explain(what, error);
  });
  try {
    return { id: transaction.id(), what, text: transaction.toString(), fee: transaction.feeAmount() };
  } finally {
    transaction.free();
  }
}

/** The SDK throws texts; some tell what the caller gave, some what the program refused, some that nobody answered. */
function explain(what: string, error: unknown): Error {
  const message = messageOf(error);
  if (
    /Failed to get response|Download failed|error sending request|XMLHttpRequest|Failed to fetch/i.test(
      message,
    )
  ) {
    return new UnavailableError(`${what} could not be built: ${message}`, {
      next: "check that the ledger answers; nothing was sent",
      cause: error,
    });
  }
  if (
    /expects \d+ inputs|Failed to parse input|is invalid: expected|is not defined|does not contain a function/i.test(
      message,
    )
  ) {
    return new InputError(`${what}: ${message}`, { cause: error });
  }
  return new CheckError(`${what} refuses: ${message}; nothing was sent`, { cause: error });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
