import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { errorCode, InputError, UnavailableError } from "../core/errors.ts";

/** Where the files come from that proving on Aleo needs. */
export interface ParameterSettings {
  /** Folder they are read from, and kept in when they are downloaded. */
  readonly folder?: string;
  /** Base of a server that has them, e.g. {@link PARAMETER_SERVER}; without it nothing is downloaded. */
  readonly server?: string;
}

/** Aleo's own server of parameters; some files there have hundreds of megabytes. */
export const PARAMETER_SERVER = "https://parameters.provable.com";

const FOLDER = fileURLToPath(new URL("../../build/aleo-parameters", import.meta.url));
/** A parameter's file name ends with the first seven digits of its SHA-256. */
const NAME = /^[a-z0-9][a-z0-9_-]*\.(?:usrs|prover|verifier)\.([0-9a-f]{7})$/;
/** The powers up to 2^16, enough for small functions, lie inside the WebAssembly of an older package. */
const POWERS = {
  name: "powers-of-beta-16.usrs.84631bc",
  file: "@aleohq/wasm/dist/assets/aleo_wasm.wasm",
  offset: 10_955_782,
  length: 3_145_736,
  sha256: "84631bc11e1a6db99db085a8de586014e7dd10e97b42cbd766c105dea014bbd1",
} as const;
const MAX_PARAMETER_BYTES = 2 ** 30;
const DOWNLOAD_TIMEOUT_MS = 30 * 60_000;
const DOWNLOAD = `
const answer = await fetch(process.argv[1]);
if (!answer.ok) throw new Error("HTTP " + answer.status);
process.stdout.write(Buffer.from(await answer.arrayBuffer()));
`;

/**
 * The published files of snarkVM's setup: powers for making keys, and the proving keys of `credits.aleo`.
 *
 * They are public and fixed; their names carry their hash, and snarkVM compares the whole SHA-256 once more.
 */
export class Parameters {
  readonly folder: string;
  readonly #server: string | undefined;

  constructor(settings: ParameterSettings = {}) {
    this.folder = settings.folder ?? FOLDER;
    this.#server = settings.server;
  }

  /** Whether {@link read} would find the file without a download. */
  has(name: string): boolean {
    return existsSync(this.#path(name)) || (name === POWERS.name && packagedPowers() !== undefined);
  }

  /**
   * The content of one file: from the folder, from the package that carries the smallest one, from the server.
   *
   * @param name As snarkVM asks for it, e.g. `powers-of-beta-16.usrs.84631bc`.
   * @param network Folder on the server; the powers are mainnet's on every network.
   * @throws UnavailableError naming the file and how to have it; when its content has another hash, too.
   */
  read(name: string, network = "mainnet"): Buffer {
    const path = this.#path(name);
    if (existsSync(path)) return checked(name, readFileSync(path), path);
    if (name === POWERS.name) {
      const powers = packagedPowers();
      if (powers !== undefined) return powers;
    }
    if (this.#server === undefined) {
      throw new UnavailableError(
        `the parameter file ${name} is not on this machine, and nothing may be downloaded`,
        {
          next: `put it into ${this.folder} (it is at ${PARAMETER_SERVER}/${network}/${name}), or allow the download`,
        },
      );
    }
    return this.#download(name, `${this.#server}/${network}/${name}`);
  }

  /** Refuses before any work is done: every named file must be readable, and is kept where it was downloaded. */
  require(names: readonly string[], network?: string): void {
    for (const name of names) if (!this.has(name)) this.read(name, network);
  }

  #path(name: string): string {
    if (!NAME.test(name)) throw InputError.expected("parameter file", "NAME.usrs.1234567 or the like", name);
    return join(this.folder, name);
  }

  #download(name: string, url: string): Buffer {
    let content: Buffer;
    try {
      // Proving asks synchronously and in this thread, so a process of its own waits for the server.
      content = execFileSync(process.execPath, ["--input-type=module", "-e", DOWNLOAD, url], {
        maxBuffer: MAX_PARAMETER_BYTES,
        timeout: DOWNLOAD_TIMEOUT_MS,
        stdio: ["ignore", "pipe", "pipe"],
      });
    } catch (cause) {
      throw new UnavailableError(`the parameter file ${name} could not be downloaded from ${url}`, {
        cause,
        next: `put it into ${this.folder} yourself`,
      });
    }
    checked(name, content, url);
    keep(this.#path(name), content);
    return content;
  }
}

/** The parameter files of this machine; {@link proving} hands them to the SDK. */
export function parametersFor(settings: ParameterSettings = {}): Parameters {
  return new Parameters(settings);
}

let turn: Promise<unknown> = Promise.resolve();

/**
 * Runs work of the SDK that makes keys or proofs, with parameter files from `parameters` and from nowhere else.
 *
 * The SDK asks the global `XMLHttpRequest` for them and loses the reason of a refusal; one such work runs at a time.
 *
 * @throws UnavailableError naming the file that was missing; else whatever the work throws.
 */
export function proving<T>(parameters: Parameters, work: () => Promise<T>): Promise<T> {
  const mine = turn.then(() => withFiles(parameters, work));
  turn = mine.catch(() => undefined);
  return mine;
}

async function withFiles<T>(parameters: Parameters, work: () => Promise<T>): Promise<T> {
  const refusals: unknown[] = [];
  const before = Object.getOwnPropertyDescriptor(globalThis, "XMLHttpRequest");
  const answer = (url: string): Buffer | undefined => {
    try {
      const [network = "", name = ""] = new URL(url).pathname.split("/").slice(-2);
      return parameters.read(name, network);
    } catch (refusal) {
      refusals.push(refusal);
      return undefined;
    }
  };
  Object.defineProperty(globalThis, "XMLHttpRequest", {
    configurable: true,
    writable: true,
    value: requestClass(answer),
  });
  try {
    return await work();
  } catch (error) {
    throw refusals[0] ?? error;
  } finally {
    if (before === undefined) Reflect.deleteProperty(globalThis, "XMLHttpRequest");
    else Object.defineProperty(globalThis, "XMLHttpRequest", before);
  }
}

/** What snarkVM's WebAssembly uses of an XMLHttpRequest: one synchronous GET, its bytes read back as ISO-8859-5. */
function requestClass(answer: (url: string) => Buffer | undefined): new () => object {
  return class ParameterRequest {
    status = 0;
    response: string | null = null;
    #url = "";
    overrideMimeType(_type: string): void {}
    open(_method: string, url: string): void {
      this.#url = url;
    }
    send(): void {
      const content = answer(this.#url);
      this.status = content === undefined ? 404 : 200;
      this.response = content === undefined ? null : new TextDecoder("iso-8859-5").decode(content);
    }
    get responseText(): string | null {
      return this.response;
    }
  };
}

function packagedPowers(): Buffer | undefined {
  let path: string;
  try {
    const main = createRequire(import.meta.url).resolve("@aleohq/wasm");
    path = join(dirname(main), "..", POWERS.file.replace("@aleohq/wasm/", ""));
  } catch {
    return undefined;
  }
  if (!existsSync(path)) return undefined;
  const powers = readFileSync(path).subarray(POWERS.offset, POWERS.offset + POWERS.length);
  // Another version of the package has other things there.
  return sha256(powers) === POWERS.sha256 ? powers : undefined;
}

function checked(name: string, content: Buffer, from: string): Buffer {
  const expected = NAME.exec(name)?.[1] ?? "";
  const got = sha256(content);
  if (got.startsWith(expected)) return content;
  throw new UnavailableError(
    `${from} is not the parameter file ${name}: its SHA-256 begins with ${got.slice(0, 7)}`,
    {
      next: `remove it, and take the file from ${PARAMETER_SERVER}`,
    },
  );
}

/** Whole or not at all: a torn file would be refused by its hash, but stay in the way. */
function keep(path: string, content: Buffer): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(temporary, content);
    renameSync(temporary, path);
  } catch (cause) {
    throw new UnavailableError(`${path} could not be written (${errorCode(cause)})`, { cause });
  }
}

function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
