use serde::Deserialize;

use crate::Script;

/// How the server behaves, as its file says. What is left out has the value that the documentation names or that was
/// recorded; each field tells which.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// What the account may do.
    pub account: Account,
    /// How batches are processed.
    pub processing: Processing,
    /// What goes wrong.
    #[serde(rename = "fault")]
    pub faults: Script,
}

/// What the account may do: the tier Start, unless told otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Account {
    /// Calls of all batch endpoints within a minute; of counting as many again. Documented for Start: 1,000.
    pub requests_per_minute: u64,
    /// Requests of all batches that are not yet processed. Documented for Start: 200,000. A batch that would exceed it is
    /// refused as a whole, which nobody has recorded.
    pub queued_requests_max: u64,
    /// The longest body of a batch: the smaller reading of "256 MB".
    pub body_bytes_max: u64,
    /// The most requests in a batch, documented.
    pub batch_requests_max: usize,
}

impl Default for Account {
    fn default() -> Account {
        Account {
            requests_per_minute: 1_000,
            queued_requests_max: 200_000,
            body_bytes_max: 256_000_000,
            batch_requests_max: 100_000,
        }
    }
}

/// How batches are processed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Processing {
    /// The least time that a batch takes, in seconds. Small batches were seen to take 3 to 11 minutes.
    pub seconds_min: u64,
    /// The most, but for what its requests add. Beyond 24 hours, requests expire.
    pub seconds_max: u64,
    /// What each thousand requests add, in seconds. At the default 100,000 requests take less than an hour, as most batches
    /// do.
    pub seconds_per_thousand: u64,
    /// How long a batch goes on after it was told to stop, in seconds. Recorded: about 25.
    pub cancel_seconds: u64,
    /// Whether counts move while a batch is processed, as was recorded, or only at its end, as is documented.
    pub progressive_counts: bool,
    /// How often in a hundred a request finds what is in the cache. Nobody knows; 30 to 98 is documented.
    pub cache_hit_percent: u8,
    /// The longest reply, in tokens; replies are drawn from 1 to this, and cut at `max_tokens`.
    pub reply_tokens_max: u64,
    /// The `retry-after` of a batch that is not done, in seconds. Recorded: 10.
    pub poll_seconds: u64,
}

impl Default for Processing {
    fn default() -> Processing {
        Processing {
            seconds_min: 180,
            seconds_max: 660,
            seconds_per_thousand: 20,
            cancel_seconds: 25,
            progressive_counts: true,
            cache_hit_percent: 100,
            reply_tokens_max: 400,
            poll_seconds: 10,
        }
    }
}

/// A file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// It is not TOML, or has a key or a value that nobody knows.
    #[error("{0}")]
    Toml(String),
    /// A value that means nothing.
    #[error("{0}")]
    Value(String),
}

impl Settings {
    /// Reads a file of settings and faults, TOML.
    ///
    /// # Errors
    /// When it cannot be read, or asks for something that cannot be.
    pub fn parse(text: &str) -> Result<Settings, SettingsError> {
        let settings: Settings = toml::from_str(text)
            .map_err(|error| SettingsError::Toml(error.to_string().trim_end().to_owned()))?;
        settings.check().map_err(SettingsError::Value)?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), String> {
        let Processing {
            seconds_min, seconds_max, seconds_per_thousand, cancel_seconds, poll_seconds, ..
        } = self.processing;
        if seconds_min > seconds_max {
            return Err(format!(
                "processing.seconds_min = {seconds_min} is more than seconds_max = {seconds_max}"
            ));
        }
        for (name, value) in [
            ("seconds_max", seconds_max),
            ("seconds_per_thousand", seconds_per_thousand),
            ("cancel_seconds", cancel_seconds),
            ("poll_seconds", poll_seconds),
        ] {
            if value > SECONDS_MAX {
                return Err(format!(
                    "processing.{name} = {value} is more than {SECONDS_MAX}, some three months"
                ));
            }
        }
        if self.processing.cache_hit_percent > 100 {
            return Err("processing.cache_hit_percent is more than 100".to_owned());
        }
        self.faults.check()
    }
}

/// The longest time that settings may name.
const SECONDS_MAX: u64 = 8_000_000;
