//! Litres and their units.

/// Returns litres as cubic metres.
///
/// ```
/// assert_eq!(cargo_sample::cubic_metres(3000.0), 3.0);
/// ```
pub fn cubic_metres(litres: f64) -> f64 {
    litres / 1000.0
}

#[cfg(test)]
mod tests {
    use super::cubic_metres;

    #[test]
    fn passes() {
        println!("3 m³ is 3000 l");
        assert_eq!(cubic_metres(3000.0), 3.0);
    }

    #[test]
    fn fails() {
        println!("вес: 531 г");
        assert_eq!(531, 500, "not 500 g");
    }

    #[test]
    fn größe() {}

    #[test]
    #[ignore = "needs a second scale"]
    fn ignored() {}

    #[test]
    #[should_panic(expected = "unknown unit")]
    fn panics_as_expected() {
        panic!("unknown unit: pint");
    }

    #[test]
    #[should_panic]
    fn does_not_panic() {}

    #[test]
    fn returns_an_error() -> Result<(), String> {
        Err("нет весов".to_string())
    }
}
