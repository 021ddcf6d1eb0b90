/** The reaction to SIGTERM. Every way but `never` is bounded by the deadline, which is shorter than Docker's grace of 10 s. */
const DEADLINE_MS = 8000;
const SWEEP_MS = 50;

function closeWithin(server, deadlineMs) {
  server.close(() => process.exit(0));
  setTimeout(() => {
    console.error(`stop: requests still open after ${deadlineMs} ms are cut`);
    process.exit(1);
  }, deadlineMs).unref();
}

/** Streams that would never end are ended; requests are finished; a connection goes as soon as it is idle. */
function graceful(server, app) {
  app.isStopping = true;
  closeWithin(server, DEADLINE_MS);
  for (const end of app.streams) end();
  setInterval(() => server.closeIdleConnections(), SWEEP_MS).unref();
}

/** As servers do that leave idle connections to their keep-alive timeout. */
function lingering(server, app) {
  server.closeIdleConnections = () => undefined;
  graceful(server, app);
}

/** Called with the HTTP server and the app when SIGTERM arrives. */
export const stops = {
  graceful,
  lingering,
  immediate: () => process.exit(0),
  never: () => console.error("stop: SIGTERM is ignored, on purpose"),
};
