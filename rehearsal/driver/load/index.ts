export type { Exchange, Lost, LossKind } from "./exchange";
export { eventStream, type StreamReport } from "./event-stream";
export { keepAliveLoad, type KeepAliveLoad } from "./keep-alive-load";
export { loadReport, type LoadReport } from "./load-report";
export { longUpload, type UploadReport } from "./long-upload";
export type { Target } from "./target";
export { webSocket, type WebSocketReport } from "./web-socket";
