//! The three vendors: how their stores are reached, and their errors in words.

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::{ClientConfigKey, Error, ObjectStore, RetryConfig};

use crate::model::line::Line;

/// An object is read as long as something comes.
const SILENCE: &str = "30 seconds";
const CONNECTED_WITHIN: &str = "10 seconds";
const WHOLE_OBJECT: &str = "1 day";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Provider {
    Amazon,
    Google,
    Azure,
}

/// How their addresses begin.
pub(super) const PROVIDERS: [(&str, Provider); 3] = [
    ("s3://", Provider::Amazon),
    ("gs://", Provider::Google),
    ("az://", Provider::Azure),
];

impl Provider {
    /// The bucket of that name.
    pub(super) fn store(self, name: &str) -> Result<Arc<dyn ObjectStore>, Error> {
        let limits = [
            (ClientConfigKey::Timeout, WHOLE_OBJECT),
            (ClientConfigKey::ReadTimeout, SILENCE),
            (ClientConfigKey::ConnectTimeout, CONNECTED_WITHIN),
        ];
        let retry = RetryConfig {
            max_retries: 2,
            retry_timeout: Duration::from_secs(30),
            ..RetryConfig::default()
        };
        Ok(match self {
            Self::Amazon => {
                let builder = AmazonS3Builder::from_env().with_bucket_name(name);
                let builder = limits.into_iter().fold(builder, |builder, (key, value)| {
                    builder.with_config(AmazonS3ConfigKey::Client(key), value)
                });
                Arc::new(builder.with_retry(retry).build()?)
            }
            Self::Google => {
                let builder = GoogleCloudStorageBuilder::from_env().with_bucket_name(name);
                let builder = limits.into_iter().fold(builder, |builder, (key, value)| {
                    builder.with_config(GoogleConfigKey::Client(key), value)
                });
                Arc::new(builder.with_retry(retry).build()?)
            }
            Self::Azure => {
                let builder = MicrosoftAzureBuilder::from_env().with_container_name(name);
                let builder = limits.into_iter().fold(builder, |builder, (key, value)| {
                    builder.with_config(AzureConfigKey::Client(key), value)
                });
                Arc::new(builder.with_retry(retry).build()?)
            }
        })
    }
}

/// What went wrong, without an address that may hold a signature.
pub(super) fn words(error: &Error) -> String {
    match error {
        Error::NotFound { .. } => "is not there: is the bucket's name right?".to_owned(),
        Error::Unauthenticated { .. } | Error::PermissionDenied { .. } => {
            "may not be read with the credentials that the environment has (docs/readership.md)"
                .to_owned()
        }
        other => {
            let mut cause: &dyn std::error::Error = other;
            while let Some(inner) = cause.source() {
                cause = inner;
            }
            let cause = cause.to_string();
            // S3, Google and Azure all write errors as XML with these two elements.
            let within = |name: &str| {
                let (_, rest) = cause.split_once(&format!("<{name}>"))?;
                rest.split('<').next()
            };
            let shown = match (within("Code"), within("Message")) {
                (Some(code), Some(message)) => format!("{code}: {message}"),
                // An address may hold a signature.
                _ => cause.split("http").next().unwrap_or_default().to_owned(),
            };
            format!("could not be read: {}", Line::clean_to(&shown, 160))
        }
    }
}
