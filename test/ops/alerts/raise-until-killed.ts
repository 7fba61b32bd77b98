import { openAlerts } from "../../../src/ops/alerts/index.ts";
import { anAlert } from "./support.ts";

// A process of its own, which a test kills: it takes alerts in, its sink is still at the first one, and it says so.
const [folder = "", count = "0"] = process.argv.slice(2);
const sink = { name: "pager", deliver: () => new Promise<void>(() => undefined) };
const alerts = openAlerts({ folder, sinks: [sink] });
await alerts.raise(Array.from({ length: Number(count) }, (_, index) => anAlert({ key: `event/${index}` })));
console.log("taken");
setInterval(() => undefined, 1_000);
