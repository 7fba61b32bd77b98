import { WitnessCalculatorBuilder } from "circom_runtime";
import { CheckError, InputError } from "../core/errors.ts";
import { isFieldElement } from "../core/facts/index.ts";
import { type Artifact, readArtifact } from "./artifact.ts";

/** Input signals by name; arrays may nest, and hold bigints below the field's order. */
export type SignalInputs = Readonly<Record<string, unknown>>;

/** Codes with which a circom 2 generator stops. */
const ASSERT_FAILED = 4;

/** A circuit's witness generator, compiled once. */
export class WitnessGenerator {
  readonly #module: WebAssembly.Module;

  private constructor(module: WebAssembly.Module) {
    this.#module = module;
  }

  /** @throws InputError when it is no WebAssembly. */
  static async load(wasm: Artifact): Promise<WitnessGenerator> {
    const code = await readArtifact("witness generator", wasm);
    try {
      return new WitnessGenerator(await WebAssembly.compile(code));
    } catch (cause) {
      throw new InputError("witness generator: expected the .wasm of a compiled circuit", { cause });
    }
  }

  /**
   * Computes the witness, in the `.wtns` format.
   *
   * Each call gets an instance of its own: a generator that stopped half way is not used again, and no call sees what
   * another left in memory.
   *
   * @throws InputError naming an input that is missing, too many or malformed; CheckError naming the constraint that
   * does not hold. Neither tells an input's value.
   */
  async generate(inputs: SignalInputs): Promise<Uint8Array> {
    for (const [name, value] of Object.entries(inputs)) requireFieldElements(name, value);
    const stop = new Stop();
    const instance: WebAssembly.Instance = await WebAssembly.instantiate(this.#module, {
      runtime: stop.imports(() => instance),
    });
    const calculator = await WitnessCalculatorBuilder(instance);
    try {
      return await calculator.calculateWTNSBin(inputs, 0);
    } catch (error) {
      throw stop.reason ?? inputError(error);
    }
  }
}

/** Why a generator stopped. Its stock imports print that to the console; these keep it. */
class Stop {
  reason: CheckError | InputError | undefined;
  readonly #places: string[] = [];

  imports(instance: () => WebAssembly.Instance): WebAssembly.ModuleImports {
    return {
      exceptionHandler: (code: number) => {
        this.reason =
          code === ASSERT_FAILED
            ? new CheckError(`the inputs do not satisfy the circuit: ${this.#places.join(", ")}`)
            : new InputError(`circuit inputs: the witness generator refused them with code ${code}`);
        throw this.reason;
      },
      // Names template and line, never a value.
      printErrorMessage: () => {
        this.#places.push(readMessage(instance()).trim());
      },
      // From log() in a circuit, which could print values.
      writeBufferMessage: () => readMessage(instance()),
      showSharedRWMemory: () => undefined,
    };
  }
}

function readMessage(instance: WebAssembly.Instance): string {
  const next = instance.exports.getMessageChar;
  let text = "";
  for (let char = next?.() ?? 0; char !== 0; char = next?.() ?? 0) text += String.fromCharCode(char);
  return text;
}

/** The generator itself would reduce larger numbers, and a text that is no number would end up in its error. */
function requireFieldElements(name: string, value: unknown): void {
  if (Array.isArray(value)) {
    for (const each of value) requireFieldElements(name, each);
  } else if (typeof value !== "bigint" || !isFieldElement(value)) {
    throw new InputError(`circuit input ${name}: expected bigints from 0 to below the field's order`);
  }
}

/** The runtime's own complaints name the signal only. */
function inputError(error: unknown): InputError {
  return new InputError(`circuit inputs: ${error instanceof Error ? error.message.trim() : "refused"}`);
}
