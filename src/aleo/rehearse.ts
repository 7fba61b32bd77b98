import { CheckError } from "../core/errors.ts";
import { runFuture } from "./replay/finalize.ts";
import type { BlockContext, LedgerState, Operation, ProgramState } from "./replay/ledger-state.ts";
import { type Future, Hold, type Plaintext, parsePlaintext, printPlaintext } from "./replay/plaintext.ts";
import { parseProgram } from "./replay/program.ts";
import { loadSdk } from "./sdk.ts";

/** What a rehearsal asks of a ledger. */
export interface ReadableLedger {
  program(id: string): Promise<string | undefined>;
  edition(id: string): Promise<number | undefined>;
  mapping(program: string, mapping: string, key: string): Promise<string | undefined>;
}

/** An entry that a call alters; Leo texts, undefined where there is none. */
export interface MappingChange {
  readonly program: string;
  readonly mapping: string;
  readonly key: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** What the ledger would do with a call. */
export interface Rehearsal {
  /** None when it would be rejected: then it changes nothing but the payer's credits. */
  readonly changes: readonly MappingChange[];
  /** Why it would be rejected. */
  readonly rejection?: string;
}

/**
 * Runs what a call leaves for the end of its block against the ledger as it is now, here, and says what it would change or
 * why it would be rejected. Entries are fetched when the code first asks for them. Transfers of credits are passed over.
 *
 * @param block The block it would be in: the next one.
 * @throws UnavailableError when the ledger does not answer or the code has an instruction that is not known.
 */
export async function rehearse(
  ledger: ReadableLedger,
  future: Future,
  block: BlockContext,
): Promise<Rehearsal> {
  const programs = await programsOf(ledger, future);
  const addressOf = await addresses();
  const known = new Map<string, Plaintext | undefined>();
  for (;;) {
    const views = new Views(known);
    const operations: Operation[] = [];
    try {
      runFuture(
        { state: views.over(programs), block, addressOf, note: (each) => operations.push(each) },
        future,
      );
      return { changes: views.changes(operations) };
    } catch (error) {
      if (error instanceof NotFetched) {
        const text = await ledger.mapping(error.program, error.mapping, error.key);
        known.set(error.place, text === undefined ? undefined : parsePlaintext(text));
        continue;
      }
      if (error instanceof CheckError) return { changes: [], rejection: reasonOf(error) };
      throw error;
    }
  }
}

/** The interpreter speaks of a ledger that accepted what it runs; here that is not known yet. */
export function reasonOf(error: CheckError): string {
  return error.message.replace(/, though the ledger .*$/, "");
}

/** The account that a program is, by its id. */
export async function addresses(): Promise<(program: string) => string> {
  const { Address } = await loadSdk();
  return (program) => Address.fromProgramId(program).to_string();
}

/** Not an error of anybody's: the code asks for an entry that was not fetched yet. */
class NotFetched extends Error {
  readonly program: string;
  readonly mapping: string;
  readonly key: string;

  constructor(program: string, mapping: string, key: string) {
    super(`${program}/${mapping}[${key}] is not fetched yet`);
    this.program = program;
    this.mapping = mapping;
    this.key = key;
  }

  get place(): string {
    return placeOf(this.program, this.mapping, this.key);
  }
}

/** The mappings of all programs, as one run of the code sees them. */
class Views {
  readonly #known: ReadonlyMap<string, Plaintext | undefined>;
  readonly #state: LedgerState = new Map();

  constructor(known: ReadonlyMap<string, Plaintext | undefined>) {
    this.#known = known;
  }

  over(programs: readonly ProgramState[]): LedgerState {
    for (const program of programs) {
      const mappings = new Map(
        program.code.mappings.map((name) => [name, new LiveEntries(this.#known, program.code.id, name)]),
      );
      this.#state.set(program.code.id, { ...program, mappings });
    }
    return this.#state;
  }

  /** Each entry once, as it was and as it is in the end; those that end as they began are left out. */
  changes(operations: readonly Operation[]): MappingChange[] {
    const places = new Map(
      operations.map(({ program, mapping, key = "" }) => [
        placeOf(program, mapping, key),
        { program, mapping, key },
      ]),
    );
    return [...places].flatMap(([place, { program, mapping, key }]) => {
      const before = shown(this.#known.get(place));
      const after = shown(this.#state.get(program)?.mappings.get(mapping)?.get(key));
      return before === after ? [] : [{ program, mapping, key, before, after }];
    });
  }
}

/** A mapping whose entries are those that were fetched, under what this run wrote. */
class LiveEntries extends Map<string, Plaintext> {
  readonly #known: ReadonlyMap<string, Plaintext | undefined>;
  readonly #program: string;
  readonly #mapping: string;
  readonly #written = new Map<string, Plaintext | undefined>();

  constructor(known: ReadonlyMap<string, Plaintext | undefined>, program: string, mapping: string) {
    super();
    this.#known = known;
    this.#program = program;
    this.#mapping = mapping;
  }

  override get(key: string): Plaintext | undefined {
    if (this.#written.has(key)) return this.#written.get(key);
    return this.#fetched(key);
  }

  override has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  override set(key: string, value: Plaintext): this {
    // Asked for though it is overwritten: what it was is part of what changes.
    this.#fetched(key);
    this.#written.set(key, value);
    return this;
  }

  override delete(key: string): boolean {
    const had = this.has(key);
    this.#written.set(key, undefined);
    return had;
  }

  #fetched(key: string): Plaintext | undefined {
    const place = placeOf(this.#program, this.#mapping, key);
    if (!this.#known.has(place)) throw new NotFetched(this.#program, this.#mapping, key);
    return this.#known.get(place);
  }
}

/** The programs that a future comes to, and those that they read. */
async function programsOf(ledger: ReadableLedger, future: Future): Promise<ProgramState[]> {
  const found = new Map<string, ProgramState>();
  const visit = async (id: string): Promise<void> => {
    if (found.has(id) || id === "credits.aleo") return;
    const source = await ledger.program(id);
    if (source === undefined) return;
    const edition = (await ledger.edition(id)) ?? 0;
    found.set(id, {
      source,
      code: parseProgram(source),
      edition,
      owner: "",
      checksum: [],
      mappings: new Map(),
    });
    for (const [, imported = ""] of source.matchAll(/^import\s+([\w.]+)\s*;/gm)) await visit(imported);
  };
  for (const id of namesIn(future)) await visit(id);
  return [...found.values()];
}

function namesIn(future: Future): string[] {
  const inner = future.arguments.flatMap((each) => (each instanceof Hold ? namesIn(each.future) : []));
  return [future.program, ...inner];
}

function placeOf(program: string, mapping: string, key: string): string {
  return `${program}/${mapping}[${key}]`;
}

function shown(value: Plaintext | undefined): string | undefined {
  return value === undefined ? undefined : printPlaintext(value);
}
