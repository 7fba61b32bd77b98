import { CheckError, UnavailableError } from "../../core/errors.ts";
import {
  type BlockContext,
  type Entries,
  keyText,
  type LedgerState,
  type Operation,
  type ProgramState,
} from "./ledger-state.ts";
import { castLiteral, numeric, operate, sameValue, truth, unknown } from "./operations.ts";
import {
  canonicalPlaintext,
  type FinalizeValue,
  type Future,
  Hold,
  isList,
  type Plaintext,
} from "./plaintext.ts";
import type { Command, FinalizeCode } from "./program.ts";

/** What code on the ledger can reach. */
export interface Machine {
  readonly state: LedgerState;
  readonly block: BlockContext;
  /** The account that a program is. */
  addressOf(program: string): string;
  /** Takes note of every change, in order. */
  note(operation: Operation): void;
  /** Takes what would undo each change, in order; a replay that comes to a fault runs them backwards. */
  readonly undo?: (step: () => void) => void;
}

const REGISTER = /^r\d+(?:[.[]|$)/;
/** Characters of what a register was made of. */
const ORIGIN_MOST = 120;
/** Programs whose futures are passed over: their own mappings are the ledger's, and no code of ours reads them. */
const PASSED_OVER = new Set(["credits.aleo"]);

/**
 * Runs what an accepted transition left for the end of its block, futures inside it included, in the order of their `await`.
 *
 * @throws CheckError when the code stops: an assert, an entry that is not there, an overflow. The message says on what.
 * @throws UnavailableError for an instruction or a program that is not known.
 */
export function runFuture(machine: Machine, future: Future): void {
  if (PASSED_OVER.has(future.program)) return;
  const program = programOf(machine, future.program);
  const code = program.code.finalize.get(future.function);
  if (code === undefined) throw unknown(`${future.program}/${future.function}`);
  new Run(machine, program, `${future.program}/${future.function}`).run(code, future.arguments);
}

/** Runs a program's constructor, which every deployment and upgrade does. */
export function runConstructor(machine: Machine, program: ProgramState): void {
  const code = program.code.constructorCode;
  if (code !== undefined) new Run(machine, program, `${program.code.id}/constructor`).run(code, []);
}

class Run {
  readonly #machine: Machine;
  readonly #program: ProgramState;
  readonly #name: string;
  readonly #registers = new Map<string, FinalizeValue>();
  /** What each register was made of, for whoever asks why an assert failed. */
  readonly #origins = new Map<string, string>();

  constructor(machine: Machine, program: ProgramState, name: string) {
    this.#machine = machine;
    this.#program = program;
    this.#name = name;
  }

  run(code: FinalizeCode, args: readonly FinalizeValue[]): void {
    if (args.length !== code.inputs.length) {
      throw new CheckError(`${this.#name}: it takes ${code.inputs.length} arguments, and got ${args.length}`);
    }
    for (const [index, register] of code.inputs.entries()) {
      const value = args[index];
      if (value !== undefined) this.#registers.set(register, value);
    }
    for (let at = 0; at < code.commands.length; at += 1) {
      const command = code.commands[at];
      if (command === undefined) break;
      const target = this.#step(command);
      if (target === undefined) continue;
      const position = code.positions.get(target);
      // Only forward: `at` grows, so every run ends.
      if (position === undefined || position <= at) throw unknown(`a branch back to ${target}`);
      at = position - 1;
    }
  }

  /** @returns The position to go on at, for a branch that is taken. */
  #step({ opcode, words }: Command): string | undefined {
    const [first = "", second = "", third = ""] = words;
    switch (opcode) {
      case "branch.eq":
      case "branch.neq":
        return sameValue(this.#plain(first), this.#plain(second)) === (opcode === "branch.eq")
          ? words[3]
          : undefined;
      case "await":
        this.#await(first);
        return undefined;
      case "set":
        this.#set(third, this.#plain(first));
        return undefined;
      case "remove":
        this.#remove(first);
        return undefined;
      case "assert.eq":
      case "assert.neq":
        this.#assert(opcode, first, second);
        return undefined;
      default:
        this.#compute(opcode, words);
        return undefined;
    }
  }

  #compute(opcode: string, words: readonly string[]): void {
    const into = words.indexOf("into");
    const target = words[into + 1];
    if (into === -1 || target === undefined) throw unknown(opcode);
    const operands = words.slice(0, into);
    const type = words.slice(into + 3).join(" ");
    this.#registers.set(target, this.#result(opcode, operands, type));
    this.#origins.set(target, this.#originOf(opcode, operands, type));
  }

  #originOf(opcode: string, operands: readonly string[], type: string): string {
    const [first = ""] = operands;
    if (opcode === "get" || opcode === "get.or_use") return this.#origin(first);
    if (opcode.startsWith("cast")) return operands.length === 1 ? this.#origin(first) : type;
    const whole = `${opcode}(${operands.map((operand) => this.#origin(operand)).join(", ")})`;
    return whole.length > ORIGIN_MOST ? `${whole.slice(0, ORIGIN_MOST - 3)}...` : whole;
  }

  /** An operand with what its register was made of put in: `paused[true]`, `entries[7field].stake`. */
  #origin(operand: string): string {
    const open = operand.indexOf("[");
    if (!REGISTER.test(operand) && open !== -1)
      return `${operand.slice(0, open)}[${this.#origin(operand.slice(open + 1, -1))}]`;
    if (!REGISTER.test(operand)) return operand;
    const [name = ""] = operand.split(/[.[]/);
    const origin = this.#origins.get(name);
    if (origin !== undefined) return `${origin}${operand.slice(name.length)}`;
    const value = this.#register(operand);
    return value instanceof Hold ? name : canonicalPlaintext(value);
  }

  #result(opcode: string, operands: readonly string[], type: string): Plaintext {
    const [first = "", second = ""] = operands;
    if (opcode === "contains") return truth(this.#place(first).entries.has(this.#place(first).key));
    if (opcode === "get" || opcode === "get.or_use") {
      const { entries, key, name } = this.#place(first);
      const value = entries.get(key);
      if (value !== undefined) return value;
      if (opcode === "get.or_use") return this.#plain(second);
      throw new CheckError(`${this.#name}: ${name} has no entry ${key}`);
    }
    const values = operands.map((operand) => this.#plain(operand));
    if (opcode === "cast" || opcode === "cast.lossy")
      return this.#cast(values, type, opcode === "cast.lossy");
    return operate(opcode, values);
  }

  #cast(values: readonly Plaintext[], type: string, lossy: boolean): Plaintext {
    if (type.startsWith("[")) return values;
    const members = this.#structOf(type);
    const [only = ""] = values;
    if (members === undefined) return castLiteral(only, type, lossy);
    return Object.fromEntries(members.map((member, index) => [member, values[index] ?? ""]));
  }

  /** `Entry`, or `other.aleo/Entry`. */
  #structOf(type: string): readonly string[] | undefined {
    const [program, name] = type.includes("/") ? type.split("/") : [undefined, type];
    const owner = program === undefined ? this.#program : programOf(this.#machine, program);
    return owner.code.structs.get(name ?? "");
  }

  #await(register: string): void {
    const held = this.#registers.get(register);
    if (!(held instanceof Hold)) throw new CheckError(`${this.#name}: ${register} holds no future`);
    runFuture(this.#machine, held.future);
  }

  #assert(opcode: string, first: string, second: string): void {
    const [left, right] = [this.#plain(first), this.#plain(second)];
    if (sameValue(left, right) === (opcode === "assert.eq")) return;
    const values = [[first, left] as const, [second, right] as const].map(([operand, value]) => {
      const origin = this.#origin(operand);
      const shown = canonicalPlaintext(value);
      return origin === shown ? shown : `${origin} (${shown})`;
    });
    throw new CheckError(`${this.#name}: ${opcode} fails on ${values.join(" and ")}`);
  }

  #set(place: string, value: Plaintext): void {
    const { entries, key, name } = this.#place(place);
    this.#remember(entries, key);
    entries.set(key, value);
    this.#note("update_key_value", name, key);
  }

  #remove(place: string): void {
    const { entries, key, name } = this.#place(place);
    this.#remember(entries, key);
    if (entries.delete(key)) this.#note("remove_key_value", name, key);
  }

  #remember(entries: Entries, key: string): void {
    const old = entries.get(key);
    this.#machine.undo?.(() => {
      if (old === undefined) entries.delete(key);
      else entries.set(key, old);
    });
  }

  #note(type: Operation["type"], mapping: string, key: string): void {
    this.#machine.note({ type, program: this.#program.code.id, mapping, key });
  }

  /** `entries[r0]`, or `other.aleo/entries[r0]`. */
  #place(text: string): { entries: Entries; key: string; name: string } {
    const open = text.indexOf("[");
    const path = text.slice(0, open);
    const [program, mapping] = path.includes("/") ? path.split("/") : [undefined, path];
    const owner = program === undefined ? this.#program : programOf(this.#machine, program);
    const entries = owner.mappings.get(mapping ?? "");
    if (entries === undefined) throw unknown(`the mapping ${path}`);
    return { entries, key: keyText(this.#plain(text.slice(open + 1, -1))), name: mapping ?? "" };
  }

  #plain(operand: string): Plaintext {
    const value = REGISTER.test(operand) ? this.#register(operand) : this.#constant(operand);
    if (value instanceof Hold) throw unknown(`a future as the operand ${operand}`);
    return value;
  }

  /** `r0`, `r0.member`, `r0[3u32].member`. */
  #register(operand: string): FinalizeValue {
    const [name = "", ...accesses] = operand.split(/[.[]/).map((part) => part.replace(/\]$/, ""));
    let value = this.#registers.get(name);
    for (const access of accesses) value = accessed(value, access);
    if (value === undefined) throw unknown(`the register ${operand} of ${this.#name}`);
    return value;
  }

  #constant(operand: string): Plaintext {
    const { block, addressOf } = this.#machine;
    if (operand === "block.height") return `${block.height}u32`;
    if (operand === "block.timestamp") return `${block.timestamp}i64`;
    if (operand === "network.id") return `${block.network}u16`;
    const about = /^(?:([\w.]+)\/)?(edition|checksum|program_owner)$/.exec(operand);
    if (about !== null) return this.#fact(about[1], about[2]);
    if (operand.endsWith(".aleo")) return addressOf(operand);
    return operand.replace(/\.(public|private|constant)$/, "");
  }

  #fact(id: string | undefined, fact: string | undefined): Plaintext {
    const program = id === undefined ? this.#program : programOf(this.#machine, id);
    if (fact === "edition") return `${program.edition}u16`;
    return fact === "checksum" ? program.checksum : program.owner;
  }
}

function programOf(machine: Machine, id: string): ProgramState {
  const program = machine.state.get(id);
  if (program !== undefined) return program;
  throw new UnavailableError(`the replay came to code of ${id}, which it was not told to follow`, {
    next: `Name ${id} among the programs, too; nothing was written`,
  });
}

function accessed(value: FinalizeValue | undefined, access: string): FinalizeValue | undefined {
  if (value === undefined || typeof value === "string" || value instanceof Hold) return undefined;
  if (isList(value)) return value[Number(numeric(access).value)];
  return value[access];
}
