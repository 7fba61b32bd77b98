import { shellFault } from "../runbook/fault.ts";

export const fault = shellFault(
  "a certificate expires tomorrow",
  `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=edge.example \\
  -keyout "$WORK/edge.key" -out "$WORK/edge.pem"`,
  { CERTIFICATE: "build/runbooks/edge.pem" },
);
