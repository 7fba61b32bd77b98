import { z } from "zod";
import { Problem } from "../support/problem.ts";

const contributor = z.strictObject({
  publicKey: z.string(),
  name: z.string(),
  /** SHA-256 of the bearer token, which itself is nowhere kept. */
  tokenHash: z.string(),
  joinedAt: z.string(),
});

/** The queue as it is kept on disk. */
export const queueSchema = z.strictObject({
  version: z.literal(1),
  /** Id of the ceremony it is the queue of. */
  ceremony: z.string(),
  waiting: z.array(contributor),
  turn: z
    .strictObject({
      contributor,
      /** Unix milliseconds at which it passes on. */
      deadline: z.number(),
      /** SHA-256 of the last record when it began: what the contribution must follow. */
      head: z.string(),
      upload: z.strictObject({ id: z.string(), length: z.number() }).nullable(),
    })
    .nullable(),
  /** Contributors who brought a bad file, with what was wrong. */
  keptOut: z.array(z.strictObject({ publicKey: z.string(), reason: z.string(), at: z.string() })),
});

export type QueueState = z.infer<typeof queueSchema>;
export type Contributor = z.infer<typeof contributor>;
export type Turn = NonNullable<QueueState["turn"]>;

export function emptyQueue(ceremony: string): QueueState {
  return { version: 1, ceremony, waiting: [], turn: null, keptOut: [] };
}

/**
 * Adds a contributor at the end; one who is there already keeps the place and gets the new token.
 *
 * @throws Problem when the contributor is kept out or the queue is full.
 */
export function join(state: QueueState, who: Contributor, limit: number): QueueState {
  const out = state.keptOut.find(({ publicKey }) => publicKey === who.publicKey);
  if (out !== undefined) throw new Problem("kept-out", out.reason);
  const same = (each: Contributor): boolean => each.publicKey === who.publicKey;
  const renewed = (each: Contributor): Contributor =>
    same(each) ? { ...each, name: who.name, tokenHash: who.tokenHash } : each;
  if (state.turn !== null && same(state.turn.contributor)) {
    return { ...state, turn: { ...state.turn, contributor: renewed(state.turn.contributor) } };
  }
  if (state.waiting.some(same)) return { ...state, waiting: state.waiting.map(renewed) };
  if (state.waiting.length >= limit) {
    throw new Problem("queue-full", `${limit} contributors wait already`, { retryAfter: 60 });
  }
  return { ...state, waiting: [...state.waiting, who] };
}

/** Ends a turn whose time is over and begins the next; the same state when there is nothing to do. */
export function advance(state: QueueState, now: number, timeoutMs: number, head: string): QueueState {
  const turn = state.turn !== null && state.turn.deadline <= now ? null : state.turn;
  const [next, ...waiting] = state.waiting;
  if (turn !== null || next === undefined) return turn === state.turn ? state : { ...state, turn };
  return { ...state, waiting, turn: { contributor: next, deadline: now + timeoutMs, head, upload: null } };
}

/** Takes a contributor out of queue and turn. */
export function without(state: QueueState, publicKey: string): QueueState {
  return {
    ...state,
    waiting: state.waiting.filter((each) => each.publicKey !== publicKey),
    turn: state.turn?.contributor.publicKey === publicKey ? null : state.turn,
  };
}

/** Keeps a contributor out from now on. */
export function keepOut(state: QueueState, publicKey: string, reason: string, at: Date): QueueState {
  const rest = without(state, publicKey);
  return { ...rest, keptOut: [...rest.keptOut, { publicKey, reason, at: at.toISOString() }] };
}

/** Contributors before this one; undefined when it does not wait. */
export function aheadOf(state: QueueState, publicKey: string): number | undefined {
  const place = state.waiting.findIndex((each) => each.publicKey === publicKey);
  return place === -1 ? undefined : place + (state.turn === null ? 0 : 1);
}
