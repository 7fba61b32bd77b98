import type { Stage } from "./stage.ts";
import type { StateSettings } from "./state-watcher.ts";

/** What is done to the stage before a page is rehearsed. */
export interface Fault {
  /** One line, for whoever watches the rehearsal. */
  readonly what: string;
  /** A program of this machine; where it is missing, the page is skipped. */
  readonly needs?: string;
  /** It moves the chain's time: its page comes after those that want the time to be now. */
  readonly late?: true;
  /** It disturbs nobody, so it is put in with others of its kind where Prometheus takes its time to tell of them. */
  readonly beside?: true;
  /** Labels that Prometheus' alert of it has. */
  readonly alertLabels?: Readonly<Record<string, string>>;
  /** How things have to be for Prometheus to notice: what is to break runs, and was seen to. */
  before?(stage: Stage): Promise<void>;
  /** Does it; gives the page's inputs, as the alert's labels would. */
  inject(stage: Stage): Promise<Readonly<Record<string, string>>>;
  /** By what settings a watcher sees the state that it is, for a page of a rule about a state: its alert is awaited. */
  watched?(stage: Stage): StateSettings | Promise<StateSettings>;
  /** What has to follow once that watcher is up. */
  afterWatched?(stage: Stage): Promise<void>;
  /** Takes away what the page's own steps leave. */
  clear?(stage: Stage): Promise<void>;
}

/** The same on Aleo's development ledger, which is started for it. */
export function aleoFault(what: string, script: string, inputs: Inputs = {}, clear?: string): Fault {
  const fault = shellFault(what, script, inputs, clear);
  return {
    ...fault,
    needs: "aleo-devnode",
    async inject(stage) {
      await stage.service("aleo");
      return fault.inject(stage);
    },
  };
}

/** Inputs by name; an address of the stage is named as it is there, e.g. `@guardian`. */
type Inputs = Readonly<Record<string, string>>;

/** A fault that is a few lines of a shell, and so may be what it leaves. */
export function shellFault(what: string, script: string, inputs: Inputs = {}, clear?: string): Fault {
  return {
    what,
    async inject(stage) {
      await stage.sh(script);
      return named(stage, inputs);
    },
    ...(clear === undefined ? {} : { clear: async (stage) => void (await stage.sh(clear)) }),
  };
}

function named({ addresses }: Stage, inputs: Inputs): Inputs {
  const addressOr = (text: string): string =>
    text.startsWith("@") ? (addresses[text.slice(1)] ?? "") : text;
  return Object.fromEntries(Object.entries(inputs).map(([name, text]) => [name, addressOr(text)]));
}

/** An account that nobody on the stage has the key of. */
export const STRANGER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

/** Loads one by its name in a page's front matter. */
export async function loadFault(name: string): Promise<Fault> {
  const { fault } = (await import(`../faults/${name}.ts`)) as { fault: Fault };
  return fault;
}
