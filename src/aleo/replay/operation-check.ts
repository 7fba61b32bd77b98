import { CheckError } from "../../core/errors.ts";
import type { FinalizeOperation } from "./blocks.ts";
import type { Operation } from "./ledger-state.ts";

/**
 * Compares what a replay changed with what the ledger says that it changed, transaction by transaction.
 *
 * A block names mappings and keys by hashes. Which hash is which mapping is learnt from deployments, which make their
 * mappings in the order of the source; which is which key, from its first use. From then on a change of another kind,
 * in another mapping or order, or under another key is found at the transaction where it happens.
 */
export class OperationCheck {
  readonly #mappings: Map<string, string>;
  readonly #keys = new Map<string, string>();
  readonly #keyNames = new Map<string, string>();

  /** @param known Mapping hashes learnt before, of a replay that goes on. */
  constructor(known: Readonly<Record<string, string>> = {}) {
    this.#mappings = new Map(Object.entries(known));
  }

  /** Hash to `program/mapping`, to go on with later. */
  get known(): Record<string, string> {
    return Object.fromEntries(this.#mappings);
  }

  /**
   * @param where Names the transaction in the error.
   * @throws CheckError at the first difference.
   */
  compare(ours: readonly Operation[], ledger: readonly FinalizeOperation[], where: string): void {
    this.#learn(ours, ledger, where);
    // An entry's first value and its later ones are one kind of change here.
    const theirs = ledger
      .filter(({ mapping_id }) => this.#mappings.has(mapping_id ?? ""))
      .map((change) => ({ ...change, type: change.type.replace(/^insert_/, "update_") }));
    for (let index = 0; index < Math.max(ours.length, theirs.length); index += 1) {
      const [mine, its] = [ours[index], theirs[index]];
      const expected =
        its === undefined ? "none" : `${its.type} in ${this.#mappings.get(its.mapping_id ?? "")}`;
      const got = mine === undefined ? "none" : `${mine.type} in ${nameOf(mine)}`;
      if (expected !== got) {
        throw new CheckError(
          `${where}: change ${index + 1} is ${expected} on the ledger, ${got} in the replay`,
        );
      }
      if (mine?.key !== undefined && its?.key_id !== undefined)
        this.#key(nameOf(mine), mine.key, its.key_id, where);
    }
  }

  #learn(ours: readonly Operation[], ledger: readonly FinalizeOperation[], where: string): void {
    const made = ours.filter(({ type }) => type === "initialize_mapping");
    const hashes = ledger.filter(({ type }) => type === "initialize_mapping");
    if (made.length !== hashes.length) {
      throw new CheckError(
        `${where}: ${hashes.length} mappings made on the ledger, ${made.length} in the replay`,
      );
    }
    for (const [index, operation] of made.entries()) {
      const id = hashes[index]?.mapping_id;
      if (id !== undefined) this.#mappings.set(id, nameOf(operation));
    }
  }

  #key(mapping: string, key: string, id: string, where: string): void {
    const name = `${mapping}[${key}]`;
    const known = this.#keys.get(name) ?? id;
    const knownName = this.#keyNames.get(id) ?? name;
    if (known !== id || knownName !== name) {
      throw new CheckError(`${where}: the ledger changed another key than ${name}`);
    }
    this.#keys.set(name, id);
    this.#keyNames.set(id, name);
  }
}

const nameOf = ({ program, mapping }: Operation): string => `${program}/${mapping}`;
