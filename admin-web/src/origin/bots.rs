//! Programs that follow links by themselves: search engines, and what makes previews of links in
//! chats. One post of a link brings a thousand of them.

/// Words that only such programs are called by. Sources: their operators' pages about them, such as
/// Google's "Overview of crawlers" and Meta's "Web crawlers".
const NAMES: &[&str] = &[
    "akkoma",
    "cardyb",
    "embedly",
    "externalagent",
    "externalhit",
    "facebookcatalog",
    "feedfetcher",
    "friendica",
    "googleother",
    "iframely",
    "inspectiontool",
    "lemmy",
    "mastodon",
    "mediapartners",
    "misskey",
    "pleroma",
    "readability",
    "skypeuripreview",
    "slurp",
    "synapse",
    "urlpreview",
    "viber",
    "vkshare",
    "whatsapp",
];

/// What such a program's name ends with, in any language that knows the word.
const ENDS: &[&str] = &["bot", "bots", "crawler", "spider", "preview"];
/// A maker of telephones.
const PEOPLE: &[&str] = &["cubot"];

/// By its own words. Whoever fetches for a person (curl, wget, a browser without a window) is none.
pub(super) fn is_bot(agent: &str) -> bool {
    let agent = agent.to_ascii_lowercase();
    let mut words = agent.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| {
        NAMES.contains(&word)
            || (ENDS.iter().any(|end| word.ends_with(end)) && !PEOPLE.contains(&word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_previews_and_indexes_is_a_bot() {
        for agent in [
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "TelegramBot (like TwitterBot)",
            "WhatsApp/2.23.20.0",
            "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
            "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
            "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
            "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
            "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
            "http.rb/5.1.1 (Mastodon/4.2.0; +https://mastodon.example/)",
            "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
            "Mozilla/5.0 (compatible; Baiduspider/2.0)",
            "Mozilla/5.0 AppleWebKit/537.36 (compatible; GPTBot/1.2)",
            "Mozilla/5.0 (compatible; vkShare; +http://vk.com/dev/Share)",
            "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
        ] {
            assert!(is_bot(agent), "{agent}");
        }
    }

    #[test]
    fn browsers_and_programs_of_people_are_none() {
        for agent in [
            "",
            "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
            "Mozilla/5.0 (Linux; Android 13; CUBOT KINGKONG 8) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Telegram-iOS",
            "curl/8.5.0",
            "Wget/1.21.3",
            "aria2/1.36.0",
            "python-requests/2.31.0",
        ] {
            assert!(!is_bot(agent), "{agent}");
        }
    }
}
