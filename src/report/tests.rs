//! One report in every form.
