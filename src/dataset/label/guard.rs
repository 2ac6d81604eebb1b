//! What every request must pass: only the page that was opened with the token, on this machine, gets an answer.
//!
//! Other pages in the same browser can send requests to 127.0.0.1, too, and a name of theirs can be made to point there (DNS
//! rebinding). So `Host` must be ours, `Origin` and `Sec-Fetch-Site`, where the browser sends them, too, and the token must be
//! in the path. Reference: OWASP, "Cross-Site Request Forgery Prevention Cheat Sheet", sections on standard headers and
//! fetch metadata.

use axum::http::header::{CONTENT_LENGTH, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};

use super::Token;

/// Longest body of a request, in bytes.
pub(super) const MAX_BODY: usize = 64 * 1024;

/// On every answer, refusals included.
pub(super) const HEADERS: [(HeaderName, HeaderValue); 7] = [
    (
        HeaderName::from_static("content-security-policy"),
        HeaderValue::from_static(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
    ),
    (HeaderName::from_static("cache-control"), HeaderValue::from_static("no-store")),
    (HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff")),
    (HeaderName::from_static("x-frame-options"), HeaderValue::from_static("DENY")),
    (HeaderName::from_static("referrer-policy"), HeaderValue::from_static("no-referrer")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
];

/// Who we are: the port that we listen on, and the secret.
pub(super) struct Guard {
    pub(super) port: u16,
    pub(super) token: Token,
}

/// Why a request is refused.
pub(super) type Refused = (StatusCode, &'static str);

impl Guard {
    /// Whether a request may be answered.
    ///
    /// # Errors
    /// The status and a line for whoever asks.
    pub(super) fn check(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Refused> {
        const FOREIGN: Refused = (StatusCode::FORBIDDEN, "This page answers on this machine only.\n");
        let mut hosts = headers.get_all(HOST).iter();
        let is_our_host = match (hosts.next(), hosts.next()) {
            (Some(host), None) => host.to_str().is_ok_and(|host| self.is_our_authority(host)),
            _ => false,
        };
        let is_our_target = uri.authority().is_none_or(|authority| self.is_our_authority(authority.as_str()));
        if !is_our_host || !is_our_target {
            return Err(FOREIGN);
        }
        for origin in headers.get_all(ORIGIN) {
            let authority = origin.to_str().ok().and_then(|origin| origin.strip_prefix("http://"));
            if !authority.is_some_and(|authority| self.is_our_authority(authority)) {
                return Err(FOREIGN);
            }
        }
        for site in headers.get_all("sec-fetch-site") {
            if site != "same-origin" && site != "none" {
                return Err(FOREIGN);
            }
        }
        if method != Method::GET && method != Method::POST {
            return Err((StatusCode::METHOD_NOT_ALLOWED, "Only GET and POST are answered.\n"));
        }
        // Our page never asks for such a path: names of files have no way out of their folder.
        let path = uri.path().to_ascii_lowercase();
        if ["..", "//", "\\", "%2e", "%2f", "%5c", "%00"].iter().any(|odd| path.contains(odd)) {
            return Err((StatusCode::NOT_FOUND, "There is nothing here.\n"));
        }
        let token = uri.path().split('/').nth(1).unwrap_or_default();
        if !self.token.is(token) {
            return Err((
                StatusCode::FORBIDDEN,
                "The token in the address is missing or not the right one: open the address that `onset dataset label` printed.\n",
            ));
        }
        let length =
            headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        if length.is_some_and(|length| length > MAX_BODY) {
            return Err((StatusCode::PAYLOAD_TOO_LARGE, "A request has at most 64 KiB.\n"));
        }
        Ok(())
    }

    fn is_our_authority(&self, authority: &str) -> bool {
        let (host, port) = authority.split_once(':').unwrap_or((authority, "80"));
        (host == "127.0.0.1" || host.eq_ignore_ascii_case("localhost")) && port == self.port.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Status for a request with these headers; 200 where it passes.
    fn status(path: &str, headers: &[(&str, &str)]) -> u16 {
        let token = Token::random().unwrap();
        let path = path.replace("TOKEN", token.as_str());
        let guard = Guard { port: 8123, token };
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        match guard.check(&Method::GET, &path.parse().unwrap(), &map) {
            Ok(()) => 200,
            Err((status, _)) => status.as_u16(),
        }
    }

    const OURS: (&str, &str) = ("host", "127.0.0.1:8123");

    #[test]
    fn only_our_own_page_passes() {
        assert_eq!(status("/TOKEN/", &[OURS]), 200);
        assert_eq!(status("/TOKEN/", &[("host", "localhost:8123")]), 200);
        assert_eq!(status("/TOKEN/state", &[OURS, ("origin", "http://127.0.0.1:8123")]), 200);
        for site in ["same-origin", "none"] {
            assert_eq!(status("/TOKEN/", &[OURS, ("sec-fetch-site", site)]), 200);
        }
        for headers in [
            &[][..],
            &[("host", "evil.example:8123")],
            &[("host", "127.0.0.1.evil.example:8123")],
            &[("host", "127.0.0.1:8124")],
            &[("host", "127.0.0.1")],
            &[OURS, ("host", "evil.example")],
            &[OURS, ("origin", "http://evil.example")],
            &[OURS, ("origin", "https://127.0.0.1:8123")],
            &[OURS, ("origin", "http://127.0.0.1:9999")],
            &[OURS, ("origin", "null")],
            &[OURS, ("sec-fetch-site", "cross-site")],
            &[OURS, ("sec-fetch-site", "same-site")],
        ] {
            assert_eq!(status("/TOKEN/", headers), 403, "{headers:?}");
        }
        assert_eq!(status("http://evil.example/TOKEN/", &[OURS]), 403);
    }

    #[test]
    fn without_the_token_there_is_nothing() {
        for path in ["/", "/TOKEN0/", "/0TOKEN/", "/state", "/x/TOKEN/"] {
            assert_eq!(status(path, &[OURS]), 403, "{path}");
        }
    }

    #[test]
    fn ways_out_of_a_folder_lead_nowhere() {
        for path in [
            "/TOKEN/../x",
            "/TOKEN/frame/c1/..%2f..%2fx.jpg",
            "/TOKEN/frame/%2e%2e/x.jpg",
            "/TOKEN/frame/c1/%5c..x",
            "/TOKEN//etc/passwd",
        ] {
            assert_eq!(status(path, &[OURS]), 404, "{path}");
        }
    }

    #[test]
    fn large_bodies_are_refused_before_they_are_read() {
        assert_eq!(status("/TOKEN/edit", &[OURS, ("content-length", "65536")]), 200);
        assert_eq!(status("/TOKEN/edit", &[OURS, ("content-length", "65537")]), 413);
    }
}
