import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { encodeInputs, type NamedInputs } from "../../src/aleo/inputs.ts";
import { type FunctionSignature, functionNames, signatureOf, typeText } from "../../src/aleo/signature.ts";
import { InputError, UnavailableError } from "../../src/core/errors.ts";
import { action, type TaskIo, type TaskResult } from "../support/task.ts";
import { readJsonInput } from "../support/values.ts";
import { type AleoActArguments, carryOut } from "./support/carry-out.ts";
import { type AleoProgram, namedProgram, PROGRAMS } from "./support/programs.ts";
import { type AleoSession, openAleoSession } from "./support/session.ts";

export interface ExecuteArguments extends AleoActArguments {
  readonly function: string | undefined;
  readonly values: readonly string[];
  readonly program: string | undefined;
  readonly inputs: string | undefined;
  readonly sendAnyway: boolean;
}

/** Calls a function of a program on the ledger; with nothing to call it says what there is. */
export async function execute(
  args: ExecuteArguments,
  _hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const session = await openAleoSession(args);
  const { program, signature } = await chosen(session, args);
  if (signature === undefined) return overview(session, program);
  const given = args.values.length > 0 || args.inputs !== undefined;
  if (!given && signature.inputs.length > 0) return description(signature);
  const named = { ...fromFile(args.inputs), ...fromWords(signature, args.values) };
  const inputs = encodeInputs(signature, named);
  const shown = signature.inputs.map(({ name, mode }, index) =>
    mode === "private" ? `${name} (private)` : `${name} = ${inputs[index]}`,
  );
  const change = {
    description: `call ${signature.name} of ${program.id}`,
    program: program.id,
    function: signature.name,
    inputs,
    shown,
    anyway: args.sendAnyway,
  };
  return (await carryOut({ session, args, io }, [change])).result;
}

interface Chosen {
  readonly program: AleoProgram;
  readonly signature: FunctionSignature | undefined;
}

/** `--program`, or whichever program has the function. */
async function chosen(session: AleoSession, args: ExecuteArguments): Promise<Chosen> {
  const { function: name } = args;
  if (args.program !== undefined || name === undefined) {
    const program = namedProgram(args.program);
    const source = await sourceOf(session, program);
    return { program, signature: name === undefined ? undefined : signatureOf(source, name, leoOf(program)) };
  }
  const sources = await Promise.all(
    PROGRAMS.map(async (program) => ({ program, source: (await session.ledger.program(program.id)) ?? "" })),
  );
  const having = sources.filter(({ source }) => functionNames(source).includes(name));
  const [only] = having;
  if (only !== undefined && having.length === 1) {
    return { program: only.program, signature: signatureOf(only.source, name, leoOf(only.program)) };
  }
  if (having.length > 1) {
    throw InputError.expected("--program", `registry or verifier, since both have ${name}`, undefined);
  }
  const names = sources.flatMap(({ source }) => functionNames(source));
  throw InputError.expected("function", names.join(", ") || "one of a deployed program; none is", name);
}

async function sourceOf({ ledger }: AleoSession, { id }: AleoProgram): Promise<string> {
  const source = await ledger.program(id);
  if (source !== undefined) return source;
  throw new UnavailableError(`${id} is not deployed on ${ledger.url}`, {
    next: "npx hardhat aleo deploy --key …",
  });
}

/** The Leo text beside the committed build, for the inputs' names. */
function leoOf({ folder }: AleoProgram): string | undefined {
  const file = join(folder, "src/main.leo");
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function fromFile(file: string | undefined): NamedInputs {
  if (file === undefined) return {};
  const content = readJsonInput("--inputs", file);
  if (typeof content === "object" && content !== null && !Array.isArray(content))
    return content as NamedInputs;
  throw InputError.expected("--inputs", "a JSON object of inputs by name", content);
}

/** Public inputs of the command line, in order or as `name=value`. Private ones would be seen by every user of the machine. */
function fromWords({ program, name, inputs }: FunctionSignature, words: readonly string[]): NamedInputs {
  const open = inputs.filter(({ mode }) => mode !== "private");
  const given: Record<string, string> = {};
  for (const [index, word] of words.entries()) {
    const [, label, value] = /^(\w+)=(.*)$/s.exec(word) ?? [];
    const input = label ?? open[index]?.name;
    if (input === undefined) {
      throw InputError.expected(
        `${program}/${name}`,
        `${open.length} inputs in the command`,
        `${words.length}`,
      );
    }
    if (inputs.some((each) => each.name === input && each.mode === "private")) {
      throw new InputError(`${input} is private, and other users of this machine can read a command`, {
        next: `put it into a file of mode 0600 and name it: --inputs FILE, or --inputs - for standard input`,
      });
    }
    given[input] = value ?? word;
  }
  return given;
}

function description(signature: FunctionSignature): TaskResult {
  const { program, name, inputs } = signature;
  const words = inputs.filter(({ mode }) => mode !== "private").map((input) => input.name.toUpperCase());
  const file = inputs.some(({ mode }) => mode === "private") ? " --inputs FILE" : "";
  return {
    data: {
      program,
      function: name,
      inputs: inputs.map((input) => ({ ...input, type: typeText(input.type) })),
    },
    lines: [
      `${program}/${name} takes`,
      ...inputs.map((input) => `  ${input.name.padEnd(18)} ${input.mode.padEnd(8)} ${typeText(input.type)}`),
      `  npx hardhat aleo execute ${[name, ...words].join(" ")} --program ${program}${file} --key …`,
    ],
    exitCode: 2,
  };
}

async function overview(session: AleoSession, program: AleoProgram): Promise<TaskResult> {
  const source = await sourceOf(session, program);
  const leo = leoOf(program);
  const signatures = functionNames(source).map((name) => signatureOf(source, name, leo));
  return {
    data: {
      program: program.id,
      functions: signatures.map(({ name, inputs }) => ({ name, inputs: inputs.map((input) => input.name) })),
    },
    lines: [
      `${program.id} has`,
      ...signatures.map(
        ({ name, inputs }) => `  ${name.padEnd(20)} ${inputs.map((input) => input.name).join(", ")}`,
      ),
    ],
  };
}

export default action(execute);
