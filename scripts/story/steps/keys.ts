import { JsonRpcProvider, parseEther } from "ethers";
import { openKeyProvider, passphraseFromFile } from "../../../src/keys/index.ts";
import { PATHS, type StoryStep } from "../context.ts";

/** Who acts in the story, and what each key may do. Nobody may do two of these. */
const ACCOUNTS = {
  deployer: "deploys and pays; gets no role",
  admin: "grants roles, opens streams, resumes",
  "policy-admin": "registers policies",
  guardian: "pauses and vetoes",
  anchorer: "anchors the stream's batches",
  signer: "vouches for submissions",
  submitter: "sends submissions",
  thief: "will steal the signer's key",
} as const;

/** Agents and their ids; fixed, so that the documentation can name them. */
const AGENTS = [
  ["treasury-agent", "a9e40000-0000-4000-8000-000000000001"],
  ["payments-agent", "a9e40000-0000-4000-8000-000000000002"],
  ["purchasing-agent", "a9e40000-0000-4000-8000-000000000003"],
] as const;

/** What the log signs with and what wraps the keys it seals with; `proofx log init` finds them. */
const LOG_KEYS = [
  ["registrar", "ed25519"],
  ["receipt", "ed25519"],
  ["checkpoint", "ed25519"],
  ["log-master", "aes-256"],
] as const;

/** The story's passphrase has 192 random bits: stretching it would only cost the newcomer seconds. */
const WORK_FACTOR = 10;

export const keys: StoryStep = {
  id: "keys",
  title: "Make keys in an encrypted keystore, one for each duty",
  expected: { first: 1, again: 1 },
  code: ["src/keys/keystore.ts", "src/core/ports.ts", "docs/keys.md"],
  async run({ rpcUrl, facts }) {
    const store = openKeyProvider({
      folder: PATHS.keys,
      passphrase: passphraseFromFile(PATHS.passphrase),
      workFactor: WORK_FACTOR,
    });
    facts.accounts = {};
    for (const name of Object.keys(ACCOUNTS)) {
      facts.accounts[name] = (await store.create(name, "secp256k1")).address ?? "";
    }
    facts.agents = [];
    for (const [name, agentId] of AGENTS) {
      const { publicKey } = await store.create(name, "ed25519");
      facts.agents.push({ name, agentId, key: name, publicKey });
    }
    for (const [name, algorithm] of LOG_KEYS) await store.create(name, algorithm);
    await fund(rpcUrl, Object.values(facts.accounts));
    return {
      result: `${Object.keys(ACCOUNTS).length} accounts and ${AGENTS.length} agents have keys of their own, and so has the log`,
      inputs: { duties: ACCOUNTS },
      outputs: {
        accounts: facts.accounts,
        agents: Object.fromEntries(facts.agents.map(({ name, publicKey }) => [name, publicKey])),
      },
    };
  },
};

/** The local chain's own unlocked account gives everyone gas money. */
async function fund(rpcUrl: string, addresses: readonly string[]): Promise<void> {
  const provider = new JsonRpcProvider(rpcUrl);
  try {
    const bank = await provider.getSigner(0);
    for (const to of addresses) await (await bank.sendTransaction({ to, value: parseEther("10") })).wait();
  } finally {
    provider.destroy();
  }
}
