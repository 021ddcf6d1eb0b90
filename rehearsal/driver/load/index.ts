export { eventStream, type StreamReport } from "./event-stream";
export { keepAliveLoad, type KeepAliveLoad } from "./keep-alive-load";
export { loadReport, type LoadReport } from "./load-report";
export { longUpload } from "./long-upload";
export type { Target } from "./target";
export { webSocket } from "./web-socket";
