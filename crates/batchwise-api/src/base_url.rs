use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// Where the API is: scheme, host, perhaps a port and a path, and no slash at the end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BaseUrl(String);

/// A text that is no base URL. The text is not told, because a URL may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadBaseUrl {
    /// It has no scheme, host, or a character that no URL has.
    #[error("it is not a URL: write one like https://api.anthropic.com")]
    NotAUrl,
    /// It has a name or password, a query or a fragment.
    #[error("it holds more than scheme, host, port and path")]
    TooMuch,
    /// It has the `v1` that begins the path of each endpoint.
    #[error("leave out its last part, /v1: the path of each endpoint begins with it")]
    Version,
    /// The key would be readable on its way.
    #[error(
        "over http:// your key could be read on its way: use https:// (http is only for this machine itself)"
    )]
    Plain,
}

impl BaseUrl {
    /// The API itself.
    pub const ANTHROPIC: &str = "https://api.anthropic.com";

    /// Reads a base URL as `ANTHROPIC_BASE_URL` holds it.
    ///
    /// # Errors
    /// When it is none, or plain `http` to another machine.
    pub fn parse(text: &str) -> Result<BaseUrl, BadBaseUrl> {
        let text = text.trim().trim_end_matches('/');
        if !text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte)) {
            return Err(BadBaseUrl::NotAUrl);
        }
        let (scheme, rest) = text.split_once("://").ok_or(BadBaseUrl::NotAUrl)?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if rest.contains(['@', '?', '#']) {
            return Err(BadBaseUrl::TooMuch);
        }
        if rest.ends_with("/v1") {
            return Err(BadBaseUrl::Version);
        }
        let host = host(authority).ok_or(BadBaseUrl::NotAUrl)?;
        match scheme.to_ascii_lowercase().as_str() {
            "https" => Ok(BaseUrl(normal(text, scheme, authority))),
            "http" if is_this_machine(&host) => Ok(BaseUrl(normal(text, scheme, authority))),
            "http" => Err(BadBaseUrl::Plain),
            _ => Err(BadBaseUrl::NotAUrl),
        }
    }

    /// The address of an endpoint whose path begins with a slash.
    pub(crate) fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The same URL for the same place: scheme and host in small letters.
fn normal(text: &str, scheme: &str, authority: &str) -> String {
    let head = scheme.len() + "://".len() + authority.len();
    format!("{}{}", text[..head].to_ascii_lowercase(), &text[head..])
}

/// The host of `host`, `host:port`, `[address]` or `[address]:port`, in small letters.
fn host(authority: &str) -> Option<String> {
    let (host, rest) = match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']').filter(|(host, _)| host.parse::<Ipv6Addr>().is_ok())?,
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let good = !host.is_empty() && (rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port));
    good.then(|| host.to_ascii_lowercase())
}

/// Whether a text is the number of a port. Unlike `u16`'s own reading, no sign goes before it.
fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

fn is_this_machine(host: &str) -> bool {
    let address = host.parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, BadBaseUrl>) {
        assert_eq!(BaseUrl::parse(text).map(|url| url.to_string()), expected.map(str::to_owned), "{text}");
    }

    #[test]
    fn a_base_url_is_a_place_to_which_a_key_may_go() {
        check("https://api.anthropic.com", Ok("https://api.anthropic.com"));
        check(" HTTPS://API.Anthropic.com// ", Ok("https://api.anthropic.com"));
        check("https://gateway.example:8443/Claude/", Ok("https://gateway.example:8443/Claude"));
        check("http://127.0.0.1:8080", Ok("http://127.0.0.1:8080"));
        check("http://localhost", Ok("http://localhost"));
        check("http://[::1]:9", Ok("http://[::1]:9"));
        check("http://gateway.example", Err(BadBaseUrl::Plain));
        check("http://127.0.0.1.example", Err(BadBaseUrl::Plain));
        check("https://me:secret@example.org", Err(BadBaseUrl::TooMuch));
        check("https://example.org/?key=1", Err(BadBaseUrl::TooMuch));
        check("https://api.anthropic.com/v1/", Err(BadBaseUrl::Version));
        check("https://gateway.example/v1/claude", Ok("https://gateway.example/v1/claude"));
        check("http://[::1]", Ok("http://[::1]"));
        check("https://example.org:65535", Ok("https://example.org:65535"));
        for authority in ["port", "", "+80", "65536", "80:80"].map(|port| format!("example.org:{port}")) {
            check(&format!("https://{authority}"), Err(BadBaseUrl::NotAUrl));
        }
        for authority in ["[::1]80", "[::1", "::1", "[::1]:65536", "[::1]]:80", "[localhost]", "[]"] {
            check(&format!("http://{authority}"), Err(BadBaseUrl::NotAUrl));
        }
        check("api.anthropic.com", Err(BadBaseUrl::NotAUrl));
        check("file:///etc", Err(BadBaseUrl::NotAUrl));
        check("https://", Err(BadBaseUrl::NotAUrl));
        check("", Err(BadBaseUrl::NotAUrl));
    }
}
