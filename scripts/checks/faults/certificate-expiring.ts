import { type Fault, shellFault } from "../runbook/fault.ts";

export const fault: Fault = {
  ...shellFault(
    "a certificate expires tomorrow",
    `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=edge.example \\
  -keyout "$WORK/edge.key" -out "$WORK/edge.pem"`,
    { CERTIFICATE: "build/runbooks/edge.pem" },
  ),
  watched: () => ({ more: '[[health.certificates]]\nname = "edge"\nfile = "build/runbooks/edge.pem"' }),
};
