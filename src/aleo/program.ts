import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { errorCode, InputError, UnavailableError } from "../core/errors.ts";
import type { FunctionName, InputsOf, KeyOf, MappingName, MappingValueOf, ProgramAbi } from "./abi.ts";
import type { BuiltTransaction } from "./build.ts";
import type { AleoClient, SendOptions, Sent } from "./client.ts";
import type { AleoLedger } from "./ledger.ts";
import { decodeLeo, encodeLeo } from "./values.ts";

/** Inputs as Leo texts in the program's order. @throws InputError naming the input that is missing, unknown or does not fit. */
export function encodeInputs<A extends ProgramAbi, F extends FunctionName<A>>(
  abi: A,
  name: F,
  inputs: InputsOf<A, F>,
): string[] {
  const declared = abi.functions[name]?.inputs;
  if (declared === undefined) throw InputError.expected(abi.id, "one of its functions", name);
  const given = inputs as Readonly<Record<string, never>>;
  const unknown = Object.keys(given).find((each) => !Object.hasOwn(declared, each));
  if (unknown !== undefined) {
    throw InputError.expected(`${abi.id}/${name}`, Object.keys(declared).join(", "), `an input ${unknown}`);
  }
  return Object.entries(declared).map(([input, { type }]) =>
    encodeLeo(`${abi.id}/${name} ${input}`, type, given[input] as never),
  );
}

/** Reads a mapping's value. @returns undefined when the key has none. */
export async function readMapping<A extends ProgramAbi, M extends MappingName<A>>(
  ledger: AleoLedger,
  abi: A,
  name: M,
  key: KeyOf<A, M>,
): Promise<MappingValueOf<A, M> | undefined> {
  const mapping = abi.mappings[name];
  if (mapping === undefined) throw InputError.expected(abi.id, "one of its mappings", name);
  const what = `${abi.id}/${name}`;
  const text = await ledger.mapping(abi.id, name, encodeLeo(`${what} key`, mapping.key, key as never));
  return text === undefined ? undefined : (decodeLeo(what, mapping.value, text) as MappingValueOf<A, M>);
}

/** A deployed program through one client, with the types of its functions and mappings. */
export class AleoProgram<A extends ProgramAbi> {
  readonly client: AleoClient;
  readonly abi: A;

  constructor(client: AleoClient, abi: A) {
    this.client = client;
    this.abi = abi;
  }

  /** Executes a function and waits until it is in a block. @throws as `AleoClient.execute`. */
  execute<F extends FunctionName<A>>(name: F, inputs: InputsOf<A, F>, options?: SendOptions): Promise<Sent> {
    return this.client.execute(this.abi.id, name, encodeInputs(this.abi, name, inputs), options);
  }

  /** A finished transaction that is sent by nobody yet. @throws as `AleoClient.build`. */
  build<F extends FunctionName<A>>(
    name: F,
    inputs: InputsOf<A, F>,
    options?: Pick<SendOptions, "fee">,
  ): Promise<BuiltTransaction> {
    return this.client.build(this.abi.id, name, encodeInputs(this.abi, name, inputs), options);
  }

  /** @returns undefined when the key has no value. */
  mapping<M extends MappingName<A>>(name: M, key: KeyOf<A, M>): Promise<MappingValueOf<A, M> | undefined> {
    return readMapping(this.client.ledger, this.abi, name, key);
  }

  /** Deploys the compiled program of this tree, or upgrades the one on the ledger to it. */
  deploy(options?: SendOptions): Promise<Sent> {
    return this.client.deploy(programSource(this.abi), options);
  }
}

/** The compiled program of this tree, in Aleo instructions. @throws UnavailableError when it is not there. */
export function programSource({ folder }: Pick<ProgramAbi, "folder">): string {
  const path = fileURLToPath(new URL(`../../leo/${folder}/build/main.aleo`, import.meta.url));
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new UnavailableError(`the compiled program ${path} cannot be read (${errorCode(cause)})`, {
      next: "restore it: git checkout -- leo",
      cause,
    });
  }
}
