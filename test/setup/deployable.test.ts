import { expect } from "chai";
import { RefusedError } from "../../src/core/errors.ts";
import { assertDeployable, type Transcript } from "../../src/setup/index.ts";
import { keepWorkers, small } from "./support/small.ts";

const PUBLIC = { chainId: 1n, isPublic: true };
const LOCAL = { chainId: 31337n, isPublic: false };

describe("Deploying a verifier", function () {
  this.timeout(60_000);
  keepWorkers();
  let unknown: Transcript;
  let development: Transcript;
  let published: Transcript;
  before(async () => {
    unknown = (await small()).setup.transcript;
    development = { ...unknown, development: true, ptau: { ...unknown.ptau, label: "development" } };
    published = { ...unknown, ptau: { ...unknown.ptau, label: "published" } };
  });

  it("from development powers of tau to a public network is refused, and the chain is named", () => {
    const deploy = () =>
      assertDeployable({ transcript: development, network: PUBLIC, allowDevelopmentSetup: false });
    expect(deploy).to.throw(RefusedError, /public network 1: .* can forge/);
  });

  it("is refused by the flag alone and by the label alone, so that editing one does not help", () => {
    for (const transcript of [
      { ...development, development: false },
      { ...published, development: true },
    ]) {
      expect(() => assertDeployable({ transcript, network: PUBLIC, allowDevelopmentSetup: false })).to.throw(
        RefusedError,
      );
    }
  });

  it("from powers of tau of unknown origin to a public network is refused", () => {
    const deploy = () =>
      assertDeployable({ transcript: unknown, network: PUBLIC, allowDevelopmentSetup: false });
    expect(deploy).to.throw(RefusedError, /unknown origin/);
  });

  it("from development powers of tau is allowed locally, or by the explicit override, and says what it means", () => {
    for (const [network, allowDevelopmentSetup] of [
      [LOCAL, false],
      [PUBLIC, true],
    ] as const) {
      const remarks = assertDeployable({ transcript: development, network, allowDevelopmentSetup });
      expect(remarks[0]).to.match(/^development setup: .*forge/);
    }
  });

  it("from published powers of tau is allowed, and a lone contributor is pointed out", () => {
    const remarks = assertDeployable({
      transcript: published,
      network: PUBLIC,
      allowDevelopmentSetup: false,
    });
    expect(remarks).to.have.length(1);
    expect(remarks[0]).to.match(/one contributor/);
  });
});
