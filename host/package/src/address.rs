//! Whether an address leads out of the house: for all that connects where a stranger says, be it a
//! plugin's grant, a webhook's receiver or a registry. Pure: nothing is resolved here. Whoever connects
//! checks the address that a name resolved to, not the name.

use std::net::IpAddr;

/// Whether an address is on the public Internet, by the special-purpose registries of RFC 6890 and
/// its successors. Addresses that carry an IPv4 address inside (mapped, NAT64, 6to4) count as that.
pub fn is_global(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            !(ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_multicast()
                || ip.is_broadcast()
                || ip.is_documentation()
                || a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b))
                || (a == 192 && b == 0 && c == 0)
                || (a == 198 && (b == 18 || b == 19)))
        }
        IpAddr::V6(ip) => {
            let s = ip.segments();
            let inner = |high: u16, low: u16| {
                let [a, b] = high.to_be_bytes();
                let [c, d] = low.to_be_bytes();
                is_global(IpAddr::V4(std::net::Ipv4Addr::new(a, b, c, d)))
            };
            if s[..5] == [0; 5] && (s[5] == 0xffff || s[5] == 0) {
                return s[5] == 0xffff && inner(s[6], s[7]);
            }
            if s[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
                return inner(s[6], s[7]);
            }
            if s[0] == 0x2002 {
                return inner(s[1], s[2]);
            }
            // Global unicast is 2000::/3, less documentation, Teredo, benchmarking and ORCHID.
            (s[0] & 0xe000) == 0x2000
                && !(s[0] == 0x2001 && (s[1] < 0x200 || s[1] == 0xdb8))
                && !(s[0] == 0x3fff && s[1] < 0x1000)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_global() {
        for local in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "::7f00:1",
        ] {
            assert!(!is_global(local.parse().unwrap()), "{local}");
        }
        for public in [
            "1.1.1.1",
            "93.184.216.34",
            "2606:4700::1111",
            "::ffff:1.1.1.1",
        ] {
            assert!(is_global(public.parse().unwrap()), "{public}");
        }
    }
}
