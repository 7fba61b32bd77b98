import { expect } from "chai";
import { Keeper, Keyring } from "../../../src/sequencer/at-rest/index.ts";
import { needsSoftHsm, startSoftHsm } from "../../keys/softhsm.ts";
import { rejection } from "../../keys/support.ts";
import { emptyStore, type TestStore } from "../support.ts";
import { AGENT, append, MASTER, openStreams, read, SETTINGS, sealedBy, TENANT } from "./support.ts";

describe("Payloads at rest under a master key on a PKCS#11 token (SoftHSM2)", function () {
  this.timeout(60_000);
  let test: TestStore;
  before(async function () {
    needsSoftHsm(this);
    test = await emptyStore("pglite");
    await openStreams(test.store);
  });
  after(() => test?.close());

  it("are read by who has the token, through a change of the master key, and by nobody without it", async () => {
    const hsm = startSoftHsm();
    const token = hsm.newToken();
    for (const name of [MASTER, "log-master.v2"]) await hsm.open(token).create(name, "aes-256");
    const keyring = (label = token) => new Keyring(test.store.as("app"), hsm.open(label), SETTINGS);
    await append(test.store, { tenant: TENANT, agent: AGENT }, [1n, 2n], sealedBy(keyring()));
    expect(await read(test.store, keyring(), TENANT, 2n)).to.equal('{"sequence":"2"}');

    const keeper = new Keeper(test.store.as("keeper"), hsm.open(token), "log-master.v2");
    expect(await keeper.rotateMaster()).to.deep.equal({ to: "log-master.v2", rewrapped: 1, left: 0 });
    expect(await read(test.store, keyring(), TENANT, 1n)).to.equal('{"sequence":"1"}');

    const other = hsm.newToken();
    for (const name of [MASTER, "log-master.v2"]) await hsm.open(other).create(name, "aes-256");
    const error = await rejection(read(test.store, keyring(other), TENANT, 1n));
    expect(error.message).to.contain('key "log-master.v2" does not open this wrapped key');
  });
});
