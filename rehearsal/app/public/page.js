/** Uses what the app has, and says of each what works. */
const works = (id) => {
  document.getElementById(id).textContent = "works";
};

works("external");

fetch("/api/items").then(({ ok }) => ok && works("fetch"));

const events = new EventSource("/api/events");
events.addEventListener("message", () => {
  works("events");
  events.close();
});

const socket = new WebSocket(`wss://${location.host}/api/socket`);
socket.addEventListener("open", () => socket.send("hello"));
socket.addEventListener("message", () => {
  works("socket");
  socket.close();
});
