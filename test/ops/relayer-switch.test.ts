import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { InputError } from "../../src/core/errors.ts";
import { Awaiting, switchRelayer } from "../../src/ops/incidents/index.ts";

const ADDRESS = "0x00000000000000000000000000000000000000A1";
const CONFIG = `# ours
[prover]
signer = "not a relayer's"

[relayer]
# who vouches
signer = "signer"   # since spring
sender = "submitter"

[relayer.http]
port = 8081
`;

describe("switching the relayer to a new signer", () => {
  const folder = mkdtempSync(join(tmpdir(), "proofx-relayer-switch-"));
  const config = join(folder, "proofx.toml");
  let server: Server;
  let url: string;
  let vouches = "0x00000000000000000000000000000000000000b2";

  before(async () => {
    server = createServer((_request, response) => response.end(JSON.stringify({ signer: vouches })));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => writeFileSync(config, CONFIG));
  after(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  it("changes that one line, keeps comments and other sections, and is harmless again", async () => {
    await switchRelayer({ config, url: undefined }, "signer-2", ADDRESS);
    const expected = CONFIG.replace('signer = "signer"   #', 'signer = "signer-2"   #');
    expect(readFileSync(config, "utf8")).to.equal(expected);
    await switchRelayer({ config, url: undefined }, "signer-2", ADDRESS);
    expect(readFileSync(config, "utf8")).to.equal(expected);
  });

  it("waits until the relayer itself vouches with the new key", async () => {
    const waiting = await switchRelayer({ config, url }, "signer-2", ADDRESS).catch(
      (error: unknown) => error,
    );
    expect(waiting).to.be.instanceOf(Awaiting);
    expect(String(waiting)).to.include(vouches);
    vouches = ADDRESS;
    expect((await switchRelayer({ config, url }, "signer-2", ADDRESS)).lines.join()).to.include(
      `vouches as ${ADDRESS}`,
    );
  });

  it("waits, too, while the relayer does not answer", async () => {
    const silent = { config, url: "http://127.0.0.1:9" };
    expect(
      await switchRelayer(silent, "signer-2", ADDRESS).catch((error: unknown) => error),
    ).to.be.instanceOf(Awaiting);
  });

  it("lets nobody else read the file, and keeps the link by which it is named", async () => {
    const link = join(folder, "link.toml");
    chmodSync(config, 0o600);
    symlinkSync(config, link);
    await switchRelayer({ config: link, url: undefined }, "signer-2", ADDRESS);
    expect(statSync(config).mode & 0o777).to.equal(0o600);
    expect(lstatSync(link).isSymbolicLink()).to.equal(true);
    expect(readFileSync(config, "utf8")).to.include('signer = "signer-2"');
    chmodSync(config, 0o644);
  });

  it("never guesses: a file whose signer stands elsewhere is left as it is", async () => {
    for (const text of ['relayer = { signer = "signer" }\n', '[relayer]\n[other]\nsigner = "signer"\n']) {
      writeFileSync(config, text);
      const refused = await switchRelayer({ config, url: undefined }, "signer-2", ADDRESS).catch(
        (error: unknown) => error,
      );
      expect(refused).to.be.instanceOf(InputError);
      expect(readFileSync(config, "utf8")).to.equal(text);
    }
  });
});
