// The stream itself, over fetch: unlike EventSource it tells the status, so that a session that is
// over leads to the login and a database that is away is waited for. It goes on behind the last
// event that it saw.
"use strict";

// `tell` gets {state}, {topic, object, at}, {again: true} (ask for everything) or {login: true}.
self.openStream = (tell) => {
  let last = "", stopped = false, controller = null, quiet = null, pause = 500;
  const SILENCE = 40000; // The server's heartbeat comes every 15 s.

  const frame = (text) => {
    let name = "message", data = "";
    for (const line of text.split("\n")) {
      const at = line.indexOf(": ");
      if (at < 1) continue;
      const field = line.slice(0, at), value = line.slice(at + 2);
      if (field === "event") name = value;
      else if (field === "data") data += value;
      else if (field === "id") last = value;
    }
    if (name === "message" && data) tell(JSON.parse(data));
    else if (name === "reset" || name === "rights") tell({ again: true });
    // The server cannot read what happens; when it can again, the stream goes on without a gap.
    else if (name === "away") tell({ state: "reconnecting" });
    else if (name === "back") tell({ state: "live" });
  };

  const alive = () => {
    clearTimeout(quiet);
    quiet = setTimeout(() => controller.abort(), SILENCE);
  };

  const once = async () => {
    controller = new AbortController();
    alive();
    const headers = { Accept: "application/json, text/event-stream" };
    if (last) headers["Last-Event-ID"] = last;
    const response = await fetch("/live", { headers, signal: controller.signal, cache: "no-store" });
    if (response.status === 401) { stopped = true; tell({ login: true }); return; }
    if (!response.ok) throw new Error(response.status);
    pause = 500;
    tell({ state: "live" });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let buffer = ""; ;) {
      const { done, value } = await reader.read();
      if (done) return;
      alive();
      buffer += value;
      for (let end; (end = buffer.indexOf("\n\n")) >= 0; buffer = buffer.slice(end + 2)) {
        frame(buffer.slice(0, end));
      }
    }
  };

  (async () => {
    while (!stopped) {
      try { await once(); } catch { /* Tried again below. */ }
      clearTimeout(quiet);
      if (stopped) return;
      tell({ state: "reconnecting" });
      await new Promise((wake) => setTimeout(wake, pause + Math.random() * 250));
      pause = Math.min(pause * 2, 8000);
    }
  })();
  return { close() { stopped = true; controller?.abort(); } };
};
