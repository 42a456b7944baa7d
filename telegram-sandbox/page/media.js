// What messages carry beside text.
import { API, api, at, avatar, el, failed, fullName, state } from "./base.js";
import { KINDS, minutes, size } from "./words.js";

const fileUrl = (id) => `${API}files/${encodeURIComponent(id)}`;

/** Nodes for the media of a message; none for a text. */
export function media(m) {
  if (m.album) return [el("div", { class: "album" }, ...m.album.flatMap(media))];
  if (m.photo) return [photo(m)];
  if (m.sticker) return [sticker(m.sticker)];
  if (m.animation) return [film(m.animation, { autoplay: true, loop: true, muted: true })];
  if (m.video) return [film(m.video, { controls: true })];
  if (m.video_note) return [film(m.video_note, { controls: true }, "round")];
  if (m.voice) return [sound(m.voice, "∿", KINDS.voice)];
  if (m.audio) return [sound(m.audio, "♪", [m.audio.performer, m.audio.title || m.audio.file_name].filter(Boolean).join(" – ") || KINDS.audio)];
  if (m.document) return [file(m.document)];
  if (m.location) return [place(m.venue, m.location)];
  if (m.contact) return [contact(m.contact)];
  if (m.poll) return [poll(m)];
  if (m.dice) return [el("div", { class: "dice" }, el("span", { class: "big" }, m.dice.emoji), el("b", {}, String(m.dice.value)))];
  return [];
}

function photo(m) {
  const largest = m.photo[m.photo.length - 1];
  const picture = el("img", { src: fileUrl(largest.file_id), alt: m.caption || "Photo", width: largest.width, height: largest.height, loading: "lazy" });
  if (m.has_media_spoiler) {
    picture.classList.add("hidden-picture");
    picture.addEventListener("click", (event) => {
      if (picture.classList.contains("hidden-picture")) event.preventDefault();
      picture.classList.remove("hidden-picture");
    });
  }
  return el("a", { class: "photo", href: fileUrl(largest.file_id), target: "_blank", rel: "noopener" }, picture);
}

function sticker(info) {
  const still = !info.is_animated && !info.is_video;
  return el("div", { class: "sticker", title: info.emoji || "Sticker" },
    still ? el("img", { src: fileUrl(info.file_id), alt: info.emoji || "Sticker", onerror: (event) => event.target.replaceWith(el("span", { class: "big" }, info.emoji || "◻")) })
      : el("span", { class: "big" }, info.emoji || "◻"));
}

function film(info, how, look = "") {
  return el("figure", { class: `film ${look}` },
    el("video", { src: fileUrl(info.file_id), preload: "metadata", playsInline: true, ...how }),
    el("figcaption", { class: "muted small" }, [info.file_name, info.duration ? minutes(info.duration) : null, size(info.file_size)].filter(Boolean).join(" · ")));
}

function sound(info, sign, name) {
  return el("div", { class: "sound" }, el("span", { class: "sheet" }, sign),
    el("span", { class: "about" }, el("b", {}, name),
      el("audio", { src: fileUrl(info.file_id), controls: true, preload: "none" }),
      el("span", { class: "muted small" }, [info.duration ? minutes(info.duration) : null, size(info.file_size)].filter(Boolean).join(" · "))));
}

function file(info) {
  const name = info.file_name || KINDS.document;
  const extension = name.includes(".") ? name.split(".").pop().slice(0, 4) : "file";
  return el("a", { class: "file", href: fileUrl(info.file_id), download: name },
    el("span", { class: "sheet" }, extension),
    el("span", { class: "about" }, el("b", {}, name), el("span", { class: "muted small" }, size(info.file_size))));
}

function place(venue, location) {
  const at = `${location.latitude.toFixed(5)}, ${location.longitude.toFixed(5)}`;
  return el("div", { class: "file" }, el("span", { class: "sheet" }, "📍"),
    el("span", { class: "about" }, el("b", {}, venue ? venue.title : location.live_period ? "Live location" : KINDS.location),
      venue ? el("span", { class: "small" }, venue.address) : null, el("span", { class: "muted small" }, at)));
}

function contact(info) {
  return el("div", { class: "file" }, avatar(info.user_id || 3, fullName(info) || "?"),
    el("span", { class: "about" }, el("b", {}, fullName(info)), el("span", { class: "muted small" }, info.phone_number)));
}

/** What somebody chose is not in the message; the page keeps it to take it back. */
const choices = new Map();

function poll(m) {
  const info = m.poll, all = info.total_voter_count || 0;
  const key = `${JSON.stringify(at(m.chat.id))}/${m.message_id}/${state.me}`;
  const mine = choices.get(key) || [];
  const vote = (place) => {
    const rest = mine.filter((other) => other !== place);
    const options = mine.includes(place) ? rest : info.allows_multiple_answers ? [...rest, place].sort() : [place];
    api("votes", { from: state.me, ...at(m.chat.id), message_id: m.message_id, options }).then(() => choices.set(key, options)).catch(failed);
  };
  const kind = [info.is_anonymous === false ? "Public" : "Anonymous", info.type === "quiz" ? "quiz" : "poll", info.is_closed ? "(closed)" : ""].join(" ").trim();
  return el("div", { class: "poll" }, el("b", {}, info.question), el("span", { class: "muted small" }, kind),
    ...info.options.map((option, place) => {
      const share = all ? Math.round((option.voter_count / all) * 100) : 0;
      return el("button", { class: "option", disabled: info.is_closed, "aria-pressed": String(mine.includes(place)), onclick: () => vote(place) },
        el("span", { class: "share small" }, `${share} %`), el("span", {}, option.text, info.correct_option_id === place ? " ✓" : ""), el("progress", { max: 100, value: share, "aria-label": option.text }));
    }), el("span", { class: "muted small" }, all === 1 ? "1 vote" : `${all} votes`));
}
