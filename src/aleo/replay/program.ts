import { InputError } from "../../core/errors.ts";

/** One instruction of a finalize block: its words, commas and brackets of arrays aside as they were written. */
export interface Command {
  readonly opcode: string;
  readonly words: readonly string[];
}

/** A block of code that runs on the ledger. */
export interface FinalizeCode {
  /** Registers of the arguments, in order. */
  readonly inputs: readonly string[];
  readonly commands: readonly Command[];
  /** Where `position NAME` stands, as an index into `commands`. */
  readonly positions: ReadonlyMap<string, number>;
}

/** What of a compiled program matters to its state on the ledger. */
export interface CompiledProgram {
  readonly id: string;
  /** In the order of the source, which is that in which a deployment makes them. */
  readonly mappings: readonly string[];
  /** Member names of each struct, in order. */
  readonly structs: ReadonlyMap<string, readonly string[]>;
  readonly finalize: ReadonlyMap<string, FinalizeCode>;
  readonly constructorCode: FinalizeCode | undefined;
}

const BLOCK = /^(import|program|mapping|struct|record|closure|function|finalize|constructor|view)\b/;

/**
 * Reads compiled Aleo instructions (`main.aleo`, or what the ledger answers for a program).
 *
 * It reads what it needs; that the program is sound, the ledger has checked when it was deployed.
 *
 * @throws InputError when there is no program in it.
 */
export function parseProgram(source: string): CompiledProgram {
  const blocks = blocksOf(source);
  const id = blocks.find(({ kind }) => kind === "program")?.name;
  if (id === undefined)
    throw InputError.expected("program", "compiled Aleo instructions", source.slice(0, 40));
  const named = (kind: string) => blocks.filter((block) => block.kind === kind);
  const [constructorBlock] = named("constructor");
  return {
    id,
    mappings: named("mapping").map(({ name }) => name),
    structs: new Map(
      named("struct").map(({ name, lines }) => [name, lines.map((line) => line.split(/\s/)[0] ?? "")]),
    ),
    finalize: new Map(named("finalize").map(({ name, lines }) => [name, codeOf(lines)])),
    constructorCode: constructorBlock === undefined ? undefined : codeOf(constructorBlock.lines),
  };
}

interface Block {
  readonly kind: string;
  readonly name: string;
  readonly lines: string[];
}

function blocksOf(source: string): Block[] {
  const blocks: Block[] = [];
  for (const statement of statementsOf(source)) {
    const start = BLOCK.exec(statement);
    // `mapping x:` begins a block; `import`, `program` are whole statements.
    if (start !== null) {
      const [kind = "", name = ""] = statement.replace(/:$/, "").split(/\s+/);
      blocks.push({ kind, name, lines: [] });
    } else blocks.at(-1)?.lines.push(statement);
  }
  return blocks;
}

/** Statements end in `;` that is not part of an array's type (`[u8; 32u32]`), heads of blocks in `:` at a line's end. */
function statementsOf(source: string): string[] {
  return source
    .replace(/\/\/[^\n]*/g, "")
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .split(/;(?![^[\]]*\])|(?<=:)\s*\n/)
    .map((statement) => statement.trim().replace(/\s+/g, " "))
    .filter((statement) => statement !== "");
}

function codeOf(lines: readonly string[]): FinalizeCode {
  const inputs: string[] = [];
  const commands: Command[] = [];
  const positions = new Map<string, number>();
  for (const line of lines) {
    const [opcode = "", ...words] = line.split(" ");
    if (opcode === "input") inputs.push(words[0] ?? "");
    else if (opcode === "position") positions.set(words[0] ?? "", commands.length);
    else commands.push({ opcode, words });
  }
  return { inputs, commands, positions };
}
