/** Imported before a command of ours, it has its clock a hundred days back: what it makes is as old as that. */
const BACK_MS = 100 * 86_400_000;
const Today = Date;

class HundredDaysAgo extends Today {
  constructor(...given: [] | [number | string | Date]) {
    if (given.length === 0) super(Today.now() - BACK_MS);
    else super(given[0]);
  }

  static override now(): number {
    return Today.now() - BACK_MS;
  }
}

globalThis.Date = HundredDaysAgo as DateConstructor;
