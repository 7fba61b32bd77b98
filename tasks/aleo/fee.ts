import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { deploymentFee, estimateExecutionFee } from "../../src/aleo/fees.ts";
import { functionNames } from "../../src/aleo/signature.ts";
import { InputError } from "../../src/core/errors.ts";
import { action, type TaskIo, type TaskResult } from "../support/task.ts";
import { inspectBuild } from "./support/build.ts";
import { type AleoProgram, chosenPrograms, PROGRAMS } from "./support/programs.ts";
import { type AleoArguments, ledgerOf } from "./support/session.ts";

interface FeeArguments extends AleoArguments {
  readonly program: string | undefined;
  readonly function: string | undefined;
  readonly times: string | undefined;
  readonly deployment: boolean;
}

interface Price {
  readonly program: string;
  readonly function: string;
  /** Microcredits at least. */
  readonly base: bigint;
  /** Base times `--times`, rounded up. */
  readonly multiplied?: bigint;
}

/** What functions cost by the committed build and the network's rules; base fees do not depend on how busy a ledger is. */
export async function fee(
  args: FeeArguments,
  _hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const times = args.times === undefined ? undefined : parseTimes(args.times);
  const { ledger } = ledgerOf(args);
  const prices: Price[] = [];
  for (const program of chosenPrograms(args.program)) {
    const { source } = await inspectBuild(program);
    const names = functionNames(source).filter(
      (name) => args.function === undefined || name === args.function,
    );
    const imports = await importsOf(source);
    if (names.length > 0) io.note(`computing what ${names.length} functions of ${program.id} cost …`);
    for (const name of names) {
      prices.push(
        priced(
          program,
          name,
          await estimateExecutionFee(source, name, imports, ledger.address.network),
          times,
        ),
      );
    }
    if (args.deployment) {
      io.note(`computing what the deployment of ${program.id} costs; this takes some ten seconds …`);
      const base = await deploymentFee(source, imports, ledger.address.host);
      prices.push(priced(program, "(deployment)", base, times));
    }
  }
  if (prices.length === 0)
    throw InputError.expected("--function", "a function of the chosen program", args.function);
  return {
    data: { network: ledger.address.network, times: args.times, prices },
    lines: prices.map(priceLine),
  };
}

function priced({ id }: AleoProgram, name: string, base: bigint, times: bigint | undefined): Price {
  if (times === undefined) return { program: id, function: name, base };
  return { program: id, function: name, base, multiplied: (base * times + 999n) / 1000n };
}

/** The part above the base is the priority fee, which is what a caller can raise. */
function priceLine({ program, function: name, base, multiplied }: Price): string {
  const line = `${program}/${name}`.padEnd(48) + `${base}`.padStart(10);
  if (multiplied === undefined) return `${line} microcredits`;
  const options = `--priority-fee ${multiplied - base} --max-fee ${multiplied}`;
  return `${line} microcredits; ${multiplied} with ${options}`;
}

/** Thousandths. */
function parseTimes(text: string): bigint {
  const [, whole = "", part = ""] = /^(\d{1,4})(?:\.(\d{1,3}))?$/.exec(text) ?? [];
  const thousandths = BigInt(whole || "0") * 1000n + BigInt(part.padEnd(3, "0") || "0");
  if (whole !== "" && thousandths >= 1000n) return thousandths;
  throw InputError.expected("--times", "a number from 1 up, e.g. 1.5: nothing goes below the base fee", text);
}

/** The committed programs that a program imports, by id. */
async function importsOf(source: string): Promise<Record<string, string>> {
  const imported = PROGRAMS.filter(({ id }) => source.includes(`import ${id};`));
  const entries = imported.map(
    async (program) => [program.id, (await inspectBuild(program)).source] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

export default action(fee);
