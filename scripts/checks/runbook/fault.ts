import type { Stage } from "./stage.ts";

/** What is done to the stage before a page is rehearsed. */
export interface Fault {
  /** One line, for whoever watches the rehearsal. */
  readonly what: string;
  /** Does it; gives the page's inputs, as the alert's labels would. */
  inject(stage: Stage): Promise<Readonly<Record<string, string>>>;
  /** Takes away what the page's own steps leave. */
  clear?(stage: Stage): Promise<void>;
}

/** A fault that is a few lines of a shell. */
export function shellFault(
  what: string,
  script: string,
  inputs: Readonly<Record<string, string>> = {},
  clear?: string,
): Fault {
  return {
    what,
    async inject(stage) {
      await stage.sh(script);
      return inputs;
    },
    ...(clear === undefined ? {} : { clear: async (stage) => void (await stage.sh(clear)) }),
  };
}

/** Loads one by its name in a page's front matter. */
export async function loadFault(name: string): Promise<Fault> {
  const { fault } = (await import(`../faults/${name}.ts`)) as { fault: Fault };
  return fault;
}
