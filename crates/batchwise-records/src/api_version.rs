use std::fmt;
use std::str::FromStr;

/// The value of the `anthropic-version` header with which a batch is created. It decides for all its requests.
///
/// Source: <https://platform.claude.com/docs/en/api/versioning> and
/// <https://platform.claude.com/docs/en/api/migration-2026-10-21>, read 2026-11.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApiVersion {
    /// `2023-06-01`, which stays usable and which older clients send.
    V2023_06_01,
    /// `2026-10-21`, which the current major versions of the official clients send.
    #[default]
    V2026_10_21,
}

/// A text that is no version of the API.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a version of the API: write 2023-06-01 or 2026-10-21")]
pub struct UnknownApiVersion(pub String);

impl ApiVersion {
    /// All versions, oldest first.
    pub const ALL: &[ApiVersion] = &[ApiVersion::V2023_06_01, ApiVersion::V2026_10_21];

    /// The value of the header.
    pub fn name(self) -> &'static str {
        match self {
            ApiVersion::V2023_06_01 => "2023-06-01",
            ApiVersion::V2026_10_21 => "2026-10-21",
        }
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for ApiVersion {
    type Err = UnknownApiVersion;

    fn from_str(text: &str) -> Result<ApiVersion, UnknownApiVersion> {
        let named = |version: &&ApiVersion| version.name() == text;
        ApiVersion::ALL.iter().find(named).copied().ok_or_else(|| UnknownApiVersion(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_written_as_they_are_read() {
        for version in ApiVersion::ALL {
            assert_eq!(version.to_string().parse(), Ok(*version));
        }
        assert_eq!(ApiVersion::default(), ApiVersion::V2026_10_21);
        let error = "2024-01-01".parse::<ApiVersion>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "`2024-01-01` is not a version of the API: write 2023-06-01 or 2026-10-21"
        );
    }
}
