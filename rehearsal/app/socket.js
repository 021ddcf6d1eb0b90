/** WebSocket /api/socket: every message comes back as it was sent. The handshake's answer carries `x-release`. */
export const upgradeListener = (app) => async (request, socket, head) => {
  socket.on("error", () => socket.destroy());
  if (request.url !== "/api/socket") return socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n");
  const { WebSocketServer } = await import("ws");
  const sockets = new WebSocketServer({ noServer: true });
  sockets.on("headers", (headers) => headers.push(`x-release: ${app.release.version}`));
  sockets.handleUpgrade(request, socket, head, (webSocket) => {
    const end = () => webSocket.close(1001, "this release is stopping");
    app.streams.add(end);
    webSocket.on("message", (message, isBinary) => webSocket.send(message, { binary: isBinary }));
    webSocket.on("close", () => app.streams.delete(end));
  });
};
