import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { findDevnode, type Machine, RUNTIME_MARKER } from "../../src/aleo/runtime.ts";
import { installRuntime } from "../../src/aleo/runtime-install.ts";
import { UnavailableError } from "../../src/core/errors.ts";

const rejected = (promise: Promise<unknown>): Promise<UnavailableError> =>
  promise.then(
    () => expect.fail("expected a refusal"),
    (error: unknown) => error as UnavailableError,
  );

describe("what the development ledger runs on", () => {
  let folder: string;
  let old: Machine;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "proofx-runtime-"));
    old = {
      platform: "linux",
      arch: "x64",
      glibc: "2.36",
      binary: "/opt/aleo-devnode",
      runtime: join(folder, "build/aleo-runtime"),
    };
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Programs named as apt's, that do what the script says. */
  function tools(script: string): string {
    const bin = join(folder, "bin");
    mkdirSync(bin);
    for (const name of ["apt-get", "dpkg-deb"]) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(bin, name), 0o755);
    }
    return bin;
  }
  const keyring = () => {
    writeFileSync(join(folder, "keyring.gpg"), "");
    return join(folder, "keyring.gpg");
  };

  it("is the system's own libraries from glibc 2.38 on", async () => {
    for (const glibc of ["2.38", "2.41", "3.0"]) {
      expect(findDevnode({ ...old, glibc })).to.deep.equal({
        command: "/opt/aleo-devnode",
        args: [],
        libraries: "system",
      });
      expect((await installRuntime({ machine: { ...old, glibc } })).outcome).to.equal("system");
    }
  });

  it("is the fallback's below, and on another C library; before it is made, the command that makes it is named", () => {
    for (const glibc of ["2.37", "2.36", undefined]) {
      expect(() => findDevnode({ ...old, glibc }))
        .to.throw(UnavailableError)
        .with.property("next")
        .that.contains("npx proofx aleo runtime");
    }
    const libraries = join(old.runtime, "root/usr/lib/x86_64-linux-gnu");
    mkdirSync(libraries, { recursive: true });
    writeFileSync(join(libraries, "ld-linux-x86-64.so.2"), "");
    expect(() => findDevnode(old), "without the marker it was never finished").to.throw(UnavailableError);
    writeFileSync(join(old.runtime, RUNTIME_MARKER), "{}");
    const { command, args } = findDevnode(old);
    expect(command).to.equal(join(libraries, "ld-linux-x86-64.so.2"));
    expect(args).to.deep.equal(["--library-path", libraries, "/opt/aleo-devnode"]);
  });

  it("is nowhere but on Linux x64, and there only with its package; both refusals say what to do", async () => {
    const elsewhere = await rejected(
      installRuntime({ machine: { ...old, platform: "darwin", binary: undefined } }),
    );
    expect(elsewhere).to.be.instanceOf(UnavailableError);
    expect(elsewhere.next).to.contain("--ledger URL");
    const without = await rejected(installRuntime({ machine: { ...old, binary: undefined } }));
    expect(without.next).to.contain("npm ci");
  });

  it("cannot be had without apt or without Debian's keys", async () => {
    const none = await rejected(installRuntime({ machine: old, path: join(folder, "nothing") }));
    expect(none.message).to.contain("apt-get");
    expect(none.next).to.contain("glibc 2.38").and.contain("--ledger URL");
    const unsigned = await rejected(
      installRuntime({ machine: old, path: tools("exit 0"), keyring: join(folder, "no.gpg") }),
    );
    expect(unsigned.next).to.contain("debian-archive-keyring");
    expect(existsSync(join(folder, "build"))).to.equal(false);
  });

  it("leaves nothing behind that counts when the download fails or gives too little", async () => {
    const bin = tools('echo "E: no network" >&2; exit 100');
    const path = process.env.PATH ?? "";
    process.env.PATH = `${bin}:${path}`;
    try {
      const failed = await rejected(installRuntime({ machine: old, path: bin, keyring: keyring() }));
      expect(failed).to.be.instanceOf(UnavailableError);
      expect(failed.message).to.contain("E: no network");
      expect(readdirSync(join(folder, "build"))).to.deep.equal([]);
      writeFileSync(join(bin, "apt-get"), "#!/bin/sh\nexit 0\n");
      const less = await rejected(installRuntime({ machine: old, path: bin, keyring: keyring() }));
      expect(less.message).to.contain("0 of 4");
      expect(readdirSync(join(folder, "build"))).to.deep.equal([]);
      expect(() => findDevnode(old)).to.throw(UnavailableError);
    } finally {
      process.env.PATH = path;
    }
  });
});
