import { spawn } from "node:child_process";
import { chmodSync, closeSync, openSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { InputError, RefusedError, UnavailableError } from "../../src/core/errors.ts";
import {
  passphraseFromDescriptor,
  passphraseFromEnvironment,
  passphraseFromFile,
} from "../../src/keys/index.ts";
import { needs } from "../support/needs.ts";
import { PASSPHRASE, rejection, temporaryFolder } from "./support.ts";

const CHILD = fileURLToPath(new URL("./prompt-child.ts", import.meta.url));
const CTRL_C = "\u0003";
const CTRL_D = "\u0004";

/** A terminal on which `typed` is typed, and what it showed. */
function terminal(typed: string) {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = new PassThrough();
  input.write(typed);
  return { input, output, shown: () => String(output.read() ?? "") };
}

describe("where a passphrase comes from", () => {
  let temporary: ReturnType<typeof temporaryFolder>;
  let file: string;
  beforeEach(() => {
    temporary = temporaryFolder();
    file = join(temporary.path, "passphrase");
  });
  afterEach(() => temporary[Symbol.dispose]());
  const write = (text: string) => writeFileSync(file, text, { mode: 0o600 });

  describe("a file", () => {
    it("gives its one line, without the line end", async () => {
      for (const end of ["", "\n", "\r\n"]) {
        write(PASSPHRASE + end);
        expect(await passphraseFromFile(file).read("open")).to.equal(PASSPHRASE);
      }
      write("  spaces are kept \n");
      expect(await passphraseFromFile(file).read("open")).to.equal("  spaces are kept ");
    });

    it("may be a link, as mounted secrets are, and may be read-only", async () => {
      write(PASSPHRASE);
      chmodSync(file, 0o400);
      symlinkSync(file, `${file}-link`);
      expect(await passphraseFromFile(`${file}-link`).read("open")).to.equal(PASSPHRASE);
    });

    it("is refused when others can read it, when empty, and with more than a line; never repeated", async () => {
      write(PASSPHRASE);
      chmodSync(file, 0o644);
      const open = await rejection(passphraseFromFile(file).read("open"));
      expect(open).to.be.instanceOf(RefusedError).with.property("next", `chmod 600 ${file}`);
      chmodSync(file, 0o600);
      for (const text of ["", "\n", `${PASSPHRASE}\nmore\n`, `${PASSPHRASE}\n\n`]) {
        write(text);
        const error = await rejection(passphraseFromFile(file).read("open"));
        expect(error).to.be.instanceOf(InputError);
        expect(error.message).to.match(/^passphrase file: expected one line, got (nothing|more)$/);
      }
    });

    it("is missed by name", async () => {
      const error = await rejection(passphraseFromFile(file).read("open"));
      expect(error).to.be.instanceOf(UnavailableError);
      expect(error.message).to.equal(`passphrase file: ${file} cannot be read (ENOENT)`);
    });
  });

  describe("a file descriptor", () => {
    it("gives its line any number of times, and is closed after the first, so that no child inherits it", async () => {
      write(`${PASSPHRASE}\n`);
      const descriptor = openSync(file, "r");
      const source = passphraseFromDescriptor(descriptor);
      expect(await source.read("open")).to.equal(PASSPHRASE);
      expect(await source.read("open")).to.equal(PASSPHRASE);
      expect(() => closeSync(descriptor)).to.throw("EBADF");
    });

    it("is missed by number", async () => {
      expect(await rejection(passphraseFromDescriptor(9999).read("open"))).to.be.instanceOf(UnavailableError);
    });
  });

  describe("the environment", () => {
    const nobody = { input: new PassThrough(), output: new PassThrough() };
    const from = (environment: Record<string, string>, at = nobody) =>
      passphraseFromEnvironment(environment, at).read("open");

    it("names a file, or a descriptor's number", async () => {
      write(PASSPHRASE);
      expect(await from({ PROOFX_PASSPHRASE_FILE: file })).to.equal(PASSPHRASE);
      expect(await from({ PROOFX_PASSPHRASE_FD: String(openSync(file, "r")) })).to.equal(PASSPHRASE);
    });

    it("is refused when it names both, or a descriptor that is no number, which could be a passphrase", async () => {
      const both = { PROOFX_PASSPHRASE_FILE: file, PROOFX_PASSPHRASE_FD: "3" };
      expect(await rejection(from(both))).to.be.instanceOf(InputError);
      const error = await rejection(from({ PROOFX_PASSPHRASE_FD: PASSPHRASE }));
      expect(error).to.be.instanceOf(InputError);
      expect(error.message).to.not.contain(PASSPHRASE);
    });

    it("without either leads to the terminal, and without a terminal to an error that says what to do", async () => {
      expect(await from({}, terminal(`${PASSPHRASE}\n`))).to.equal(PASSPHRASE);
      const error = await rejection(from({}));
      expect(error).to.be.instanceOf(UnavailableError);
      expect(error.next).to.contain("PROOFX_PASSPHRASE_FILE").and.to.contain("mode 0600");
    });

    it("is never the passphrase itself", async () => {
      const error = await rejection(from({ PROOFX_PASSPHRASE: PASSPHRASE }));
      expect(error).to.be.instanceOf(UnavailableError);
    });
  });

  describe("a terminal", () => {
    it("asks once to open a keystore and twice to begin one, and shows questions only", async () => {
      const once = terminal(`${PASSPHRASE}\n`);
      expect(await passphraseFromEnvironment({}, once).read("open")).to.equal(PASSPHRASE);
      expect(once.shown()).to.equal("Passphrase of the keystore: \n");

      const twice = terminal(`${PASSPHRASE}\n${PASSPHRASE}\n`);
      expect(await passphraseFromEnvironment({}, twice).read("create")).to.equal(PASSPHRASE);
      expect(twice.shown()).to.equal("New passphrase for the keystore: \nThe same again: \n");
    });

    it("refuses two different answers without repeating them", async () => {
      const error = await rejection(
        passphraseFromEnvironment({}, terminal("one thing\nanother\n")).read("create"),
      );
      expect(error).to.be.instanceOf(InputError);
      expect(error.message).to.equal("passphrase: expected the same text twice, got two different ones");
    });

    it("can be left by Ctrl-C and Ctrl-D", async () => {
      for (const key of [CTRL_C, CTRL_D]) {
        const left = rejection(passphraseFromEnvironment({}, terminal(key)).read("open"));
        expect(await left).to.be.instanceOf(RefusedError);
      }
    });

    it("a real one has its echo switched off before the question is asked", async function () {
      needs(this, { command: "script", install: "apt-get install bsdutils" });
      const shown = await typeInto(`${process.execPath} ${CHILD}`, `${PASSPHRASE}\r`);
      expect(shown)
        .to.contain("Passphrase of the keystore:")
        .and.to.contain(`got ${PASSPHRASE.length} characters`);
      expect(shown).to.not.contain(PASSPHRASE);
    });
  });
});

/** Runs a command on a pseudo-terminal and types when it asks. @returns all that the terminal showed. */
function typeInto(command: string, typed: string): Promise<string> {
  const child = spawn("script", ["-qec", command, "/dev/null"]);
  let shown = "";
  let answered = false;
  child.stdout.on("data", (chunk: Buffer) => {
    shown += chunk.toString();
    if (answered || !shown.includes(": ")) return;
    answered = true;
    child.stdin.write(typed);
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => resolve(shown));
  });
}
