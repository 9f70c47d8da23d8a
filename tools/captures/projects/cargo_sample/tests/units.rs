//! A second binary, in which a test has the name of one in the library.

mod tests {
    #[test]
    fn passes() {
        assert_eq!(cargo_sample::cubic_metres(0.0), 0.0);
    }
}
