import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { cidOf, LARGEST_FILE } from "../../../src/ops/subgraph/cid.ts";
import { type LocalIpfs, startLocalIpfs } from "../../../src/ops/subgraph/ipfs.ts";

const CIDS: Record<string, string> = JSON.parse(readFileSync("test/vectors/ipfs/cids.json", "utf8"));

describe("the IPFS of a graph-node of this machine", () => {
  let folder: string;
  let ipfs: LocalIpfs;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "proofx-ipfs-"));
    ipfs = await startLocalIpfs(folder);
  });
  after(async () => {
    await ipfs?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const add = (form: FormData): Promise<Response> =>
    fetch(`${ipfs.url}/api/v0/add?pin=true`, { method: "POST", body: form });
  const formOf = (content: Uint8Array): FormData => {
    const form = new FormData();
    form.set("file", new File([Buffer.from(content)], "schema.graphql"));
    return form;
  };

  it("names files as js-ipfs does, below, at and above the size of a piece", () => {
    for (const [length, cid] of Object.entries(CIDS))
      expect(cidOf(pattern(Number(length))), length).to.equal(cid);
    expect(() => cidOf(new Uint8Array(LARGEST_FILE + 1))).to.throw("at most 45613056 bytes");
  });

  it("keeps what was added under its name, and gives it back", async () => {
    const content = pattern(600_000);
    const answered = await add(formOf(content));
    const { Hash } = (await answered.json()) as { Hash: string };
    expect(Hash).to.equal(CIDS[600_000]);
    expect(readdirSync(folder)).to.deep.equal([Hash]);
    expect(readFileSync(join(folder, Hash)).equals(content)).to.equal(true);
    const cat = await fetch(`${ipfs.url}/api/v0/cat?arg=${Hash}`, { method: "POST" });
    expect(Buffer.from(await cat.arrayBuffer()).equals(content)).to.equal(true);
  });

  it("reads no file that is not named by its content, and survives what is no form", async () => {
    for (const arg of ["../passphrase", `${CIDS[0]}/../../x`, ""]) {
      const refused = await fetch(`${ipfs.url}/api/v0/cat?arg=${encodeURIComponent(arg)}`, {
        method: "POST",
      });
      expect(refused.status).to.equal(404);
    }
    expect((await fetch(`${ipfs.url}/api/v0/add`, { method: "POST", body: "no form" })).status).to.equal(500);
    expect((await add(new FormData())).status).to.equal(500);
    expect((await add(formOf(new Uint8Array()))).status).to.equal(200);
  });
});

function pattern(length: number): Buffer {
  const content = Buffer.alloc(length);
  for (let i = 0; i < length; i += 1) content[i] = (i * 7 + (i >> 8)) & 255;
  return content;
}
