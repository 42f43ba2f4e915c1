//! A counter with all that it has counted.

use std::borrow::Cow;
use std::fmt;

use crate::telemetry::Label;

/// How the numbers of a [`Family`] are to be read, as Prometheus has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// They only grow, from the launch on.
    Counter,
    /// They go up and down.
    Gauge,
    /// They only grow; each bucket counts what was at most its bound `le`, beside a sum and a count.
    Histogram,
}

/// The type as the text format of Prometheus names it, such as `counter`.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        })
    }
}

/// The numbers of one name, of which there is one for each combination of labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Family {
    name: &'static str,
    help: &'static str,
    kind: Kind,
    samples: Vec<Sample>,
}

/// One number, with its labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    name: &'static str,
    labels: Vec<(&'static str, Cow<'static, str>)>,
    value: f64,
}

impl Family {
    pub(super) fn new(name: &'static str, kind: Kind, help: &'static str) -> Self {
        Family { name, help, kind, samples: Vec::new() }
    }

    pub(super) fn with_samples(self, samples: impl IntoIterator<Item = Sample>) -> Self {
        Family { samples: samples.into_iter().collect(), ..self }
    }

    /// One number, without labels.
    pub(super) fn with_number(self, number: u64) -> Self {
        let sample = Sample::new(self.name, [], number);
        self.with_samples([sample])
    }

    /// One number of seconds, without labels.
    pub(super) fn with_value(self, value: f64) -> Self {
        let sample = Sample::new(self.name, [], 0).with_value(value);
        self.with_samples([sample])
    }

    /// A number for each value of the label `L`.
    pub(super) fn by_label<L: Label>(self, numbers: impl IntoIterator<Item = (L, u64)>) -> Self {
        let numbers = numbers.into_iter().map(|(label, number)| (label.text(), number));
        self.by(L::NAME, numbers)
    }

    /// A number for each text of a label.
    pub(super) fn by(
        self,
        label: &'static str,
        numbers: impl IntoIterator<Item = (&'static str, u64)>,
    ) -> Self {
        let name = self.name;
        let sample = |(text, number)| Sample::new(name, [(label, text)], number);
        self.with_samples(numbers.into_iter().map(sample))
    }

    /// The full name, such as `rocket_cognito_admissions_total`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What is counted, in a sentence.
    #[must_use]
    pub fn help(&self) -> &'static str {
        self.help
    }

    /// How the numbers are to be read.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// All numbers: one for each combination of labels, from the launch on.
    #[must_use]
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }
}

impl Sample {
    pub(super) fn new<const N: usize>(
        name: &'static str,
        labels: [(&'static str, &'static str); N],
        number: u64,
    ) -> Self {
        let labels = labels.into_iter().map(|(label, text)| (label, text.into())).collect();
        Sample { name, labels, value: number as f64 }
    }

    pub(super) fn with_label(mut self, label: &'static str, text: String) -> Self {
        self.labels.push((label, text.into()));
        self
    }

    pub(super) fn with_value(self, value: f64) -> Self {
        Sample { value, ..self }
    }

    /// The name of this number: that of its family, and for a histogram `_bucket`, `_sum` or `_count` behind it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The labels by their names. None holds anything that a visitor chooses.
    pub fn labels(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.labels.iter().map(|(label, text)| (*label, text.as_ref()))
    }

    /// The number.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Whether it has exactly these labels, in whatever order.
    pub(super) fn has_labels(&self, labels: &[(&str, &str)]) -> bool {
        self.labels.len() == labels.len() && self.labels().all(|label| labels.contains(&label))
    }
}

/// A line of the text format, without its end.
impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        for (place, (label, text)) in self.labels().enumerate() {
            // No text needs escapes.
            write!(f, "{}{label}=\"{text}\"", if place == 0 { '{' } else { ',' })?;
        }
        let end = if self.labels.is_empty() { "" } else { "}" };
        write!(f, "{end} {}", self.value)
    }
}

/// The lines of the text format: help, type and samples.
impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Family { name, help, kind, samples } = self;
        writeln!(f, "# HELP {name} {help}")?;
        writeln!(f, "# TYPE {name} {kind}")?;
        samples.iter().try_for_each(|sample| writeln!(f, "{sample}"))
    }
}
