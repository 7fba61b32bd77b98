import { makeFixture } from "./fixture.ts";

// Only needed when the scenario's signals change: other addresses, times, policy or batches.
await makeFixture();
console.log("bench/gas/fixture.json written. Next: npx node bench/gas/make-report.ts");
