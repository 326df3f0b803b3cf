//! The RSA key of sandboxes, made in advance: making one takes seconds, and a sandbox starts in milliseconds.
//!
//! **Everybody knows it.** It signs the tokens of sandboxes and nothing else: whoever trusts it trusts anybody.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::signature::RsaKeyPair;

/// The modulus in base64url; the exponent is 65,537.
pub(super) const MODULUS: &str = concat!(
    "srzc5a8BwjbLaKOuoyVT2mxPyGUF1pQpK8bXA6QWzVA6V1oceCvdM_fwuTTQ4Cu61V3nzEzk1vLpthboLsRehnzK23p0ULipicaLDfz8Z41S",
    "jblAYhHgcpKTeiXcrkE9Vr8vEbB--7vKYFECGGJdowURQCEsz8SHOeK3dvwx42BMHkhqWvqbuS0SETHooTe629nZda7ECiXhnWC5CnsMp51E",
    "bJSJhjWR254QSe_FpIP10lUUsIUZAYozxP-",
    "wQncQclSJ5c0_s9osE7FPdnsq5izoz9SOfiroUX4ycmXS7f8JPd_0iT63miOMkTYFWvooi2bz_8jENfPgGWuLaIA6jw",
);

/// The key pair as PKCS #1 has it, 2048 bits.
const PAIR: &str = concat!(
    "MIIEowIBAAKCAQEAsrzc5a8BwjbLaKOuoyVT2mxPyGUF1pQpK8bXA6QWzVA6V1oceCvdM/fwuTTQ4Cu61V3nzEzk1vLpthboLsRehnzK23p0",
    "ULipicaLDfz8Z41SjblAYhHgcpKTeiXcrkE9Vr8vEbB++7vKYFECGGJdowURQCEsz8SHOeK3dvwx42BMHkhqWvqbuS0SETHooTe629nZda7E",
    "CiXhnWC5CnsMp51EbJSJhjWR254QSe/FpIP10lUUsIUZAYozxP+wQncQclSJ5c0/s9osE7FPdnsq5izoz9SOfiroUX4ycmXS7f8JPd/0iT63",
    "miOMkTYFWvooi2bz/8jENfPgGWuLaIA6jwIDAQABAoIBAEjEPQZBNm0UE8G5Casf0kCVYfHKtxLB5PUOkZDI6AOUSvwvEnIWIYs7wMQV7Yem",
    "Jf0hqvHwyCV+ZYmdT89iYL1N5uRtuRb35wXRT+FVAolB7r8GEWEbuA3NAL901KAYrVk4ongIK9pefKizsi+tNEPfF0PNfcnkT81QMLL/P2w6",
    "ozBKIGln5U9dLtShPwp6+WrtmoP/1Y6syC/7I0/6GoucEzz6CY/gFeBNdRKVcchNIPwhDpcw43zKiP/OPb8K4LPs6IPsx+aHIppRDe3VvW3G",
    "jtH4JBcHlgJvrYngbGtqq1TDo61u2+P562Pw3HR77ELwpP3wD5qJB21YomRiHHECgYEA9rFtfZMj2v04VZ/JRL94IiY4lnIGAHBZAePJUJjc",
    "iThQkfiwK2VagPyZh5SuBbpL+IgtJMkZEzNjuVtxwARZaHMrrtE1WqS8BqfYpbrA3sk+ZANpzbY5N3q4Z5WJ7Sx9Su1CoURioH77mupA511P",
    "aU4uRkWwfZq/C5epEAxq+2kCgYEAuXseo3sCkM4zXo8r1MoT6r8Pu4eCGeHfnS1q0WQf9kc3St3EvOgzmZMjdGBMlCfAVFJvmou/jIKl9Q9X",
    "Z9lnAuGGXOZ31JnW84ErW84YbgadPqVCxVFYaax9vEN+0KiKSQX8dDKiTCNrRHdzdU9rx0zVRtX6GEbSwIHzdNqunzcCgYANIC2iM9UBjt2T",
    "eLf9x2496uix4Ik/NrsVpagNeMSrLGrlCWVeObtSB56nnxqPRXVLWPuF7IlAA0j4EMyBmfmj3BTj7U+4bfFvLTkSwFgIwo5mReQ4RMzQjeAH",
    "6uX2z5ovBWa5K+lPftImUPZ5GPbjtHwz0vtsA3LMzBn7t51tmQKBgHsePJIrnuJb3UFRK7kNgfb6aAkEw9lGU1ZTxWnEWmrxjsRFPMhgIZA5",
    "WPlwyqQ1VrciGS6uwLEWL+7hBhXK+1OwO64C1Vvr2gC8pvlDbnfqMApbTF0Jx/QtKTEEZHNAzLn4HUFMMurzP8qst5kQ5OvgFln0wxPGPzLF",
    "j8LrPao1AoGBAKM2P3KrSGta/ozGLuVZbPO/xSXZiAFbKzEIXG4tbAAUoGLIoDRxh++WJbH56Ydr2IYWZwquU6UISYHosnG7tLDWb1e58O+Y",
    "P/rBLYy2Lz9Ujw7aNRRxJgIERDgYjiAqKEKyywA+fBji7Rrru9Z44AXh6F7DdSnCVnX+BirrM0e3",
);

/// The key pair, read anew: what needs it is rare.
pub(super) fn pair() -> RsaKeyPair {
    let bytes = STANDARD.decode(PAIR).expect("the text above is base64");
    RsaKeyPair::from_der(&bytes).expect("the text above is a key")
}
