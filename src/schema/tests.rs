//! The schema against the loader: what is good validates, planted mistakes are refused by both.
