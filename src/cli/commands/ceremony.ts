import { basename, resolve } from "node:path";
import type { Command } from "commander";

interface VerifyOptions {
  readonly keys?: string;
  readonly zkey?: string;
  readonly ptau?: string;
  readonly circuit: string;
  readonly includes?: string;
  readonly json?: boolean;
}

/** `proofx ceremony verify` */
export function addCeremony(proofx: Command): void {
  proofx
    .command("ceremony")
    .description("The trusted setup, for whoever has to trust it")
    .command("verify")
    .description("Check a ceremony's folder from scratch and name the first thing that is wrong")
    .argument("<ceremony>", "name of a ceremony under ceremony/phase2, or a path with a /")
    .option("--keys <folder>", "its proving keys (default: keys/ in the ceremony's folder)")
    .option("--zkey <file>", "the last proving key, when it is elsewhere")
    .option("--ptau <file>", "powers of tau it began with (default: the development ones)")
    .option("--circuit <file>", "source of the circuit", "circuits/compliance.circom")
    .option("--includes <file>", "a contributor's signed record, which must be among the others")
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      "\nExit code 0: it holds; 1: something is wrong; 4: the last proving key is not there, so it was not checked.",
    )
    .action(verify);
}

async function verify(ceremony: string, options: VerifyOptions): Promise<void> {
  const [{ note, print }, { compileCircuit }, setup, { readFile }, { UnavailableError }] = await Promise.all([
    import("../output.ts"),
    import("../../setup/index.ts"),
    import("../../setup/ceremony/index.ts"),
    import("node:fs/promises"),
    import("../../core/errors.ts"),
  ]);
  const { keys, zkey, ptau, circuit, includes, json } = options;
  const { r1cs } = await compileCircuit(basename(circuit, ".circom"), {
    source: resolve(circuit),
    onProgress: note,
  });
  const own =
    includes === undefined
      ? undefined
      : await readFile(includes, "utf8").catch((cause: unknown) => {
          throw new UnavailableError(`${includes} cannot be read`, { cause });
        });
  const result = await setup.verifyCeremony({
    folder: setup.ceremonyFolder(ceremony),
    keys,
    zkey,
    ptau,
    r1cs,
    includes: own,
    onProgress: ({ done, total, message }) => note(`verify ${done + 1}/${total}: ${message}`),
  });
  print(
    { data: result, lines: setup.describeVerification(result), exitCode: setup.exitCodeOf(result) },
    json,
  );
}
