//! Which events and deliveries a command is about: flags, and the query that they become.

/// Which events.
#[derive(clap::Args, Debug)]
pub(super) struct WantedEvents {
    /// Of this source
    #[arg(long)]
    source: Option<String>,
    /// Of this type
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// With a delivery in this state, or `unmatched`, or `id_conflict`
    #[arg(long)]
    status: Option<String>,
    /// That this rule matched
    #[arg(long)]
    rule: Option<String>,
    /// Not before: a time, or a duration before now such as 1h
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Not after: a time, or a duration before now such as 10m
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// With this text in the body, byte for byte
    #[arg(long)]
    text: Option<String>,
}

/// Which deliveries.
#[derive(clap::Args, Debug)]
pub(super) struct WantedDeliveries {
    /// In this state: waiting due started delivered dead in_doubt cancelled
    #[arg(long)]
    state: Option<String>,
    /// To this connection
    #[arg(long)]
    connection: Option<String>,
    /// Of this rule
    #[arg(long)]
    rule: Option<String>,
    /// Of this event
    #[arg(long)]
    event: Option<String>,
    /// With this text in the last error, such as `status 503`
    #[arg(long, value_name = "TEXT")]
    error: Option<String>,
    /// Accepted not before: a time, or a duration before now such as 1h
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Accepted not after: a time, or a duration before now such as 10m
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
}

/// The parts of a query, by name.
pub(super) type Parts = Vec<(&'static str, String)>;

impl WantedEvents {
    /// The parts of a query that were asked for.
    pub(super) fn query(&self) -> Parts {
        asked(&[
            ("source", &self.source),
            ("type", &self.kind),
            ("status", &self.status),
            ("rule", &self.rule),
            ("since", &self.since),
            ("until", &self.until),
            ("text", &self.text),
        ])
    }
}

impl WantedDeliveries {
    /// The parts of a query that were asked for.
    pub(super) fn query(&self) -> Parts {
        asked(&[
            ("state", &self.state),
            ("connection", &self.connection),
            ("rule", &self.rule),
            ("event", &self.event),
            ("error", &self.error),
            ("since", &self.since),
            ("until", &self.until),
        ])
    }
}

fn asked(parts: &[(&'static str, &Option<String>)]) -> Parts {
    parts.iter().filter_map(|(name, value)| Some((*name, value.as_ref()?.clone()))).collect()
}
