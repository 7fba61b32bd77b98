import { isMembers, type LeoNode, parseLeo } from "../values.ts";
import { castTo, compute, Halted, type Shown, textOf, Unknown } from "./operations.ts";
import { type FinalizeSource, readFinalize } from "./source.ts";

/** What a finalize step runs on. */
export interface World {
  /** Height of the block. */
  readonly height: number;
  /** Text of a deployed program. */
  program(id: string): Promise<string | undefined>;
  /** Leo text of a mapping's value. */
  mapping(program: string, mapping: string, key: string): Promise<string | undefined>;
}

const OPERAND = String.raw`(?:[^\s[\]]+(?:\[[^\]]*\])*)`;
const READ = new RegExp(
  String.raw`^(get|contains|get\.or_use) (?:(\S+)\/)?(\w+)\[(${OPERAND})\](?: (\S+))? into (r\d+)$`,
);
const SET = new RegExp(String.raw`^set (\S+) into (\w+)\[(${OPERAND})\]$`);
const REMOVE = new RegExp(String.raw`^remove (\w+)\[(${OPERAND})\]$`);
const ASSERT = /^assert\.(eq|neq) (\S+) (\S+)$/;
const BRANCH = /^branch\.(eq|neq) (\S+) (\S+) to (\w+)$/;
const CAST = /^cast (.+) into (r\d+) as (.+)$/;
const COMPUTE = /^(\S+) (.+) into (r\d+)$/;
/** More steps than any program of ours has; a loop is impossible, for jumps only go forward. */
const MOST_READS = 500;

/** Runs a transition's finalize step as a ledger would, on what the world shows, and changes nothing there. */
export class FinalizeRun {
  readonly #world: World;
  /** What was set or removed in this run. */
  readonly #changed = new Map<string, LeoNode | undefined>();
  readonly #sources = new Map<string, FinalizeSource>();
  #reads = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** @param future Leo text of a transition's future. @returns why it would be rejected; undefined when it would not. */
  async rejection(future: LeoNode): Promise<string | undefined> {
    try {
      await this.#future(future);
      return undefined;
    } catch (error) {
      if (error instanceof Halted) return error.message;
      throw error;
    }
  }

  async #future(future: LeoNode): Promise<void> {
    if (!isMembers(future) || !Array.isArray(future.arguments)) throw new Unknown("a future");
    const source = await this.#source(String(future.program_id));
    const name = String(future.function_name);
    const lines = source.steps.get(name);
    if (lines === undefined) throw new Unknown(`${source.id}/${name}`);
    const registers = new Map<string, Shown>();
    for (const [i, node] of future.arguments.entries()) registers.set(`r${i}`, { node, text: textOf(node) });
    try {
      for (let at = 0; at < lines.length; ) at = await this.#step(source, registers, lines, at);
    } catch (error) {
      if (!(error instanceof Halted) || error.message.startsWith("finalize ")) throw error;
      throw new Halted(`finalize ${source.id}/${name} ${error.message}`);
    }
  }

  /** @returns where it goes on. */
  async #step(
    source: FinalizeSource,
    registers: Map<string, Shown>,
    lines: readonly string[],
    at: number,
  ): Promise<number> {
    const line = lines[at] ?? "";
    const value = (operand: string): Shown => this.#operand(registers, operand);
    const read = READ.exec(line);
    if (read !== null) await this.#read(source, registers, read);
    else if (line.startsWith("await ")) await this.#future(value(line.slice(6)).node);
    else if (!this.#write(source, value, line)) {
      const jump = BRANCH.exec(line);
      if (jump !== null) {
        const [, kind, a = "", b = "", label] = jump;
        const same = textOf(value(a).node) === textOf(value(b).node);
        const target = lines.indexOf(`position ${label}`, at);
        if (target < 0) throw new Unknown(line);
        return same === (kind === "eq") ? target : at + 1;
      }
      if (!line.startsWith("position ")) calculate(source, registers, value, line);
    }
    return at + 1;
  }

  async #read(source: FinalizeSource, registers: Map<string, Shown>, read: RegExpExecArray): Promise<void> {
    const [, kind, program = source.id, mapping = "", key = "", fallback, into = ""] = read;
    const shownKey = textOf(this.#operand(registers, key).node);
    const text = `${program === source.id ? "" : `${program}/`}${mapping}[${shownKey}]`;
    const found = await this.#value(program, mapping, shownKey);
    if (kind === "contains") {
      registers.set(into, { node: String(found !== undefined), text: `${text} exists` });
      return;
    }
    const node = found ?? (fallback === undefined ? undefined : this.#operand(registers, fallback).node);
    if (node === undefined) throw new Halted(`reads ${text}, which has no value`);
    registers.set(into, { node, text: `${text} (${textOf(node)})` });
  }

  #write(source: FinalizeSource, value: (operand: string) => Shown, line: string): boolean {
    const [, what, mapping, key] = SET.exec(line) ?? [];
    if (what !== undefined) {
      this.#changed.set(`${source.id}/${mapping}[${textOf(value(key ?? "").node)}]`, value(what).node);
      return true;
    }
    const [, from, gone] = REMOVE.exec(line) ?? [];
    if (from === undefined) return false;
    this.#changed.set(`${source.id}/${from}[${textOf(value(gone ?? "").node)}]`, undefined);
    return true;
  }

  async #value(program: string, mapping: string, key: string): Promise<LeoNode | undefined> {
    const id = `${program}/${mapping}[${key}]`;
    if (this.#changed.has(id)) return this.#changed.get(id);
    this.#reads += 1;
    if (this.#reads > MOST_READS) throw new Unknown("too many reads");
    const text = await this.#world.mapping(program, mapping, key);
    return text === undefined ? undefined : parseLeo(text);
  }

  async #source(id: string): Promise<FinalizeSource> {
    const known = this.#sources.get(id);
    if (known !== undefined) return known;
    const text = await this.#world.program(id);
    if (text === undefined) throw new Unknown(id);
    const source = readFinalize(text);
    this.#sources.set(id, source);
    return source;
  }

  #operand(registers: ReadonlyMap<string, Shown>, operand: string): Shown {
    if (operand === "block.height") {
      return { node: `${this.#world.height}u32`, text: `the height (${this.#world.height}u32)` };
    }
    const [, register, path = ""] = /^(r\d+)((?:\.\w+|\[\d+(?:u32)?\])*)$/.exec(operand) ?? [];
    if (register === undefined) return { node: operand, text: operand };
    const start = registers.get(register);
    if (start === undefined) throw new Unknown(operand);
    let shown = start;
    for (const [, member, index] of path.matchAll(/\.(\w+)|\[(\d+)(?:u32)?\]/g)) {
      const { node, text } = shown;
      const inner =
        member !== undefined && isMembers(node)
          ? node[member]
          : Array.isArray(node)
            ? node[Number(index)]
            : undefined;
      if (inner === undefined) throw new Unknown(operand);
      shown = {
        node: inner,
        text: `${text.replace(/ \(\{.*\}\)$/, "")}.${member ?? index} (${textOf(inner)})`,
      };
    }
    return shown;
  }
}

function calculate(
  source: FinalizeSource,
  registers: Map<string, Shown>,
  value: (operand: string) => Shown,
  line: string,
): void {
  const [, kind, a, b] = ASSERT.exec(line) ?? [];
  if (a !== undefined && b !== undefined) {
    requireHolds(kind === "eq", value(a), value(b));
    return;
  }
  const [, parts, target, type] = CAST.exec(line) ?? [];
  if (parts !== undefined && target !== undefined && type !== undefined) {
    const values = parts.split(" ").map(value);
    registers.set(target, cast(source, values, type));
    return;
  }
  const [, name, operands, into] = COMPUTE.exec(line) ?? [];
  if (name === undefined || operands === undefined || into === undefined) throw new Unknown(line);
  registers.set(into, compute(name, operands.split(" ").map(value)));
}

function cast(source: FinalizeSource, values: readonly Shown[], type: string): Shown {
  const [first] = values;
  if (/^[ui]\d+$/.test(type) && first !== undefined) return castTo(type, first);
  if (type.startsWith("[")) {
    const node = values.map((each) => each.node);
    return { node, text: textOf(node) };
  }
  const members = source.structs.get(type);
  if (members?.length !== values.length) throw new Unknown(`cast as ${type}`);
  const node = Object.fromEntries(members.map((name, i) => [name, values[i]?.node ?? ""]));
  return { node, text: textOf(node) };
}

function requireHolds(equal: boolean, a: Shown, b: Shown): void {
  if ((textOf(a.node) === textOf(b.node)) === equal) return;
  if (equal && b.node === "true") throw new Halted(`wants ${a.text}`);
  if (equal && b.node === "false") throw new Halted(`wants not (${a.text})`);
  throw new Halted(`wants ${a.text} ${equal ? "=" : "≠"} ${b.text}`);
}
