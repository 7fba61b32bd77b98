import { shellFault } from "../runbook/fault.ts";

const AGENT = "a9e40000-0000-4000-8000-000000000003";

export const fault = shellFault(
  "an agent's key is revoked",
  `curl -sSf "$SEQUENCER/v1/stores/$STORE/agents/${AGENT}/keys/1/revoke" \\
  -H "authorization: Bearer $(cat "$ADMIN_CREDENTIAL")" --json '{"reason":"a rehearsal"}'`,
  { AGENT },
);
