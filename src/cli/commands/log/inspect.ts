import type { Command } from "commander";

interface InspectCommandOptions {
  readonly line?: string;
  readonly sequence?: string;
  readonly publicKey?: string;
  readonly json?: boolean;
}

/** `proofx log inspect` */
export function addInspect(log: Command): void {
  log
    .command("inspect")
    .description(
      "Print every hash of an event, as its file declares it and as computed, and say what is wrong with it",
    )
    .argument("<file>", "a file with an event's JSON, or one a line; - is standard input")
    .option("--line <number>", "which line of a file with several events, from 1")
    .option("--sequence <number>", "the event's sequence number, for its leaf and receipt hash")
    .option("--public-key <hex>", "the agent's ed25519 public key (0x hex), to check the signature with")
    .option("--json", "print the result as JSON")
    .addHelpText("after", "\nExit code 0: nothing is wrong with what could be checked; 1: something is.")
    .action(inspect);
}

async function inspect(file: string, options: InspectCommandOptions): Promise<void> {
  const [{ print }, { chooseEvent, describeInspection, inspectEvent }, { readFileSync }, errors, bytes, u64] =
    await Promise.all([
      import("../../output.ts"),
      import("../../../core/log/index.ts"),
      import("node:fs"),
      import("../../../core/errors.ts"),
      import("../../../core/bytes.ts"),
      import("../../../core/u64.ts"),
    ]);
  const { EXIT, InputError, UnavailableError } = errors;
  const number = (name: string, text: string): bigint => {
    if (!u64.isU64(text)) throw InputError.expected(name, u64.U64_FORM, text);
    return BigInt(text);
  };
  const read = (): string => {
    try {
      return readFileSync(file === "-" ? 0 : file, "utf8");
    } catch (cause) {
      throw new UnavailableError(`${file} cannot be read`, { cause });
    }
  };
  const { line, sequence, publicKey, json } = options;
  const event = chooseEvent(read(), line === undefined ? undefined : Number(number("--line", line)));
  const inspection = inspectEvent(event, {
    ...(sequence === undefined ? {} : { sequence: number("--sequence", sequence) }),
    ...(publicKey === undefined ? {} : { publicKey: bytes.fromHex("--public-key", publicKey, 32) }),
  });
  const exitCode = inspection.problems.length === 0 ? EXIT.ok : EXIT.failed;
  print({ data: inspection, lines: describeInspection(inspection), exitCode }, json);
}
