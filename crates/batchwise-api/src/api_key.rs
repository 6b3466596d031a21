use std::fmt;

/// The user's key. It is shown by nothing: not by `{:?}`, not in errors.
#[derive(Clone)]
pub struct ApiKey(String);

/// A key that cannot be sent. The key itself is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// There is nothing in it.
    #[error("the API key is empty")]
    Empty,
    /// It would break the header that it stands in.
    #[error("the API key holds a space, a line break or a character that is not ASCII: copy it again")]
    Characters,
}

impl ApiKey {
    /// Takes a key, without white space around it.
    ///
    /// # Errors
    /// When the key is empty or could not stand in a header.
    pub fn new(text: &str) -> Result<ApiKey, BadKey> {
        let key = text.trim();
        match key {
            "" => Err(BadKey::Empty),
            _ if !key.bytes().all(|byte| byte.is_ascii_graphic()) => Err(BadKey::Characters),
            _ => Ok(ApiKey(key.to_owned())),
        }
    }

    /// The key itself, for the one header that it belongs into.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// A text that came from elsewhere, without the key in it.
    pub(crate) fn redact(&self, text: &str) -> String {
        text.replace(&self.0, "[key]")
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey([key])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_shown() {
        let key = ApiKey::new(" sk-ant-secret\n").unwrap();
        assert_eq!(format!("{key:?}"), "ApiKey([key])");
        assert_eq!(key.redact("bad key sk-ant-secret!"), "bad key [key]!");
    }

    #[test]
    fn a_key_fits_its_header() {
        assert_eq!(ApiKey::new(" \n").unwrap_err(), BadKey::Empty);
        assert_eq!(ApiKey::new("sk\r\nx-evil: 1").unwrap_err(), BadKey::Characters);
        assert_eq!(ApiKey::new("sk-é").unwrap_err(), BadKey::Characters);
    }
}
