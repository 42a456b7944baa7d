// One event stream for all tabs of a browser: each tab is a port, and hears what the stream says.
"use strict";
importScripts("/assets/stream-2.js");

const ports = new Set();
let state = "connecting";
const tell = (message) => ports.forEach((port) => port.postMessage(message));
let stream = null;

onconnect = (event) => {
  const port = event.ports[0];
  ports.add(port);
  port.onmessage = ({ data }) => {
    // A tab says when it goes; nothing else tells. The last one closes the stream.
    if (data !== "bye") return;
    ports.delete(port);
    if (ports.size === 0 && stream) { stream.close(); stream = null; }
  };
  port.postMessage({ state });
  if (!stream) {
    stream = openStream((message) => {
      if (message.state) state = message.state;
      tell(message);
    });
  }
};
