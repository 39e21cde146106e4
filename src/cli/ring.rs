//! `doorbell ring`: make, sign and send a realistic event, or print it as a curl line.
