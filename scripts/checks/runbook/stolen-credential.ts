import { randomUUID } from "node:crypto";
import type { Stage } from "./stage.ts";

/** Where a thief has the API key. */
const STOLEN = "build/runbooks/stolen.key";

/** Makes a tenant's API key that reads, with which somebody has read already; gives its prefix and its file. */
export async function stolenApiKey(stage: Stage): Promise<{ prefix: string; file: string }> {
  const said = await stage.sh(`rm -f ${STOLEN}
npx hardhat apikey create --tenant "$TENANT" --role reader --name backup-job --out ${STOLEN} --json 2> /dev/null
curl -sSf -o /dev/null "$SEQUENCER/v1/stores/$STORE/events" -H "authorization: Bearer $(cat ${STOLEN})"`);
  const { prefix } = JSON.parse(said.slice(said.indexOf("{"))) as { prefix: string };
  return { prefix, file: STOLEN };
}

/** Makes a tenant's key for tokens; gives what tokens call it. */
export async function stolenTokenKey(stage: Stage): Promise<string> {
  const kid = `bank-${randomUUID()}`;
  await stage.sh(`openssl genpkey -algorithm ed25519 2> /dev/null | openssl pkey -pubout -out "$WORK/tokens.pub"
npx hardhat jwtkey add --tenant "$TENANT" --role reader --in "$WORK/tokens.pub" --kid ${kid}`);
  return kid;
}
