// Text with entities; offsets are UTF-16 code units, which is what JavaScript counts.
import { el, openLink } from "./base.js";
import { send } from "./compose.js";

export function rich(parent, text, start, end, entities) {
  let at = start;
  while (entities.length) {
    const entity = entities.shift();
    const stop = Math.min(entity.offset + entity.length, end);
    if (entity.offset < at || stop <= entity.offset) continue;
    parent.append(text.slice(at, entity.offset));
    const inside = [];
    while (entities.length && entities[0].offset < stop) inside.push(entities.shift());
    const piece = text.slice(entity.offset, stop);
    const [outer, inner] = dressed(entity, piece);
    rich(inner, text, entity.offset, stop, inside);
    parent.append(outer);
    at = stop;
  }
  parent.append(text.slice(at, end));
}

function dressed(entity, piece) {
  const same = (node) => [node, node];
  const link = (url) => same(/^(https?|tg|mailto):/i.test(url)
    ? el("a", { href: url, target: "_blank", rel: "noopener noreferrer", title: url, onclick: (event) => { event.preventDefault(); openLink(url); } })
    : el("span"));
  switch (entity.type) {
    case "bold": return same(el("b"));
    case "italic": return same(el("i"));
    case "underline": return same(el("u"));
    case "strikethrough": return same(el("s"));
    case "code": return same(el("code"));
    case "pre": return same(el("pre", { "data-language": entity.language }));
    case "blockquote": return same(el("blockquote"));
    case "expandable_blockquote": {
      const quote = el("blockquote", { class: "folded", title: "Show all", onclick: () => quote.classList.toggle("folded") });
      return same(quote);
    }
    case "spoiler": {
      const inner = el("span");
      const outer = el("span", { class: "spoiler", title: "Show", onclick: () => outer.classList.toggle("open") }, inner);
      return [outer, inner];
    }
    case "text_link": return link(entity.url);
    case "url": return link(/^[a-z]+:\/\//i.test(piece) ? piece : `http://${piece}`);
    case "email": return link(`mailto:${piece}`);
    case "bot_command": return same(el("button", { class: "tap", title: `Send ${piece}`, onclick: () => send(piece) }));
    case "mention": case "hashtag": case "cashtag": case "text_mention": case "phone_number": return same(el("span", { class: "tap" }));
    default: return same(el("span"));
  }
}
