// Loaded into a service of the story before anything else: whoever started it holds the other end of its standard input, so
// the service goes when that process is gone, even by kill -9.
process.stdin.on("end", () => process.kill(process.pid, "SIGTERM"));
process.stdin.on("error", () => process.kill(process.pid, "SIGTERM"));
process.stdin.resume();
(process.stdin as { unref?: () => void }).unref?.();
