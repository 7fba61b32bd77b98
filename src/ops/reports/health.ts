import type { Health } from "../health/index.ts";
import type { ReportSection } from "./report.ts";

/** All parts of the house, in a line each. */
export function healthSection({ parts }: Health): ReportSection {
  const looked = parts.filter(({ status }) => status !== "absent");
  const absent = parts.filter(({ status }) => status === "absent").map(({ part }) => part);
  return {
    title: "Health",
    facts: [
      ...looked.map(({ part, status, lines }) => ({
        name: part,
        value: `${status}: ${lines.map(({ text }) => text).join("; ")}`.slice(0, 400),
      })),
      ...(absent.length === 0 ? [] : [{ name: "not looked at", value: absent.join(", ") }]),
    ],
    todo: looked.flatMap(({ part, status, lines, next }) =>
      status === "ok"
        ? []
        : lines
            .filter((line) => line.status !== "ok")
            .map(({ text }) => [`${part}, ${status}: ${text}`, ...next].join("; ")),
    ),
  };
}

/** One part by itself, with all of its lines. */
export function partSection(title: string, part: string, { parts }: Health): ReportSection {
  const found = parts.find((each) => each.part === part);
  const facts = (found?.lines ?? []).map(({ subject, by, text }) => ({
    name: subject === "" ? by : subject,
    value: text,
  }));
  if (found === undefined || found.status === "absent")
    return { title, facts, todo: [], missing: `Not looked at: ${found?.next.join("; ") ?? part}.` };
  return { title, facts, todo: [] };
}
