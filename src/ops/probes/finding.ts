import { ProofXError } from "../../core/errors.ts";
import type { Finding } from "../alerts/finding.ts";

/** What a look at one subject came to, before it has the subject's name. */
export type Looked = Omit<Finding, "subject">;

/**
 * Looks at one subject. That something outside does not answer is a finding, too: it could not be found out.
 *
 * @throws whatever is a defect of ours.
 */
export async function lookAt(subject: string, look: () => Promise<Looked>): Promise<Finding> {
  try {
    return { subject, ...(await look()) };
  } catch (error) {
    if (!(error instanceof ProofXError)) throw error;
    return { subject, breached: undefined, summary: `cannot be found out: ${error.message}` };
  }
}

/** Seconds for a reader: `2 d 3 h`, `4 min`, `12 s`. */
export function ageText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [days, hours, minutes] = [86_400, 3_600, 60].map((unit) => Math.floor(whole / unit)) as [
    number,
    number,
    number,
  ];
  if (days > 0) return `${days} d ${hours % 24} h`;
  if (hours > 0) return `${hours} h ${minutes % 60} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}
